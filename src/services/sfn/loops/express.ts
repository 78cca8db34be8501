import { setImmediate as nextTurn } from "node:timers/promises";
import type { Tasks } from "../integrations/tasks.ts";
import type { Occurrence } from "../language/interpreter/events.ts";
import type { Execution, Origin } from "../language/interpreter/execution.ts";
import type { HistoryEvent } from "../language/interpreter/history.ts";
import type { Revision } from "../machine-rows.ts";
import type { Parsed } from "../parsed-machines.ts";

const longestTimerMs = 2 ** 31 - 1;

type Parts = {
  tasks: Tasks;
  now: () => number;
  newId: () => string;
  /** Told of the events of each step. */
  told(revision: Revision, execution: Execution, history: readonly HistoryEvent[]): void;
};

/** Runs Express executions: in memory from start to end, and lost with the process, as on AWS. */
export type ExpressRuns = {
  /** Resolves with the execution when it has ended, which `stop` may bring about, or when the cloud closes. */
  run(parsed: Parsed, origin: Origin, stop?: AbortSignal): Promise<Execution>;
  close(): void;
};

export const newExpressRuns = (parts: Parts): ExpressRuns => {
  const closing = new AbortController();
  return {
    run: (parsed, origin, stop) => run(parsed, origin, { ...parts, closing: closing.signal, stop }),
    close: () => closing.abort(),
  };
};

type Signals = { closing: AbortSignal; stop: AbortSignal | undefined };

const run = async ({ machine, revision }: Parsed, origin: Origin, parts: Parts & Signals): Promise<Execution> => {
  const { now, newId, closing, stop } = parts;
  const { step } = await import("../language/interpreter/step.ts");
  const mail = new Mailbox(closing);
  stop?.addEventListener("abort", () => mail.put({ kind: "stop" }), { once: true });
  const performing = new Map<string, AbortController>();
  const perform = performer(parts, { origin, mail, performing });
  let occurrence: Occurrence | undefined = { kind: "started", origin };
  let execution: Execution | undefined;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each step goes on from the one before
    const result = await step(machine, execution, { event: { now: now(), entropy: newId(), ...occurrence } });
    execution = result.execution;
    parts.told(revision, execution, result.history);
    for (const effect of result.effects) {
      if (effect.kind === "task") perform(effect);
      else if (effect.kind === "cancelTask") performing.get(effect.key)?.abort();
    }
    if (execution.status !== "RUNNING" || closing.aborted) return execution;
    // oxlint-disable-next-line no-await-in-loop
    occurrence = mail.take() ?? (await mail.next(result.wakeAt, now));
  }
};

type Running = { origin: Origin; mail: Mailbox; performing: Map<string, AbortController> };

const performer =
  ({ tasks }: Parts, { origin, mail, performing }: Running) =>
  (effect: Parameters<Tasks["perform"]>[0]): void => {
    const stop = new AbortController();
    performing.set(effect.key, stop);
    const tell = async (occurrence: Occurrence) => mail.put(occurrence);
    void tasks.perform(effect, { origin, signal: stop.signal, tell }).then(tell);
  };

class Mailbox {
  readonly #mail: Occurrence[] = [];
  readonly #closing: AbortSignal;
  #arrived: (() => void) | undefined;

  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  put(occurrence: Occurrence): void {
    this.#mail.push(occurrence);
    this.#arrived?.();
  }

  take(): Occurrence | undefined {
    return this.#mail.shift();
  }

  /** What comes first: something that happened, or the time to wake. */
  async next(wakeAt: number | undefined, now: () => number): Promise<Occurrence> {
    const delay = wakeAt === undefined ? longestTimerMs : Math.min(wakeAt - now(), longestTimerMs);
    // A chain that never waits lets requests in between.
    if (delay <= 0) await nextTurn();
    else
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delay).unref();
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
        this.#closing.addEventListener("abort", this.#arrived, { once: true });
      });
    if (this.#arrived) this.#closing.removeEventListener("abort", this.#arrived);
    this.#arrived = undefined;
    return this.take() ?? { kind: "wake" };
  }
}
