import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { MapRunSpec } from "../language/interpreter/map-run-spec.ts";
import type { SfnTables } from "../tables.ts";
import { addToCount, moveCount } from "./count-rows.ts";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** What may be changed of a run that is under way. */
export type MapRunLimits = Pick<MapRunSpec, "concurrency" | "toleratedFailureCount" | "toleratedFailurePercentage">;

/** A map run without its spec, which never changes and may be large. */
export type MapRun = {
  arn: string;
  executionArn: string;
  /** What the Map state of the execution waits for. */
  key: string;
  revisionId: string;
  label: string;
  limits: MapRunLimits;
  status: MapRunStatus;
  startedAt: number;
  stoppedAt: number | undefined;
  redriveCount: number;
  redrivenAt: number | undefined;
  datasetEtag: string | undefined;
  totalItems: number | undefined;
  isExhausted: boolean;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  written: { executions: number; items: number };
  isSettled: boolean;
};

/** What a commit of an execution does to a map run of its. */
export type MapRunChange =
  | { kind: "open"; run: Pick<MapRun, "arn" | "executionArn" | "key" | "revisionId" | "label"> & { spec: MapRunSpec } }
  | { kind: "redrive" | "abort"; executionArn: string; key: string };

/** How a map run ends. */
export type MapRunEnd =
  | { status: "SUCCEEDED"; output: string; written: MapRun["written"] }
  | { status: "FAILED"; error: string; cause: string; written: MapRun["written"] }
  | { status: "ABORTED" };

export type MapRunRows = ReturnType<typeof newMapRunRows>;
type Tx = Transaction<SfnTables>;

const columns = [
  "arn",
  "execution_arn",
  "task_key",
  "revision_id",
  "label",
  "max_concurrency",
  "tolerated_failure_count",
  "tolerated_failure_percentage",
  "status",
  "started_at",
  "stopped_at",
  "redrive_count",
  "redriven_at",
  "dataset_etag",
  "total_items",
  "is_exhausted",
  "output",
  "error",
  "cause",
  "executions_written",
  "items_written",
  "is_settled",
] as const satisfies readonly (keyof SfnTables["sfn_map_runs"])[];

const toMapRun = (row: Pick<SfnTables["sfn_map_runs"], (typeof columns)[number]>): MapRun => ({
  arn: row.arn,
  executionArn: row.execution_arn,
  key: row.task_key,
  revisionId: row.revision_id,
  label: row.label,
  limits: {
    concurrency: row.max_concurrency,
    toleratedFailureCount: row.tolerated_failure_count ?? undefined,
    toleratedFailurePercentage: row.tolerated_failure_percentage ?? undefined,
  },
  status: row.status as MapRunStatus,
  startedAt: row.started_at,
  stoppedAt: row.stopped_at ?? undefined,
  redriveCount: row.redrive_count,
  redrivenAt: row.redriven_at ?? undefined,
  datasetEtag: row.dataset_etag ?? undefined,
  totalItems: row.total_items ?? undefined,
  isExhausted: row.is_exhausted === 1,
  output: row.output ?? undefined,
  error: row.error ?? undefined,
  cause: row.cause ?? undefined,
  written: { executions: row.executions_written, items: row.items_written },
  isSettled: row.is_settled === 1,
});

/** Carries out, within an execution's commit, what its step wants of a map run. */
export const changeMapRun = async (tx: Tx, change: MapRunChange, now: number): Promise<void> => {
  if (change.kind === "open") {
    await tx.insertInto("sfn_map_runs").values(newRow(change.run, now)).execute();
    return;
  }
  const found = tx.selectFrom("sfn_map_runs").select(["arn", "status"]).where("execution_arn", "=", change.executionArn);
  const run = await found.where("task_key", "=", change.key).executeTakeFirst();
  if (!run) return;
  if (change.kind === "redrive") await redrive(tx, run.arn, now);
  else if (run.status === "RUNNING") await tx.updateTable("sfn_map_runs").set(aborted(now)).where("arn", "=", run.arn).execute();
};

const newRow = ({ arn, executionArn, key, revisionId, label, spec }: (MapRunChange & { kind: "open" })["run"], now: number) => ({
  arn,
  execution_arn: executionArn,
  task_key: key,
  revision_id: revisionId,
  label,
  spec: JSON.stringify(spec),
  status: "RUNNING",
  started_at: now,
  redrive_count: 0,
  total_items: spec.items === undefined ? null : Object.keys(JSON.parse(spec.items) as object).length,
  is_exhausted: 0,
  executions_written: 0,
  items_written: 0,
  is_settled: 0,
  ...limitColumns(spec),
});

const limitColumns = ({ concurrency, toleratedFailureCount, toleratedFailurePercentage }: MapRunLimits) => ({
  max_concurrency: concurrency,
  tolerated_failure_count: toleratedFailureCount ?? null,
  tolerated_failure_percentage: toleratedFailurePercentage ?? null,
});

const aborted = (now: number) => ({ status: "ABORTED", stopped_at: now, is_settled: 0 });

/** What did not succeed waits to run again, and the run goes on. */
const redrive = async (tx: Tx, arn: string, now: number): Promise<void> => {
  await tx
    .updateTable("sfn_map_runs")
    .set(({ eb }) => ({ redrive_count: eb("redrive_count", "+", 1), redriven_at: now }))
    .set({ status: "RUNNING", stopped_at: null, output: null, error: null, cause: null, is_settled: 0 })
    .where("arn", "=", arn)
    .execute();
  for (const status of ["FAILED", "TIMED_OUT", "ABORTED"]) {
    const counted = tx.selectFrom("sfn_map_run_counts").select(["executions", "items"]).where("map_run_arn", "=", arn);
    // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
    const found = await counted.where("status", "=", status).executeTakeFirst();
    // oxlint-disable-next-line no-await-in-loop
    if (found) await moveCount(arn, { from: status, to: "PENDING_REDRIVE", ...found }, (row) => addToCount(tx, row).execute());
  }
  const children = tx.updateTable("sfn_executions").set({ status: "PENDING_REDRIVE" }).where("map_run_arn", "=", arn);
  await children.where("status", "in", ["FAILED", "TIMED_OUT", "ABORTED"]).execute();
};

/** Forgets the map runs of an execution. */
export const forgetMapRuns = async (tx: Tx, executionArn: string): Promise<void> => {
  const runs = tx.selectFrom("sfn_map_runs").select("arn").where("execution_arn", "=", executionArn);
  await tx.deleteFrom("sfn_map_run_counts").where("map_run_arn", "in", runs).execute();
  await tx.deleteFrom("sfn_map_runs").where("execution_arn", "=", executionArn).execute();
};

export const newMapRunRows = (store: Store) => {
  const read = () => store.read<SfnTables>();
  const set = (arn: string, values: Partial<SfnTables["sfn_map_runs"]>) =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.updateTable("sfn_map_runs").set(values).where("arn", "=", arn).execute();
    });
  return {
    find: async (arn: string): Promise<MapRun | undefined> => {
      const row = await read().selectFrom("sfn_map_runs").select(columns).where("arn", "=", arn).executeTakeFirst();
      return row && toMapRun(row);
    },
    spec: async (arn: string): Promise<MapRunSpec> => {
      const { spec } = await read().selectFrom("sfn_map_runs").select("spec").where("arn", "=", arn).executeTakeFirstOrThrow();
      return JSON.parse(spec) as MapRunSpec;
    },
    list: (executionArn: string, { offset, limit }: { offset: number; limit: number }) =>
      read()
        .selectFrom("sfn_map_runs")
        .select(["arn", "execution_arn", "label", "started_at", "stopped_at"])
        .where("execution_arn", "=", executionArn)
        .orderBy("started_at", "desc")
        .orderBy("arn")
        .offset(offset)
        .limit(limit + 1)
        .execute(),
    /** Runs that go on, or whose end has not been told; of one execution, or all. */
    open: async (executionArn?: string): Promise<string[]> => {
      const query = read().selectFrom("sfn_map_runs").select("arn").where("is_settled", "=", 0);
      const wanted = executionArn === undefined ? query : query.where("execution_arn", "=", executionArn);
      return (await wanted.execute()).map(({ arn }) => arn);
    },
    setDatasetEtag: (arn: string, etag: string) => set(arn, { dataset_etag: etag }),
    setExhausted: (arn: string, totalItems: number) => set(arn, { total_items: totalItems, is_exhausted: 1 }),
    /** Whether they were changed: those of a run that has ended stay. */
    setLimits: (arn: string, limits: MapRunLimits): Promise<boolean> =>
      store.transaction<SfnTables, boolean>(async (tx) => {
        const running = tx.updateTable("sfn_map_runs").where("arn", "=", arn).where("status", "=", "RUNNING");
        const result = await running.set(limitColumns(limits)).executeTakeFirst();
        return result.numUpdatedRows > 0n;
      }),
    settle: (arn: string) => set(arn, { is_settled: 1 }),
    /** Ends a run that still runs. Answers whether it did. */
    end: (arn: string, end: MapRunEnd, now: number): Promise<boolean> =>
      store.transaction<SfnTables, boolean>(async (tx) => {
        const written = end.status === "ABORTED" ? {} : { executions_written: end.written.executions, items_written: end.written.items };
        const how =
          end.status === "SUCCEEDED" ? { output: end.output } : end.status === "FAILED" ? { error: end.error, cause: end.cause } : {};
        const running = tx.updateTable("sfn_map_runs").where("arn", "=", arn).where("status", "=", "RUNNING");
        const result = await running.set({ status: end.status, stopped_at: now, ...written, ...how }).executeTakeFirst();
        return result.numUpdatedRows > 0n;
      }),
  };
};
