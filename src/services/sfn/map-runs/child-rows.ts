import type { Store } from "#store/store.ts";
import type { Execution } from "../language/interpreter/execution.ts";
import type { SfnTables } from "../tables.ts";

/** What makes an execution a map run's child: the items that it was given, by the index of the first. */
export type Child = { mapRunArn: string; firstItem: number; items: number };

export type ChildRows = ReturnType<typeof newChildRows>;

/** The children of map runs, which are executions, as their run looks for them. */
export const newChildRows = (store: Store) => {
  const children = (mapRunArn: string) => store.read<SfnTables>().selectFrom("sfn_executions").where("map_run_arn", "=", mapRunArn);
  return {
    /** The items at or behind an index that children were given already, in order. */
    given: async (mapRunArn: string, from: number, limit: number): Promise<{ firstItem: number; items: number }[]> => {
      const query = children(mapRunArn).select(["first_item", "item_count"]).where("first_item", ">=", from);
      const rows = await query.orderBy("first_item").limit(limit).execute();
      return rows.map(({ first_item, item_count }) => ({ firstItem: first_item ?? 0, items: item_count ?? 0 }));
    },
    withStatus: async (mapRunArn: string, status: string, limit: number): Promise<string[]> => {
      const query = children(mapRunArn).select("arn").where("status", "=", status).orderBy("first_item").limit(limit);
      return (await query.execute()).map(({ arn }) => arn);
    },
    /** Those behind an item's index, in the order of their items. */
    after: async (
      mapRunArn: string,
      item: number,
      limit: number,
    ): Promise<{ execution: Execution; firstItem: number; items: number }[]> => {
      const query = children(mapRunArn).select(["state", "first_item", "item_count"]).where("first_item", ">", item);
      const rows = await query.orderBy("first_item").limit(limit).execute();
      return rows.map(({ state, first_item, item_count }) => ({
        execution: JSON.parse(state) as Execution,
        firstItem: first_item ?? 0,
        items: item_count ?? 0,
      }));
    },
  };
};
