import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import { listExecutions } from "./execution-list.ts";
import type { ListQuery } from "./execution-list.ts";
import { newExecutionStatements } from "./execution-statements.ts";
import type { ExecutionStatements } from "./execution-statements.ts";
import type { Execution } from "./language/interpreter/execution.ts";
import { textOf } from "./history-pieces.ts";
import type { HistoryPiece } from "./history-pieces.ts";
import type { HistoryEvent } from "./language/interpreter/history.ts";
import { lostTasks } from "./lost-tasks.ts";
import type { Child } from "./map-runs/child-rows.ts";
import { moveCount } from "./map-runs/count-rows.ts";
import { changeMapRun, forgetMapRuns } from "./map-runs/map-run-rows.ts";
import type { MapRunChange } from "./map-runs/map-run-rows.ts";
import { statusFacts, statusTopic } from "./status-facts.ts";
import type { SfnTables } from "./tables.ts";

export type ExecutionRecord = {
  arn: string;
  account: string;
  machineArn: string;
  revisionId: string;
  name: string;
  traceHeader: string | undefined;
  /** Of a map run's child. */
  child: Child | undefined;
  execution: Execution;
  wakeAt: number | undefined;
  /** Commits so far: tells which entries of the journal its row is behind. */
  step: number;
};

/** A task that others answer by its token, or a job that is waited for: what is to be found again after a crash. */
export type TaskRecord = {
  token: string;
  executionArn: string;
  key: string;
  activityArn: string | undefined;
  job: string | undefined;
};

/** What one commit of an execution writes. */
export type Change = {
  record: ExecutionRecord;
  /** Nothing for a new one. */
  before: ExecutionRecord | undefined;
  history: readonly HistoryEvent[];
  newTasks: readonly TaskRecord[];
  mapRuns: readonly MapRunChange[];
};

export type ExecutionRows = ReturnType<typeof newExecutionRows>;
type Tx = Transaction<SfnTables>;

const toRecord = (row: SfnTables["sfn_executions"]): ExecutionRecord => ({
  arn: row.arn,
  account: row.account,
  machineArn: row.machine_arn,
  revisionId: row.revision_id,
  name: row.name,
  traceHeader: row.trace_header ?? undefined,
  child: row.map_run_arn === null ? undefined : { mapRunArn: row.map_run_arn, firstItem: row.first_item ?? 0, items: row.item_count ?? 0 },
  execution: JSON.parse(row.state) as Execution,
  wakeAt: row.wake_at ?? undefined,
  step: row.step,
});

/** Whether an execution ran before a change and still does: then few of its columns change, and few indexes. */
export const runsOn = ({ before, record }: Change): boolean =>
  before?.execution.status === "RUNNING" && record.execution.status === "RUNNING";

const movingColumns = ({ execution, wakeAt, step }: ExecutionRecord) => ({
  status: execution.status,
  stopped_at: execution.stoppedAt ?? null,
  redrive_count: execution.redriveCount,
  redriven_at: execution.redrivenAt ?? null,
  state: JSON.stringify(execution),
  wake_at: wakeAt ?? null,
  pending: lostTasks(execution).length > 0 ? 1 : 0,
  step,
});

const fixedColumns = ({ arn, account, machineArn, revisionId, name, traceHeader, child, execution }: ExecutionRecord) => ({
  arn,
  account,
  machine_arn: machineArn,
  revision_id: revisionId,
  name,
  trace_header: traceHeader ?? null,
  map_run_arn: child?.mapRunArn ?? null,
  first_item: child?.firstItem ?? null,
  item_count: child?.items ?? null,
  version_arn: execution.origin.stateMachineVersionArn ?? null,
  alias_arn: execution.origin.stateMachineAliasArn ?? null,
  started_at: execution.startedAt,
});

const countChild = async (tx: Tx, { statusOf, count }: ExecutionStatements, change: Change): Promise<void> => {
  const { arn, child, execution } = change.record;
  if (!child || runsOn(change)) return;
  const { status } = execution;
  const from = change.before === undefined ? undefined : await statusOf(tx, arn);
  if (from !== status) await moveCount(child.mapRunArn, { from, to: status, executions: 1, items: child.items }, (row) => count(tx, row));
};

/** With the pieces of history to write: also those that only the journal had. */
type Written = Change & { pieces: readonly HistoryPiece[] };

const write = async (tx: Tx, statements: ExecutionStatements, change: Written, now: number): Promise<void> => {
  const { record, before, pieces, newTasks, mapRuns } = change;
  const { insert, update, move } = statements;
  const moving = movingColumns(record);
  await countChild(tx, statements, change);
  if (before === undefined) await insert(tx, { ...fixedColumns(record), ...moving });
  else await (runsOn(change) ? move : update)(tx, record.arn, moving);
  await appendHistory(tx, statements, record, pieces);
  for (const { token, executionArn, key, activityArn, job } of newTasks) {
    const row = { token, execution_arn: executionArn, task_key: key, activity_arn: activityArn ?? null, queued_at: now };
    // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
    await tx
      .insertInto("sfn_tasks")
      .values({ ...row, taken: activityArn === undefined ? 1 : 0, job: job ?? null })
      .execute();
  }
  for (const each of mapRuns) await changeMapRun(tx, each, now); // oxlint-disable-line no-await-in-loop
};

/** One row for all the events of the pieces. */
const appendHistory = async (
  tx: Tx,
  { append }: ExecutionStatements,
  { arn, execution }: ExecutionRecord,
  pieces: readonly HistoryPiece[],
) => {
  const [first] = pieces;
  if (!first) return;
  await append(tx, { execution_arn: arn, first_id: first.firstId, last_id: execution.lastEventId, events: textOf(pieces) });
};

const forget = async (tx: Tx, arn: string): Promise<void> => {
  await tx.deleteFrom("sfn_executions").where("arn", "=", arn).execute();
  await tx.deleteFrom("sfn_history").where("execution_arn", "=", arn).execute();
  await tx.deleteFrom("sfn_tasks").where("execution_arn", "=", arn).execute();
  await forgetMapRuns(tx, arn);
};

export const newExecutionRows = (store: Store) => {
  const read = () => store.read<SfnTables>();
  const statements = newExecutionStatements(read());
  return {
    find: async (arn: string): Promise<ExecutionRecord | undefined> => {
      const row = await statements.find(arn);
      return row && toRecord(row);
    },
    /** False, and nothing written, when a new execution's name is taken. */
    commit: (change: Written, now: number): Promise<boolean> =>
      store.transaction<SfnTables, boolean>(async (tx) => {
        if (change.before === undefined && (await statements.statusOf(tx, change.record.arn)) !== undefined) return false;
        await write(tx, statements, change, now);
        if (store.outbox.wanted(statusTopic)) await store.outbox.append(tx, statusFacts(change, now));
        return true;
      }),
    /** Writes what only the journal has of an execution that runs. */
    settle: (record: ExecutionRecord, pieces: readonly HistoryPiece[]): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        await statements.move(tx, record.arn, movingColumns(record));
        await appendHistory(tx, statements, record, pieces);
      }),
    list: (query: ListQuery) => listExecutions(read(), query),
    running: async (machineArn: string): Promise<string[]> => {
      const query = read()
        .selectFrom("sfn_executions")
        .select("arn")
        .where("machine_arn", "=", machineArn)
        .where("map_run_arn", "is", null);
      return (await query.where("status", "=", "RUNNING").execute()).map(({ arn }) => arn);
    },
    /** The events of a range of ids, both inclusive. */
    history: async (arn: string, from: number, to: number): Promise<HistoryEvent[]> => {
      const query = read().selectFrom("sfn_history").select("events").where("execution_arn", "=", arn);
      const rows = await query.where("last_id", ">=", from).where("first_id", "<=", to).orderBy("first_id").execute();
      const events = rows.flatMap((row) => JSON.parse(row.events) as HistoryEvent[]);
      return events.filter(({ id }) => id >= from && id <= to);
    },
    due: async (now: number, limit: number): Promise<string[]> => {
      const query = read().selectFrom("sfn_executions").select("arn").where("wake_at", "<=", now).orderBy("wake_at");
      return (await query.limit(limit).execute()).map(({ arn }) => arn);
    },
    /** When the first one is due after a moment. */
    nextWake: async (after: number): Promise<number | undefined> => {
      const query = read().selectFrom("sfn_executions").select("wake_at").where("wake_at", ">", after);
      return (await query.orderBy("wake_at").limit(1).executeTakeFirst())?.wake_at ?? undefined;
    },
    pending: async (): Promise<string[]> =>
      (await read().selectFrom("sfn_executions").select("arn").where("pending", "=", 1).execute()).map(({ arn }) => arn),
    remove: (arn: string): Promise<void> => store.transaction<SfnTables, void>((tx) => forget(tx, arn)),
    /** Drops executions that ended before a moment, so many at a time. Answers with how many there were. */
    dropOld: (before: number, limit: number): Promise<number> =>
      store.transaction<SfnTables, number>(async (tx) => {
        const old = await tx.selectFrom("sfn_executions").select("arn").where("stopped_at", "<", before).limit(limit).execute();
        for (const { arn } of old) await forget(tx, arn); // oxlint-disable-line no-await-in-loop
        return old.length;
      }),
    clear: (): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        const tables = [
          "executions",
          "map_runs",
          "map_run_counts",
          "history",
          "journal",
          "tasks",
          "machines",
          "revisions",
          "versions",
          "aliases",
          "activities",
        ] as const;
        for (const table of tables) await tx.deleteFrom(`sfn_${table}`).execute(); // oxlint-disable-line no-await-in-loop
      }),
  };
};
