import assert from "node:assert/strict";
import type { Machine } from "#services/sfn/language/definition.ts";
import { changeOf, withChange } from "#services/sfn/language/interpreter/changes.ts";
import type { Effect } from "#services/sfn/language/interpreter/effects.ts";
import type { Occurrence, StepEvent } from "#services/sfn/language/interpreter/events.ts";
import type { Execution, Origin } from "#services/sfn/language/interpreter/execution.ts";
import type { HistoryEvent } from "#services/sfn/language/interpreter/history.ts";
import { pendingEffects } from "#services/sfn/language/interpreter/pending.ts";
import { step } from "#services/sfn/language/interpreter/step.ts";
import { parseDefinition } from "#services/sfn/language/parse/parse.ts";
import { invalidDefinitionMessage } from "#services/sfn/language/diagnostics.ts";

type Task = Extract<Effect, { kind: "task" }>;
type MapRun = Extract<Effect, { kind: "mapRun" }>;

/** What a test's task answers: a value, a failure, or nothing yet. */
export type Answer =
  | { readonly output: unknown; readonly submitted?: unknown; readonly afterMs?: number }
  | { readonly error: string; readonly cause?: string; readonly afterMs?: number; readonly at?: "schedule" | "start" | "submit" }
  | undefined;

export type DriverOptions = {
  readonly input?: unknown;
  readonly tasks?: (input: unknown, task: Task) => Answer;
  readonly mapRuns?: (run: MapRun) => readonly Occurrence[];
  readonly budget?: number;
  readonly origin?: Partial<Origin>;
  /** Asked before each step: true loses everything but the persisted execution, as a crash would. */
  readonly crash?: () => boolean;
  /** Things done from outside at a time, such as a stop. */
  readonly at?: readonly { readonly ms: number; readonly occurrence: Occurrence }[];
  readonly maxSteps?: number;
};

export type Outcome = {
  readonly execution: Execution;
  readonly history: readonly HistoryEvent[];
  readonly output: unknown;
  readonly elapsedMs: number;
  readonly steps: number;
};

export const machineOf = (definition: unknown): Machine => {
  const { machine, diagnostics } = parseDefinition(typeof definition === "string" ? definition : JSON.stringify(definition));
  if (machine === undefined) throw new Error(invalidDefinitionMessage(diagnostics));
  return machine;
};

export const epoch = Date.parse("2026-01-01T00:00:00.000Z");

export const originOf = (input: unknown, origin: Partial<Origin> = {}): Origin => ({
  executionArn: "arn:aws:states:us-east-1:000000000000:execution:machine:run",
  name: "run",
  roleArn: "arn:aws:iam::000000000000:role/machine",
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
  stateMachineName: "machine",
  region: "us-east-1",
  input: typeof input === "string" && input.startsWith("raw:") ? input.slice(4) : JSON.stringify(input ?? {}),
  historyLimit: 25_000,
  ...origin,
});

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Runs a machine to its end in virtual time. */
export class Driver {
  readonly #machine: Machine;
  readonly #options: DriverOptions;
  readonly #queue: { readonly at: number; readonly order: number; readonly occurrence: Occurrence }[] = [];
  readonly history: HistoryEvent[] = [];
  execution: Execution | undefined;
  #now = epoch;
  #steps = 0;
  #order = 0;

  constructor(definition: unknown, options: DriverOptions = {}) {
    this.#machine = machineOf(definition);
    this.#options = options;
  }

  async run(): Promise<Outcome> {
    this.#later(epoch, { kind: "started", origin: originOf(this.#options.input, this.#options.origin) });
    for (const { ms, occurrence } of this.#options.at ?? []) this.#later(epoch + ms, occurrence);
    return this.#drain();
  }

  /** Goes on after the end: with a redrive. */
  async redrive(): Promise<Outcome> {
    this.#queue.length = 0;
    this.#later(this.#now, { kind: "redrive" });
    return this.#drain();
  }

  async #drain(): Promise<Outcome> {
    const start = this.#now;
    for (;;) {
      if (
        this.execution !== undefined &&
        this.execution.status !== "RUNNING" &&
        !this.#queue.some(({ occurrence }) => occurrence.kind === "redrive")
      )
        break;
      const next = this.#queue.toSorted((left, right) => left.at - right.at || left.order - right.order)[0];
      if (next === undefined) throw new Error(`The execution waits for nothing: ${JSON.stringify(this.execution?.threads)}`);
      this.#queue.splice(this.#queue.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      await this.#step(next.occurrence);
    }
    const { execution } = this;
    const output = execution.output === undefined ? undefined : (JSON.parse(execution.output) as unknown);
    return { execution, history: this.history, output, elapsedMs: this.#now - start, steps: this.#steps };
  }

  async #step(occurrence: Occurrence): Promise<void> {
    this.#steps += 1;
    if (this.#steps > (this.#options.maxSteps ?? 100_000)) throw new Error("Too many steps");
    const event: StepEvent = { now: this.#now, entropy: `step ${this.#steps}`, ...occurrence };
    const { budget } = this.#options;
    const result = await step(this.#machine, this.execution, { event, ...(budget === undefined ? {} : { budget }) });
    const crashed = this.#options.crash?.() ?? false;
    const persisted = throughJson(result.execution);
    if (this.execution) {
      // What the journal keeps of a step gives the same execution as the whole of it.
      const change = throughJson(changeOf(this.execution, result.execution));
      assert.deepEqual(throughJson(withChange(this.execution, change)), persisted);
    }
    this.execution = persisted;
    this.history.push(...result.history);
    if (result.wakeAt !== undefined) this.#later(result.wakeAt, { kind: "wake" });
    if (crashed) this.#restart(result.wakeAt);
    else result.effects.forEach((effect) => this.#do(effect));
  }

  /** Everything in flight is lost; what the execution still waits for is done again. */
  #restart(wakeAt: number | undefined): void {
    const outside = this.#queue.filter(({ occurrence }) => occurrence.kind === "stop");
    this.#queue.length = 0;
    this.#queue.push(...outside);
    if (wakeAt !== undefined) this.#later(wakeAt, { kind: "wake" });
    if (this.execution) pendingEffects(this.execution).forEach((effect) => this.#do(effect));
  }

  #later(at: number, occurrence: Occurrence): void {
    this.#order += 1;
    this.#queue.push({ at, order: this.#order, occurrence });
  }

  #do(effect: Effect): void {
    if (effect.kind === "task") this.#runTask(effect);
    if (effect.kind === "mapRun") for (const occurrence of this.#options.mapRuns?.(effect) ?? []) this.#later(this.#now, occurrence);
  }

  #runTask(task: Task): void {
    const { key } = task;
    const answer = this.#options.tasks
      ? this.#options.tasks(JSON.parse(task.input) as unknown, task)
      : { output: JSON.parse(task.input) as unknown };
    if (answer === undefined) return;
    const at = this.#now + (answer.afterMs ?? 0);
    if (!("error" in answer)) {
      this.#later(this.#now, { kind: "taskStarted", key });
      if (answer.submitted !== undefined) this.#later(this.#now, { kind: "taskSubmitted", key, output: JSON.stringify(answer.submitted) });
      this.#later(at, { kind: "taskSucceeded", key, output: JSON.stringify(answer.output) });
      return;
    }
    const { error, cause } = answer;
    if (answer.at === undefined) this.#later(this.#now, { kind: "taskStarted", key });
    this.#later(at, { kind: "taskFailed", key, error, ...(cause === undefined ? {} : { cause }), ...(answer.at ? { at: answer.at } : {}) });
  }
}

export const runMachine = (definition: unknown, options: DriverOptions = {}): Promise<Outcome> => new Driver(definition, options).run();

/** A history in short: `3<2 PassStateExited`. */
export const outline = (history: readonly HistoryEvent[]): string[] =>
  history.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);

/** Events without their times. */
export const timeless = (history: readonly HistoryEvent[]): object[] =>
  history.map((event) => Object.fromEntries(Object.entries(event).filter(([key]) => key !== "timestamp")));
