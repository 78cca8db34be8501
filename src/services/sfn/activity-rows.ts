import type { Store } from "#store/store.ts";
import type { SfnTables } from "./tables.ts";

export type Activity = { arn: string; account: string; region: string; name: string; createdAt: number; tags: Record<string, string> };
export type ActivityRows = ReturnType<typeof newActivityRows>;

const toActivity = (row: SfnTables["sfn_activities"]): Activity => ({
  arn: row.arn,
  account: row.account,
  region: row.region,
  name: row.name,
  createdAt: row.created_at,
  tags: JSON.parse(row.tags) as Record<string, string>,
});

export const newActivityRows = (store: Store) => ({
  find: async (arn: string): Promise<Activity | undefined> => {
    const row = await store.read<SfnTables>().selectFrom("sfn_activities").selectAll().where("arn", "=", arn).executeTakeFirst();
    return row && toActivity(row);
  },
  /** The activity as it is afterwards: the one that was there already stays. */
  add: (activity: Activity): Promise<Activity> =>
    store.transaction<SfnTables, Activity>(async (tx) => {
      const found = await tx.selectFrom("sfn_activities").selectAll().where("arn", "=", activity.arn).executeTakeFirst();
      if (found) return toActivity(found);
      const { createdAt: created_at, tags, ...rest } = activity;
      await tx
        .insertInto("sfn_activities")
        .values({ ...rest, created_at, tags: JSON.stringify(tags) })
        .execute();
      return activity;
    }),
  list: async ({ account, region }: { account: string; region: string }, { offset, limit }: { offset: number; limit: number }) => {
    const query = store.read<SfnTables>().selectFrom("sfn_activities").selectAll().where("account", "=", account);
    const rows = await query
      .where("region", "=", region)
      .orderBy("name")
      .offset(offset)
      .limit(limit + 1)
      .execute();
    return rows.map(toActivity);
  },
  setTags: (arn: string, tags: Readonly<Record<string, string>>): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx
        .updateTable("sfn_activities")
        .set({ tags: JSON.stringify(tags) })
        .where("arn", "=", arn)
        .execute();
    }),
  remove: (arn: string): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.deleteFrom("sfn_activities").where("arn", "=", arn).execute();
    }),
});
