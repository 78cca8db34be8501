import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Place } from "./pages.ts";
import type { SfnTables } from "./tables.ts";

/** Executions of a state machine, or children of a map run, behind a place. */
export type ListQuery = {
  of: { machineArn: string } | { mapRunArn: string };
  /** The version or alias to list what was started by it. */
  startedBy?: { column: "version_arn" | "alias_arn"; arn: string } | undefined;
  status: string | undefined;
  isRedriven: boolean | undefined;
  after: Place | undefined;
  limit: number;
};

const columns = [
  "arn",
  "machine_arn",
  "name",
  "status",
  "started_at",
  "stopped_at",
  "version_arn",
  "alias_arn",
  "redrive_count",
  "redriven_at",
  "first_item",
  "item_count",
] as const satisfies readonly (keyof SfnTables["sfn_executions"])[];

type ListedExecution = Pick<SfnTables["sfn_executions"], (typeof columns)[number]>;

/** What a page ends with is where the next one goes on. */
export const placeIn = ({ of }: Pick<ListQuery, "of">, { started_at, first_item, arn }: ListedExecution): Place => [
  "mapRunArn" in of ? (first_item ?? 0) : started_at,
  arn,
];

/** The newest first, one more than asked for. Each page is read from an index, however many come before it; children are started in the order of their items. */
export const listExecutions = (
  read: Kysely<SfnTables>,
  { of, startedBy, status, isRedriven, after, limit }: ListQuery,
): Promise<ListedExecution[]> => {
  const order = "mapRunArn" in of ? "first_item" : "started_at";
  const [at = 0, arn = ""] = after ?? [];
  return (
    read
      .selectFrom("sfn_executions")
      .select(columns)
      .where((row) =>
        "mapRunArn" in of
          ? row("map_run_arn", "=", of.mapRunArn)
          : row.and([row("machine_arn", "=", of.machineArn), row("map_run_arn", "is", null)]),
      )
      .$if(startedBy !== undefined, (query) => query.where(startedBy?.column ?? "arn", "=", startedBy?.arn ?? ""))
      .$if(status !== undefined, (query) => query.where("status", "=", status ?? ""))
      // A parameter would hide from the planner that the index of what was redriven serves.
      .$if(isRedriven !== undefined, (query) => query.where("redrive_count", isRedriven ? ">" : "=", sql.lit(0)))
      .$if(after !== undefined, (query) => query.where(order, "<=", at).where((row) => row.or([row(order, "<", at), row("arn", "<", arn)])))
      .orderBy(order, "desc")
      .orderBy("arn", "desc")
      .limit(limit + 1)
      .execute()
  );
};
