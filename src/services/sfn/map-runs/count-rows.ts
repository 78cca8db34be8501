import type { Kysely } from "kysely";
import type { Store } from "#store/store.ts";
import type { SfnTables } from "../tables.ts";

/** How many children of a map run have a status, and how many items are in them. */
export type Count = { executions: number; items: number };
export type Counts = Readonly<Record<string, Count>>;

/** The counts of some statuses together. */
export const sumOf = (counts: Counts, statuses: readonly string[]): Count =>
  statuses.reduce(
    (sum, status) => {
      const { executions = 0, items = 0 } = counts[status] ?? {};
      return { executions: sum.executions + executions, items: sum.items + items };
    },
    { executions: 0, items: 0 },
  );

type Move = Count & { from: string | undefined; to: string };
type CountRow = SfnTables["sfn_map_run_counts"];

/** Counts children whose status has changed, in the commit that changes it: the counts are never an estimate. */
export const moveCount = async (
  mapRunArn: string,
  { from, to, executions, items }: Move,
  add: (row: CountRow) => Promise<unknown>,
): Promise<void> => {
  if (from !== undefined) await add({ map_run_arn: mapRunArn, status: from, executions: -executions, items: -items });
  await add({ map_run_arn: mapRunArn, status: to, executions, items });
};

/** The statement that adds to a count, which may be the first of its status. */
export const addToCount = (on: Kysely<SfnTables>, { map_run_arn, status, executions, items }: CountRow) =>
  on
    .insertInto("sfn_map_run_counts")
    .values({ map_run_arn, status, executions, items })
    .onConflict((conflict) =>
      conflict.columns(["map_run_arn", "status"]).doUpdateSet(({ eb, ref }) => ({
        executions: eb("sfn_map_run_counts.executions", "+", ref("excluded.executions")),
        items: eb("sfn_map_run_counts.items", "+", ref("excluded.items")),
      })),
    );

export const readCounts = async (store: Store, mapRunArn: string): Promise<Counts> => {
  const query = store.read<SfnTables>().selectFrom("sfn_map_run_counts").selectAll().where("map_run_arn", "=", mapRunArn);
  return Object.fromEntries((await query.execute()).map(({ status, executions, items }) => [status, { executions, items }]));
};
