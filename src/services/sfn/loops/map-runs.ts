import type { Call } from "#wire/operation.ts";
import type { ExecutionRecord, ExecutionRows } from "../execution-rows.ts";
import { planMapRun } from "../language/map-run/plan.ts";
import { toleranceExceeded } from "../language/map-run/tally.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { StateFailure } from "../language/state-failure.ts";
import { Batches } from "../map-runs/batches.ts";
import type { ChildRows } from "../map-runs/child-rows.ts";
import type { Children } from "../map-runs/children.ts";
import { sumOf } from "../map-runs/count-rows.ts";
import type { Counts } from "../map-runs/count-rows.ts";
import type { MapRun, MapRunEnd, MapRunRows } from "../map-runs/map-run-rows.ts";
import { newObjectSource } from "../map-runs/object-source.ts";
import { resultOf } from "../map-runs/results.ts";
import type { ParsedMachines } from "../parsed-machines.ts";
import type { Workflows } from "./workflows.ts";

type Parts = {
  rows: MapRunRows;
  childRows: ChildRows;
  children: Children;
  executions: Pick<ExecutionRows, "find">;
  parsed: Pick<ParsedMachines, "get">;
  workflows: Pick<Workflows, "tell">;
  counts(mapRunArn: string): Promise<Counts>;
  /** Calls operations as the role of an execution. */
  callFor(origin: Origin): Call;
  now: () => number;
  newId: () => string;
};

/** Children that are begun, or taken up again, before the next look. */
const startsAtOnce = 200;

/** Takes map runs further: gives batches to children while there is room, ends the run when there is nothing left to do, and tells its execution. */
export class MapRuns {
  readonly #parts: Parts;
  /** What is being read, and stays open between two looks. */
  readonly #open = new Map<string, Batches>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile(arn: string): Promise<number | void> {
    const { rows } = this.#parts;
    const run = await rows.find(arn);
    if (!run || run.isSettled) return;
    if (run.status !== "RUNNING") return this.#settle(run);
    const outcome = await this.#advance(run).catch(failed);
    if (outcome === "await") return;
    if (outcome !== "again") await rows.end(arn, outcome, this.#parts.now());
    return 0;
  }

  /** One look at a run: what there is to be done at once is done. */
  async #advance(run: MapRun): Promise<"again" | "await" | MapRunEnd> {
    const { executions, counts, children, childRows, callFor } = this.#parts;
    const parent = await executions.find(run.executionArn);
    if (!parent || !isWaiting(parent, run.key)) return { status: "ABORTED" };
    const batches = this.#open.get(run.arn) ?? (await this.#begin(run, parent));
    const counted = await counts(run.arn);
    const step = planMapRun(run.spec, progressOf(run, counted, children.inFlight(run.arn)));
    switch (step.kind) {
      case "await":
        return "await";
      case "start":
        await this.#start(run, { parent, batches, counted, most: Math.min(step.most, startsAtOnce) });
        return "again";
      case "fail":
        if (!(await children.stop(run))) return "await";
    }
    const call = callFor(parent.execution.origin);
    const { output, written } = await resultOf({ run, counts: await counts(run.arn), children: childRows, call });
    return step.kind === "succeed" ? { status: "SUCCEEDED", output, written } : { ...failed(toleranceExceeded()), written };
  }

  /** Opens the dataset, from where an earlier process left it, and tells the execution that its map run has started. */
  async #begin(run: MapRun, parent: ExecutionRecord): Promise<Batches> {
    const { rows, childRows, parsed, workflows, callFor, now, newId } = this.#parts;
    await workflows.tell(run.executionArn, { kind: "mapRunStarted", key: run.key, mapRunArn: run.arn });
    const { machine } = await parsed.get(run.revisionId);
    const { spec, arn: mapRunArn } = run;
    const source = newObjectSource(callFor(parent.execution.origin), {
      dataset: spec.reader?.arguments,
      etag: run.datasetEtag,
      saw: (etag) => rows.setDatasetEtag(mapRunArn, etag),
    });
    const batches = new Batches({ machine, spec, mapRunArn, source, children: childRows, now, newId });
    this.#open.set(mapRunArn, batches);
    return batches;
  }

  async #start(run: MapRun, { parent, batches, counted, most }: Start): Promise<void> {
    const { rows, childRows, children } = this.#parts;
    if (counted["PENDING_REDRIVE"]?.executions) {
      const waiting = await childRows.withStatus(run.arn, "PENDING_REDRIVE", most);
      await Promise.all(waiting.map((child) => children.redrive(run, child)));
      return;
    }
    const taken = await batches.take(most);
    await Promise.all(taken.map((batch) => children.start(run, parent, batch)));
    if (taken.length < most) await rows.setTotal(run.arn, batches.itemsSeen);
  }

  /** A run is over when its children are, and its execution knows. */
  async #settle(run: MapRun): Promise<void> {
    const { rows, children, workflows } = this.#parts;
    await this.#open.get(run.arn)?.close();
    this.#open.delete(run.arn);
    if (!(await children.stop(run))) return;
    const { executionArn, key, output = "null", error = "", cause = "" } = run;
    if (run.status === "SUCCEEDED") await workflows.tell(executionArn, { kind: "mapRunSucceeded", key, output });
    else if (run.status === "FAILED") await workflows.tell(executionArn, { kind: "mapRunFailed", key, error, cause });
    await rows.settle(run.arn);
  }
}

type Start = { parent: ExecutionRecord; batches: Batches; counted: Counts; most: number };

const failed = (error: unknown): MapRunEnd & { status: "FAILED" } => {
  if (!(error instanceof StateFailure)) throw error;
  return { status: "FAILED", error: error.error, cause: error.cause, written: { executions: 0, items: 0 } };
};

const isWaiting = ({ execution: { status, threads } }: ExecutionRecord, key: string): boolean =>
  status === "RUNNING" && Object.values(threads).some(({ phase }) => phase.kind === "mapRun" && phase.run.key === key);

const progressOf = ({ totalItems }: MapRun, counts: Counts, inFlight: number) => {
  const unsuccessful = sumOf(counts, ["FAILED", "TIMED_OUT", "ABORTED"]);
  const ended = unsuccessful.executions + sumOf(counts, ["SUCCEEDED"]).executions;
  return {
    exhausted: totalItems !== undefined && !counts["PENDING_REDRIVE"]?.executions,
    started: ended + sumOf(counts, ["RUNNING"]).executions + inFlight,
    ended,
    items: totalItems ?? 0,
    failedItems: unsuccessful.items,
  };
};
