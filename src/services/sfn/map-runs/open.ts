import type { Loops } from "#reconcile/loops.ts";
import type { Store } from "#store/store.ts";
import type { Log } from "#wire/context.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";
import { roleCaller } from "../integrations/role.ts";
import type { CallAs } from "../integrations/tasks.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import type { ExpressRuns } from "../loops/express.ts";
import type { MapRuns } from "../loops/map-runs.ts";
import type { Workflows } from "../loops/workflows.ts";
import type { ParsedMachines } from "../parsed-machines.ts";
import { newChildRows } from "./child-rows.ts";
import { Children } from "./children.ts";
import { readCounts } from "./count-rows.ts";
import type { Counts } from "./count-rows.ts";
import type { MapRunRows } from "./map-run-rows.ts";

type Parts = {
  store: Store;
  loops: Loops;
  rows: MapRunRows;
  callAs: CallAs;
  executions: JournalledExecutions;
  parsed: ParsedMachines;
  workflows: Workflows;
  express: ExpressRuns;
  now: () => number;
  newId: () => string;
  log: Log;
};

/** What is known of map runs besides their rows. */
export type RunningMaps = {
  counts(mapRunArn: string): Promise<Counts>;
  /** Express children under way, which have no rows yet. */
  inFlight(mapRunArn: string): number;
  /** Has a run looked at soon. */
  look(mapRunArn: string): void;
};

/** Puts the loop of map runs together. */
export const openMapRuns = ({
  store,
  loops,
  rows,
  callAs,
  executions,
  parsed,
  workflows,
  express,
  now,
  newId,
  log,
}: Parts): RunningMaps => {
  const childRows = newChildRows(store);
  const look = (arn: string) => loop.enqueue(arn);
  const counts = (arn: string) => readCounts(store, arn);
  const failed = (mapRun: string, error: unknown) => log.error({ error, mapRun }, "the end of an Express child could not be kept");
  const children = new Children({ executions, rows: childRows, workflows, express, parsed, now, ended: look, failed });
  const callFor = (origin: Origin) => callAs(roleCaller({ credentials: undefined }, origin), origin.region);
  const parts = { rows, childRows, children, executions, parsed, workflows, counts, callFor, now, newId };
  let mapRuns: MapRuns | undefined;
  const reconcile = async (arn: string) => {
    // Loaded with the first run: no start waits for it.
    const { MapRuns: Loaded } = await import("../loops/map-runs.ts");
    return (mapRuns ??= new Loaded(parts)).reconcile(arn);
  };
  const loop = loops.add({ name: "sfn-map-runs", keys: () => rows.open(), reconcile });
  return { counts, inFlight: (arn) => children.inFlight(arn), look };
};
