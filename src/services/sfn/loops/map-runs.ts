import type { Call } from "#wire/operation.ts";
import type { ExecutionRecord } from "../execution-rows.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";
import { planMapRun } from "../language/map-run/plan.ts";
import { toleranceExceeded } from "../language/map-run/tally.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { StateFailure } from "../language/state-failure.ts";
import { Batches } from "../map-runs/batches.ts";
import type { ChildRows } from "../map-runs/child-rows.ts";
import type { Children, RunOfChildren } from "../map-runs/children.ts";
import { sumOf } from "../map-runs/count-rows.ts";
import type { Counts } from "../map-runs/count-rows.ts";
import type { MapRun, MapRunEnd, MapRunRows } from "../map-runs/map-run-rows.ts";
import { newObjectSource } from "../map-runs/object-source.ts";
import { nothing, resultOf, writtenResults } from "../map-runs/results.ts";
import type { ParsedMachines } from "../parsed-machines.ts";
import type { Workflows } from "./workflows.ts";

type Parts = {
  rows: MapRunRows;
  childRows: ChildRows;
  children: Children;
  executions: Pick<JournalledExecutions, "find">;
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
  readonly #open = new Map<string, OpenRun>();

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
    const { counts, children, childRows, callFor } = this.#parts;
    if (children.forgetLost(run.arn)) await this.#close(run.arn);
    const open = this.#open.get(run.arn) ?? (await this.#begin(run));
    if (!open) return { status: "ABORTED" };
    const counted = await counts(run.arn);
    const step = planMapRun(run.limits, progressOf(run, counted, children.inFlight(run.arn)));
    switch (step.kind) {
      case "await":
        return "await";
      case "start":
        return this.#start(open, counted, Math.min(step.most, startsAtOnce));
      case "fail":
        if (!(await children.stop(run.arn))) return "await";
    }
    const { arn, spec, parent } = open;
    const parts = { arn, spec, counts: await counts(arn), children: childRows, call: callFor(parent.execution.origin) };
    if (step.kind === "succeed") return { status: "SUCCEEDED", ...(await resultOf(parts)) };
    return { ...failed(toleranceExceeded()), written: (await writtenResults(parts))?.written ?? nothing };
  }

  /** Opens the dataset, from where an earlier process left it, and tells the execution that its map run has started. */
  async #begin({ arn, executionArn, key, revisionId, label, datasetEtag }: MapRun): Promise<OpenRun | undefined> {
    const { rows, childRows, executions, parsed, workflows, callFor, now, newId } = this.#parts;
    const parent = await executions.find(executionArn);
    if (!parent || !isWaiting(parent, key)) return undefined;
    await workflows.tell(executionArn, { kind: "mapRunStarted", key, mapRunArn: arn });
    const spec = await rows.spec(arn);
    const { machine } = await parsed.get(revisionId);
    const source = newObjectSource(callFor(parent.execution.origin), {
      dataset: spec.reader?.arguments,
      etag: datasetEtag,
      saw: (etag) => rows.setDatasetEtag(arn, etag),
    });
    const batches = new Batches({ machine, spec, mapRunArn: arn, source, children: childRows, now, newId });
    const open = { arn, label, revisionId, spec, parent, batches };
    this.#open.set(arn, open);
    return open;
  }

  async #start(open: OpenRun, counted: Counts, most: number): Promise<"again" | "await"> {
    const { rows, childRows, children } = this.#parts;
    const { arn } = open;
    if (counted["PENDING_REDRIVE"]?.executions) {
      // An Express child's row says that it waits until it has ended once more.
      if (children.inFlight(arn) > 0) return "await";
      const waiting = await childRows.withStatus(arn, "PENDING_REDRIVE", most);
      await Promise.all(waiting.map((child) => children.redrive(open, child)));
      return "again";
    }
    const taken = await open.batches.take(most);
    await Promise.all(taken.map((batch) => children.start(open, batch)));
    if (taken.length === most) return "again";
    // Express children leave their rows when they end: only then is it kept that nothing is left to be read.
    if (children.inFlight(arn) > 0) return "await";
    if (!children.hasLost(arn)) await rows.setExhausted(arn, open.batches.itemsSeen);
    return "again";
  }

  async #close(arn: string): Promise<void> {
    await this.#open.get(arn)?.batches.close();
    this.#open.delete(arn);
  }

  /** A run is over when its children are, and its execution knows. */
  async #settle(run: MapRun): Promise<void> {
    const { rows, children, workflows } = this.#parts;
    await this.#close(run.arn);
    if (!(await children.stop(run.arn))) return;
    const { executionArn, key, output = "null", error = "", cause = "" } = run;
    if (run.status === "SUCCEEDED") await workflows.tell(executionArn, { kind: "mapRunSucceeded", key, output });
    else if (run.status === "FAILED") await workflows.tell(executionArn, { kind: "mapRunFailed", key, error, cause });
    await rows.settle(run.arn);
  }
}

/** What stays open between two looks: the run's children are begun from it, and its dataset is read on. */
type OpenRun = RunOfChildren & { batches: Batches };

const failed = (error: unknown): MapRunEnd & { status: "FAILED" } => {
  if (!(error instanceof StateFailure)) throw error;
  return { status: "FAILED", error: error.error, cause: error.cause, written: nothing };
};

const isWaiting = ({ execution: { status, threads } }: ExecutionRecord, key: string): boolean =>
  status === "RUNNING" && Object.values(threads).some(({ phase }) => phase.kind === "mapRun" && phase.run.key === key);

const progressOf = ({ totalItems, isExhausted }: MapRun, counts: Counts, inFlight: number) => {
  const unsuccessful = sumOf(counts, ["FAILED", "TIMED_OUT", "ABORTED"]);
  const ended = unsuccessful.executions + sumOf(counts, ["SUCCEEDED"]).executions;
  return {
    exhausted: isExhausted && !counts["PENDING_REDRIVE"]?.executions,
    started: ended + sumOf(counts, ["RUNNING"]).executions + inFlight,
    ended,
    items: totalItems ?? 0,
    failedItems: unsuccessful.items,
  };
};
