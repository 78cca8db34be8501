import { Fault } from "#wire/fault.ts";
import { executionArn, expressArn, labelledArn } from "../arns.ts";
import type { ExecutionRecord } from "../execution-rows.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";
import { SeededChance } from "../language/interpreter/chance.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import type { MapRunSpec } from "../language/interpreter/map-run-spec.ts";
import type { Batch } from "../language/map-run/batch.ts";
import { quotas } from "../limits.ts";
import type { ExpressRuns } from "../loops/express.ts";
import type { Birth, Workflows } from "../loops/workflows.ts";
import type { ParsedMachines } from "../parsed-machines.ts";
import type { ChildRows } from "./child-rows.ts";
import type { MapRun } from "./map-run-rows.ts";

type Parts = {
  executions: Pick<JournalledExecutions, "find" | "commit">;
  rows: Pick<ChildRows, "withStatus">;
  workflows: Pick<Workflows, "start" | "tell">;
  express: Pick<ExpressRuns, "run">;
  parsed: Pick<ParsedMachines, "get">;
  now: () => number;
  /** Told of a run of which an Express child has ended. */
  ended(mapRunArn: string): void;
  /** Told of a run of which an Express child's end could not be kept. */
  failed(mapRunArn: string, error: unknown): void;
};

/** What a run's children are begun from. */
export type RunOfChildren = Pick<MapRun, "arn" | "label" | "revisionId"> & { spec: MapRunSpec; parent: ExecutionRecord };

type Begun = { birth: Birth; origin: Origin };

const stopsAtOnce = 200;

/** The children of map runs: Standard ones are executions like any other, Express ones run in memory and leave a row when they have ended. */
export class Children {
  readonly #parts: Parts;
  readonly #express = new Map<string, Set<AbortController>>();
  readonly #lost = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Express children under way, of which there is no row yet. */
  inFlight(mapRunArn: string): number {
    return this.#express.get(mapRunArn)?.size ?? 0;
  }

  /** Whether an Express child's end could not be kept, so that its items are to be read and given again. */
  hasLost(mapRunArn: string): boolean {
    return this.#lost.has(mapRunArn);
  }

  forgetLost(mapRunArn: string): boolean {
    return this.#lost.delete(mapRunArn);
  }

  /** Gives a child its items. One that has them already, from before a crash, is left to them. */
  async start(run: RunOfChildren, batch: Batch): Promise<void> {
    const begun = begin(run, batch);
    if (run.spec.executionType === "EXPRESS") return this.#runExpress(begun, undefined);
    await this.#parts.workflows.start(begun.birth, begun.origin).catch((error: unknown) => {
      if (!(error instanceof Fault && error.code === "ExecutionAlreadyExists")) throw error;
    });
  }

  /** Runs what did not succeed once more: a Standard child from where it stopped, an Express one from its start. */
  async redrive(run: RunOfChildren, childArn: string): Promise<void> {
    if (run.spec.executionType === "STANDARD") return void (await this.#parts.workflows.tell(childArn, { kind: "redrive" }));
    const record = await this.#parts.executions.find(childArn);
    if (record) this.#runExpress({ birth: record, origin: record.execution.origin }, record);
  }

  /** Whether all that still ran has ended; if not, more is told by `ended`. */
  async stop(arn: string): Promise<boolean> {
    for (const stop of this.#express.get(arn) ?? []) stop.abort();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- so many at a time
      const running = await this.#parts.rows.withStatus(arn, "RUNNING", stopsAtOnce);
      if (running.length === 0) return this.inFlight(arn) === 0;
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(running.map((child) => this.#parts.workflows.tell(child, { kind: "stop" })));
    }
  }

  #runExpress({ birth, origin }: Begun, before: ExecutionRecord | undefined): void {
    const { mapRunArn = "" } = birth.child ?? {};
    const stop = new AbortController();
    const running = this.#express.get(mapRunArn) ?? new Set();
    this.#express.set(mapRunArn, running.add(stop));
    const lost = (error: unknown) => {
      this.#lost.add(mapRunArn);
      this.#parts.failed(mapRunArn, error);
    };
    const ended = () => {
      running.delete(stop);
      if (running.size === 0) this.#express.delete(mapRunArn);
      this.#parts.ended(mapRunArn);
    };
    void this.#untilEnded({ birth, origin }, before, stop.signal).catch(lost).finally(ended);
  }

  /** A child that ends with the process leaves no row: its items are given anew. */
  async #untilEnded({ birth, origin }: Begun, before: ExecutionRecord | undefined, signal: AbortSignal): Promise<void> {
    const { executions, express, parsed, now } = this.#parts;
    const execution = await express.run(await parsed.get(birth.revisionId), origin, signal);
    if (execution.status === "RUNNING") return;
    const record = { ...birth, execution, wakeAt: undefined, step: (before?.step ?? 0) + 1 };
    await executions.commit({ record, before, history: [], newTasks: [], mapRuns: [] }, now());
  }
}

/** A child's names come from the run and its first item: the same items never have two children. */
const begin = (run: RunOfChildren, batch: Batch): Begun => {
  const { account, execution } = run.parent;
  const parent = execution.origin;
  const chance = new SeededChance(`${run.arn} ${batch.firstItem}`);
  const name = chance.uuid();
  const machineArn = labelledArn(parent.stateMachineArn, run.label);
  const isExpress = run.spec.executionType === "EXPRESS";
  const arn = isExpress ? expressArn(machineArn, name, chance.uuid()) : executionArn(machineArn, name);
  const { roleArn, region } = parent;
  return {
    birth: {
      arn,
      account,
      machineArn,
      revisionId: run.revisionId,
      name,
      traceHeader: undefined,
      child: { mapRunArn: run.arn, firstItem: batch.firstItem, items: batch.items },
    },
    origin: {
      executionArn: arn,
      name,
      roleArn,
      stateMachineArn: machineArn,
      stateMachineName: machineArn.slice(machineArn.lastIndexOf(":") + 1),
      region,
      input: batch.input,
      scope: run.spec.processor,
      ...(isExpress ? { maxSeconds: quotas.expressSeconds } : { maxSeconds: quotas.standardSeconds, historyLimit: quotas.historyEvents }),
    },
  };
};
