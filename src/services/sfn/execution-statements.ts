import type { Kysely } from "kysely";
import { prepare } from "#store/statement.ts";
import { addToCount } from "./map-runs/count-rows.ts";
import type { SfnTables } from "./tables.ts";

type ExecutionRow = SfnTables["sfn_executions"];

const fixed = [
  "arn",
  "account",
  "machine_arn",
  "revision_id",
  "name",
  "trace_header",
  "version_arn",
  "alias_arn",
  "map_run_arn",
  "first_item",
  "item_count",
  "started_at",
] as const satisfies (keyof ExecutionRow)[];
/** What each step changes. */
const moved = ["state", "wake_at", "pending", "step"] as const satisfies (keyof ExecutionRow)[];
/** What the first and the last step change besides. */
const moving = [...moved, "status", "stopped_at", "redrive_count", "redriven_at"] as const satisfies (keyof ExecutionRow)[];
const history = ["execution_arn", "first_id", "last_id", "events"] as const satisfies (keyof SfnTables["sfn_history"])[];

/** What steps change of an execution's row. */
export type Moving = Pick<ExecutionRow, (typeof moving)[number]>;

const standIns = <Name extends string>(columns: readonly Name[]) =>
  Object.fromEntries(columns.map((name) => [name, ""])) as Record<Name, never>;

export type ExecutionStatements = ReturnType<typeof newExecutionStatements>;

/** What each start and each step asks of the store, compiled once. */
export const newExecutionStatements = (read: Kysely<SfnTables>) => {
  const one = read.selectFrom("sfn_executions").where("arn", "=", "");
  const find = prepare<ExecutionRow>(one.selectAll());
  const findStatus = prepare<Pick<ExecutionRow, "status">>(one.select("status"));
  const add = prepare<never>(addToCount(read, { map_run_arn: "", status: "", executions: 0, items: 0 }));
  const insert = prepare<never>(read.insertInto("sfn_executions").values(standIns([...fixed, ...moving])));
  const update = prepare<never>(read.updateTable("sfn_executions").set(standIns(moving)).where("arn", "=", ""));
  const move = prepare<never>(read.updateTable("sfn_executions").set(standIns(moved)).where("arn", "=", ""));
  const append = prepare<never>(read.insertInto("sfn_history").values(standIns(history)));
  return {
    find: async (arn: string): Promise<ExecutionRow | undefined> => (await find(untyped(read), arn))[0],
    statusOf: async (tx: Kysely<SfnTables>, arn: string): Promise<string | undefined> => (await findStatus(untyped(tx), arn))[0]?.status,
    count: (tx: Kysely<SfnTables>, { map_run_arn, status, executions, items }: SfnTables["sfn_map_run_counts"]) =>
      add(untyped(tx), map_run_arn, status, executions, items),
    insert: (tx: Kysely<SfnTables>, row: ExecutionRow) =>
      insert(untyped(tx), ...fixed.map((name) => row[name]), ...moving.map((name) => row[name])),
    update: (tx: Kysely<SfnTables>, arn: string, row: Moving) => update(untyped(tx), ...moving.map((name) => row[name]), arn),
    move: (tx: Kysely<SfnTables>, arn: string, row: Moving) => move(untyped(tx), ...moved.map((name) => row[name]), arn),
    append: (tx: Kysely<SfnTables>, row: SfnTables["sfn_history"]) => append(untyped(tx), ...history.map((name) => row[name])),
  };
};

const untyped = (rows: unknown) => rows as Kysely<never>;
