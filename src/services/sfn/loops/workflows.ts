import { executionAlreadyExists } from "../faults.ts";
import type { ExecutionRecord, ExecutionRows, TaskRecord } from "../execution-rows.ts";
import { mapRunChanges } from "../map-runs/changes.ts";
import type { TaskEffect, Tasks } from "../integrations/tasks.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence } from "../language/interpreter/events.ts";
import type { Execution, Origin } from "../language/interpreter/execution.ts";
import type { HistoryEvent } from "../language/interpreter/history.ts";
import { pendingEffects } from "../language/interpreter/pending.ts";
import { step } from "../language/interpreter/step.ts";
import type { ParsedMachines } from "../parsed-machines.ts";

type Mail = {
  /** `look`: wake when it is due, and do again what a crash may have cut off. */
  occurrence: Occurrence | { readonly kind: "look" };
  resolve(execution: Execution | undefined): void;
  reject(error: unknown): void;
};

type Active = { mail: Mail[]; record: ExecutionRecord | undefined };

type Parts = {
  executions: ExecutionRows;
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
  /** Told of executions whose map runs begin, go on or are to end. */
  mapRunsChanged(executionArn: string): void;
  /** Told of map runs of which a child has ended. */
  childEnded(mapRunArn: string): void;
};

export type Birth = Omit<ExecutionRecord, "execution" | "wakeAt">;
/** What the steps of one commit came to. */
type Steps = { execution: Execution | undefined; wakeAt: number | undefined; history: HistoryEvent[]; effects: Effect[] };

/**
 * Drives Standard executions: for each a mailbox, emptied into one commit, and its effects done after that. An execution that waits has a row and
 * nothing here.
 */
export class Workflows {
  readonly #parts: Parts;
  readonly #active = new Map<string, Active>();
  readonly #inFlight = new Map<string, AbortController>();
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins an execution: when this resolves, its first step is durable. */
  async start(birth: Birth, origin: Origin): Promise<Execution> {
    const steps = await this.#steps(birth, { execution: undefined, wakeAt: undefined }, [{ kind: "started", origin }]);
    if (!steps.execution) throw new Error("The first step gave no execution");
    const record: ExecutionRecord = { ...birth, execution: steps.execution, wakeAt: steps.wakeAt };
    const active = { mail: [], record };
    if (this.#active.has(birth.arn)) await this.look(birth.arn);
    else if (await this.#begin(active, steps)) return steps.execution;
    throw executionAlreadyExists(birth.arn);
  }

  /** Held from before the commit: a sweep that finds the new row must not do its effects a second time. */
  async #begin(active: Active & { record: ExecutionRecord }, steps: Steps): Promise<boolean> {
    const { record } = active;
    this.#active.set(record.arn, active);
    let isDone = false;
    try {
      isDone = await this.#commit(record, steps, true);
      if (isDone) this.#perform(record, steps.effects);
    } finally {
      // What was told meanwhile is for the execution that has the name already.
      void this.#run(record.arn, isDone ? active : Object.assign<Active, Partial<Active>>(active, { record: undefined }));
    }
    return isDone;
  }

  /** Resolves with the execution when what happened is durable; with nothing if there is no such execution. */
  tell(arn: string, occurrence: Mail["occurrence"]): Promise<Execution | undefined> {
    if (this.#closed) return Promise.reject(new Error("The cloud is stopping."));
    return new Promise((resolve, reject) => {
      const active = this.#active.get(arn);
      if (active) {
        active.mail.push({ occurrence, resolve, reject });
        return;
      }
      const begun: Active = { mail: [{ occurrence, resolve, reject }], record: undefined };
      this.#active.set(arn, begun);
      void this.#run(arn, begun);
    });
  }

  async look(arn: string): Promise<void> {
    if (!this.#closed) await this.tell(arn, { kind: "look" });
  }

  close(): void {
    this.#closed = true;
  }

  async #run(arn: string, active: Active): Promise<void> {
    let batch: Mail[] = [];
    try {
      active.record ??= await this.#parts.executions.find(arn);
      while (active.mail.length > 0 || this.#isDue(active.record)) {
        if (this.#closed) break;
        batch = active.mail.splice(0);
        // oxlint-disable-next-line no-await-in-loop -- one commit after the other
        if (active.record) active.record = await this.#advance(active.record, batch);
        for (const { resolve } of batch) resolve(active.record?.execution);
        batch = [];
      }
      this.#active.delete(arn);
      for (const { reject } of active.mail) reject(new Error("The cloud is stopping."));
      const { record } = active;
      if (record?.wakeAt !== undefined) this.#parts.wakeAt(record.wakeAt);
    } catch (error) {
      this.#active.delete(arn);
      for (const { reject } of [...batch, ...active.mail]) reject(error);
      if (!this.#closed) this.#parts.failed(arn, error);
    }
  }

  #isDue(record: ExecutionRecord | undefined): boolean {
    return record?.wakeAt !== undefined && record.wakeAt <= this.#parts.now();
  }

  async #advance(record: ExecutionRecord, batch: readonly Mail[]): Promise<ExecutionRecord> {
    const occurrences = batch.flatMap(({ occurrence }) => (occurrence.kind === "look" ? [] : [occurrence]));
    if (this.#isDue(record)) occurrences.push({ kind: "wake" });
    let after = record;
    if (occurrences.length > 0) {
      const steps = await this.#steps(record, record, occurrences);
      after = { ...record, execution: steps.execution ?? record.execution, wakeAt: steps.wakeAt };
      if (after.execution !== record.execution) await this.#commit(after, steps, false);
      this.#perform(after, steps.effects);
    }
    if (batch.some(({ occurrence }) => occurrence.kind === "look")) this.#perform(after, lostTasks(after.execution));
    return after;
  }

  async #steps(birth: Birth, before: Pick<Steps, "execution" | "wakeAt">, occurrences: readonly Occurrence[]): Promise<Steps> {
    const { now, newId } = this.#parts;
    const { machine } = await this.#parts.parsed.get(birth.revisionId);
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

  async #commit(record: ExecutionRecord, { history, effects }: Steps, isNew: boolean): Promise<boolean> {
    const newTasks = effects.flatMap((effect) => recordOf(record.arn, effect));
    const mapRuns = effects.flatMap((effect) => mapRunChanges(record, effect, this.#parts.newId));
    const isPending = lostTasks(record.execution).length > 0;
    const isDone = await this.#parts.executions.commit({ record, isNew, history, isPending, newTasks, mapRuns }, this.#parts.now());
    if (!isDone) return false;
    this.#parts.told(record, history);
    if (mapRuns.length > 0) this.#parts.mapRunsChanged(record.arn);
    if (record.child && record.execution.status !== "RUNNING") this.#parts.childEnded(record.child.mapRunArn);
    for (const { activityArn } of newTasks) if (activityArn !== undefined) this.#parts.queued(activityArn);
    return true;
  }

  #perform({ arn, revisionId, execution: { origin } }: ExecutionRecord, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "finished") continue;
      const id = `${arn} ${effect.key}`;
      if (effect.kind === "cancelTask") this.#inFlight.get(id)?.abort();
      if (effect.kind !== "task" || effect.resource.kind === "activity" || this.#inFlight.has(id)) continue;
      const stop = new AbortController();
      this.#inFlight.set(id, stop);
      void this.#do(effect, { arn, revisionId, origin, stop }).finally(() => this.#inFlight.delete(id));
    }
  }

  async #do(effect: TaskEffect, at: { arn: string; revisionId: string; origin: Origin; stop: AbortController }): Promise<void> {
    const { arn, origin, stop } = at;
    const tell = async (occurrence: Occurrence) => void (await this.tell(arn, occurrence));
    try {
      await tell(await this.#parts.tasks.perform(effect, { origin, signal: stop.signal, tell }));
    } catch (error) {
      if (!this.#closed) this.#parts.failed(arn, error);
    }
  }
}

/** What nobody would answer after a crash: calls under way, and jobs that are waited for; not what waits for a worker or for its token. */
const lostTasks = (execution: Execution): TaskEffect[] => {
  const calledBack = new Set(
    Object.values(execution.threads).flatMap(({ phase }) =>
      phase.kind === "task" && phase.task.started && patternOf(phase.task) === "token" ? [phase.task.key] : [],
    ),
  );
  return pendingEffects(execution).filter(
    (effect): effect is TaskEffect => effect.kind === "task" && effect.resource.kind !== "activity" && !calledBack.has(effect.key),
  );
};

const patternOf = ({ resource }: Pick<TaskEffect, "resource">) => (resource.kind === "service" ? resource.pattern : undefined);

const recordOf = (executionArn: string, effect: Effect): TaskRecord[] => {
  if (effect.kind !== "task") return [];
  const { token, key, resource } = effect;
  if (resource.kind === "activity") return [{ token, executionArn, key, activityArn: resource.arn, job: undefined }];
  const isWaited = resource.kind === "service" && resource.pattern !== "request";
  return isWaited ? [{ token, executionArn, key, activityArn: undefined, job: undefined }] : [];
};
