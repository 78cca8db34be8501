import { sql } from "kysely";
import type { Store } from "#store/store.ts";
import type { ExecutionStatus } from "../language/interpreter/execution.ts";
import type { SfnTables } from "../tables.ts";
import type { ListedExecution } from "./graph.ts";

/** The last one of the page before: lists go on from there, whatever has begun since. */
export type Position = { startedAt: number; arn: string };

export type RecentQuery = {
  account: string;
  region: string;
  machineArn: string | undefined;
  /** Children of a map run are listed only if it is named. */
  mapRunArn: string | undefined;
  status: string | undefined;
  after: Position | undefined;
  limit: number;
};

/** Finds the executions of an account that began last, of all its state machines. */
export const newRecentExecutions =
  (store: Store) =>
  async ({ account, region, machineArn, mapRunArn, status, after, limit }: RecentQuery): Promise<ListedExecution[]> => {
    const prefix = `arn:aws:states:${region}:`;
    const rows = await store
      .read<SfnTables>()
      .selectFrom("sfn_executions")
      .select(["arn", "machine_arn", "name", "status", "started_at", "stopped_at", "redrive_count"])
      .where("account", "=", account)
      .where("map_run_arn", mapRunArn === undefined ? "is" : "=", mapRunArn ?? null)
      // Not by a range of ARNs, which would draw the search away from the index by start.
      .where(sql`substr(arn, 1, ${prefix.length})`, "=", prefix)
      .$if(machineArn !== undefined, (query) => query.where("machine_arn", "=", machineArn ?? ""))
      .$if(status !== undefined, (query) => query.where("status", "=", status ?? ""))
      .$if(after !== undefined, (query) =>
        query
          // What the index seeks by; the rest only orders those that began at the same moment.
          .where("started_at", "<=", after?.startedAt ?? 0)
          .where((is) => is.or([is("started_at", "<", after?.startedAt ?? 0), is("arn", "<", after?.arn ?? "")])),
      )
      .orderBy("started_at", "desc")
      .orderBy("arn", "desc")
      .limit(limit)
      .execute();
    return rows.map(listed);
  };

type Row = Pick<SfnTables["sfn_executions"], "arn" | "machine_arn" | "name" | "status" | "started_at" | "stopped_at" | "redrive_count">;

const listed = (row: Row): ListedExecution => ({
  executionArn: row.arn,
  stateMachineArn: row.machine_arn,
  stateMachine: row.machine_arn.split(":")[6] ?? "",
  name: row.name,
  status: row.status as ExecutionStatus,
  startedAt: row.started_at,
  ...(row.stopped_at === null ? {} : { stoppedAt: row.stopped_at }),
  redriveCount: row.redrive_count,
});
