import { Mailboxes } from "#reconcile/mailboxes.ts";
import { activityDoesNotExist, executionAlreadyExists } from "../faults.ts";
import type { ExecutionRecord, TaskRecord } from "../execution-rows.ts";
import { mapRunChanges } from "../map-runs/changes.ts";
import type { TaskEffect, Tasks } from "../integrations/tasks.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence } from "../language/interpreter/events.ts";
import type { Execution, Origin } from "../language/interpreter/execution.ts";
import type { HistoryEvent } from "../language/interpreter/history.ts";
import type { step as Step } from "../language/interpreter/step.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";
import { lostTasks } from "../lost-tasks.ts";
import type { ParsedMachines } from "../parsed-machines.ts";

/** What comes for an execution. `look`: wake when it is due, and do again what a crash may have cut off; `settle`: have its rows written. */
type Letter = Occurrence | { readonly kind: "look" } | { readonly kind: "settle" };

type Parts = {
  executions: Pick<JournalledExecutions, "find" | "commit" | "settle">;
  parsed: ParsedMachines;
  tasks: Tasks;
  now: () => number;
  newId: () => string;
  /** Told when an execution wants to be woken. */
  wakeAt(at: number): void;
  /** Told of an execution whose step could not be kept: it is to be looked at again. */
  failed(arn: string, error: unknown): void;
  /** Told of the events of each commit. */
  told(record: ExecutionRecord, history: readonly HistoryEvent[]): void;
  /** Told of activities that have a task for a worker. */
  queued(activityArn: string): void;
  hasActivity(activityArn: string): Promise<boolean>;
  /** Told of executions whose map runs begin, go on or are to end. */
  mapRunsChanged(executionArn: string): void;
  /** Told of map runs of which a child has ended. */
  childEnded(mapRunArn: string): void;
};

export type Birth = Omit<ExecutionRecord, "execution" | "wakeAt" | "step">;
/** What the steps of one commit came to. */
type Steps = { execution: Execution | undefined; wakeAt: number | undefined; history: HistoryEvent[]; effects: Effect[] };

/** Drives Standard executions: for each a mailbox, emptied into one commit, and its effects done after that. */
export class Workflows {
  readonly #parts: Parts;
  readonly #mailboxes: Mailboxes<Letter, ExecutionRecord>;
  readonly #inFlight = new Map<string, AbortController>();
  /** Loaded when the first execution moves: no start waits for it. */
  #step: typeof Step | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#mailboxes = new Mailboxes<Letter, ExecutionRecord>({
      open: (arn) => parts.executions.find(arn),
      take: (record, letters) => this.#advance(record, letters),
      isDue: (record) => this.#isDue(record),
      closed: (_arn, record) => {
        if (record?.wakeAt !== undefined) parts.wakeAt(record.wakeAt);
      },
      failed: parts.failed,
    });
  }

  /** Begins an execution: when this resolves, its first step is durable. */
  async start(birth: Birth, origin: Origin): Promise<Execution> {
    const steps = await this.#steps(birth, { execution: undefined, wakeAt: undefined }, [{ kind: "started", origin }]);
    const { execution, wakeAt } = steps;
    if (!execution) throw new Error("The first step gave no execution");
    const record: ExecutionRecord = { ...birth, execution, wakeAt, step: 1 };
    const begin = async () => {
      if (!(await this.#commit(record, steps, undefined))) return undefined;
      this.#perform(record, steps.effects);
      return record;
    };
    if (this.#mailboxes.has(birth.arn)) await this.look(birth.arn);
    else if (await this.#mailboxes.begin(birth.arn, begin)) return execution;
    throw executionAlreadyExists(birth.arn);
  }

  /** Resolves with the execution when what happened is durable; with nothing if there is no such execution. */
  async tell(arn: string, occurrence: Letter): Promise<Execution | undefined> {
    return (await this.#mailboxes.post(arn, occurrence))?.execution;
  }

  /** Has the rows of an execution written of which the journal knows more. */
  async settle(arn: string): Promise<void> {
    await this.tell(arn, { kind: "settle" });
  }

  async look(arn: string): Promise<void> {
    if (!this.#mailboxes.isClosed) await this.tell(arn, { kind: "look" });
  }

  close(): void {
    this.#mailboxes.close();
  }

  #isDue({ wakeAt }: ExecutionRecord): boolean {
    return wakeAt !== undefined && wakeAt <= this.#parts.now();
  }

  async #advance(record: ExecutionRecord, letters: readonly Letter[]): Promise<ExecutionRecord> {
    const occurrences = letters.filter((letter) => letter.kind !== "look" && letter.kind !== "settle");
    if (this.#isDue(record)) occurrences.push({ kind: "wake" });
    let after = record;
    if (occurrences.length > 0) {
      const steps = await this.#steps(record, record, occurrences);
      after = { ...record, execution: steps.execution ?? record.execution, wakeAt: steps.wakeAt, step: record.step + 1 };
      if (after.execution !== record.execution) await this.#commit(after, steps, record);
      this.#perform(after, steps.effects);
    }
    if (letters.some(({ kind }) => kind === "settle")) await this.#parts.executions.settle(record.arn);
    if (letters.some(({ kind }) => kind === "look")) this.#perform(after, lostTasks(after.execution));
    return after;
  }

  async #steps(birth: Birth, before: Pick<Steps, "execution" | "wakeAt">, occurrences: readonly Occurrence[]): Promise<Steps> {
    const { now, newId } = this.#parts;
    const { machine } = await this.#parts.parsed.get(birth.revisionId);
    const step = (this.#step ??= (await import("../language/interpreter/step.ts")).step);
    const steps: Steps = { execution: before.execution, wakeAt: before.wakeAt, history: [], effects: [] };
    for (const occurrence of occurrences) {
      if (steps.execution !== undefined && steps.execution.status !== "RUNNING" && occurrence.kind !== "redrive") continue;
      // oxlint-disable-next-line no-await-in-loop -- each step goes on from the one before
      const result = await step(machine, steps.execution, { event: { now: now(), entropy: newId(), ...occurrence } });
      steps.execution = result.execution;
      steps.wakeAt = result.execution.status === "RUNNING" ? result.wakeAt : undefined;
      steps.history.push(...result.history);
      steps.effects.push(...result.effects);
    }
    return steps;
  }

  async #commit(record: ExecutionRecord, { history, effects }: Steps, before: ExecutionRecord | undefined): Promise<boolean> {
    const newTasks = effects.flatMap((effect) => recordOf(record.arn, effect));
    const mapRuns = effects.flatMap((effect) => mapRunChanges(record, effect, this.#parts.newId));
    const isDone = await this.#parts.executions.commit({ record, before, history, newTasks, mapRuns }, this.#parts.now());
    if (!isDone) return false;
    this.#parts.told(record, history);
    if (mapRuns.length > 0) this.#parts.mapRunsChanged(record.arn);
    if (record.child && record.execution.status !== "RUNNING") this.#parts.childEnded(record.child.mapRunArn);
    for (const { activityArn } of newTasks) if (activityArn !== undefined) this.#parts.queued(activityArn);
    return true;
  }

  #perform({ arn, execution: { origin, startedAt } }: ExecutionRecord, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "finished") continue;
      const id = `${arn} ${effect.key}`;
      if (effect.kind === "cancelTask") this.#inFlight.get(id)?.abort();
      if (effect.kind !== "task" || this.#inFlight.has(id)) continue;
      if (effect.resource.kind === "activity") {
        void this.#orReport(arn, this.#checkActivity(arn, { key: effect.key, activityArn: effect.resource.arn }));
        continue;
      }
      const stop = new AbortController();
      this.#inFlight.set(id, stop);
      void this.#orReport(arn, this.#do(effect, { arn, origin, startedAt, stop })).finally(() => this.#inFlight.delete(id));
    }
  }

  /** A task for an activity that is not there fails at once: no worker could ever take it. */
  async #checkActivity(arn: string, { key, activityArn }: { key: string; activityArn: string }): Promise<void> {
    if (await this.#parts.hasActivity(activityArn)) return;
    const { message } = activityDoesNotExist(activityArn);
    await this.tell(arn, { kind: "taskFailed", key, error: "States.Runtime", cause: message, at: "schedule" });
  }

  async #do(effect: TaskEffect, at: { arn: string; origin: Origin; startedAt: number; stop: AbortController }): Promise<void> {
    const { arn, origin, startedAt, stop } = at;
    const tell = async (occurrence: Occurrence) => void (await this.tell(arn, occurrence));
    await tell(await this.#parts.tasks.perform(effect, { origin, signal: stop.signal, tell, durableId: `${arn} ${startedAt}` }));
  }

  async #orReport(arn: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#mailboxes.isClosed) this.#parts.failed(arn, error);
    }
  }
}

const recordOf = (executionArn: string, effect: Effect): TaskRecord[] => {
  if (effect.kind !== "task" || effect.token === undefined) return [];
  const { token, key, resource } = effect;
  return [{ token, executionArn, key, activityArn: resource.kind === "activity" ? resource.arn : undefined, job: undefined }];
};
