import type { EncryptionConfiguration } from "@aws-sdk/client-sfn";
import type { Store } from "#store/store.ts";
import type { ChangeTags, Tags } from "./machine-rows.ts";
import type { SfnTables } from "./tables.ts";

export type Activity = {
  arn: string;
  account: string;
  region: string;
  name: string;
  createdAt: number;
  tags: Tags;
  encryption: EncryptionConfiguration | undefined;
};
export type ActivityRows = ReturnType<typeof newActivityRows>;

const toActivity = (row: SfnTables["sfn_activities"]): Activity => ({
  arn: row.arn,
  account: row.account,
  region: row.region,
  name: row.name,
  createdAt: row.created_at,
  tags: JSON.parse(row.tags) as Tags,
  encryption: row.encryption === null ? undefined : (JSON.parse(row.encryption) as EncryptionConfiguration),
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
      const { createdAt: created_at, tags, encryption, ...rest } = activity;
      const texts = { tags: JSON.stringify(tags), encryption: encryption === undefined ? null : JSON.stringify(encryption) };
      await tx
        .insertInto("sfn_activities")
        .values({ ...rest, ...texts, created_at })
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
  /** False when there is no such activity. */
  changeTags: (arn: string, change: ChangeTags): Promise<boolean> =>
    store.transaction<SfnTables, boolean>(async (tx) => {
      const found = await tx.selectFrom("sfn_activities").select("tags").where("arn", "=", arn).executeTakeFirst();
      if (!found) return false;
      const tags = JSON.stringify(change(JSON.parse(found.tags) as Tags));
      await tx.updateTable("sfn_activities").set({ tags }).where("arn", "=", arn).execute();
      return true;
    }),
  remove: (arn: string): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.deleteFrom("sfn_activities").where("arn", "=", arn).execute();
    }),
});
