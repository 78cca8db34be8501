import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { Group, Place } from "./logs.ts";
import type { Tables } from "./tables.ts";

type Row = Tables["logs_groups"];

export type GroupRows = {
  find(place: Place, name: string): Promise<Group | undefined>;
  /** False when there is one of that name. */
  add(group: Omit<Group, "id" | "storedBytes">): Promise<boolean>;
  change(group: Pick<Group, "id">, changes: Partial<Pick<Group, "retentionDays" | "tags">>): Promise<void>;
  remove(group: Pick<Group, "id">): Promise<void>;
  /** In the order of names, after `after`. */
  list(place: Place, query: { prefix: string; contains: string; after: string; limit: number }): Promise<Group[]>;
  withRetention(): Promise<Pick<Group, "id" | "retentionDays">[]>;
  retentionOf(id: number): Promise<number | undefined>;
  clear(): Promise<void>;
};

const toGroup = (row: Row): Group => ({
  id: row.id,
  account: row.account,
  region: row.region,
  name: row.name,
  createdAt: row.created_at,
  retentionDays: row.retention_days ?? undefined,
  groupClass: row.group_class as Group["groupClass"],
  isProtected: row.is_protected === 1,
  tags: JSON.parse(row.tags) as Record<string, string>,
  storedBytes: row.stored_bytes,
});

/** Ids of groups and streams: small numbers, since each event carries both. */
export const nextId = async (tx: Transaction<Tables>, table: "logs_groups" | "logs_streams"): Promise<number> => {
  const last = await tx
    .selectFrom(table)
    .select(({ fn }) => fn.max("id").as("id"))
    .executeTakeFirst();
  return Number(last?.id ?? 0) + 1;
};

export const newGroupRows = (store: Store): GroupRows => ({
  find: async (place, name) => {
    const row = await store
      .read<Tables>()
      .selectFrom("logs_groups")
      .selectAll()
      .where("account", "=", place.account)
      .where("region", "=", place.region)
      .where("name", "=", name)
      .executeTakeFirst();
    return row && toGroup(row);
  },
  add: (group) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const values = {
        id: await nextId(tx, "logs_groups"),
        account: group.account,
        region: group.region,
        name: group.name,
        created_at: group.createdAt,
        retention_days: group.retentionDays ?? null,
        group_class: group.groupClass,
        is_protected: group.isProtected ? 1 : 0,
        tags: JSON.stringify(group.tags),
        stored_bytes: 0,
        next_sequence: 1,
      };
      const added = await tx
        .insertInto("logs_groups")
        .values(values)
        .onConflict((conflict) => conflict.columns(["account", "region", "name"]).doNothing())
        .executeTakeFirst();
      return added.numInsertedOrUpdatedRows === 1n;
    }),
  change: ({ id }, changes) =>
    store.transaction<Tables, void>(async (tx) => {
      const values = {
        ...("retentionDays" in changes ? { retention_days: changes.retentionDays ?? null } : {}),
        ...(changes.tags ? { tags: JSON.stringify(changes.tags) } : {}),
      };
      await tx.updateTable("logs_groups").set(values).where("id", "=", id).execute();
    }),
  remove: ({ id }) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("logs_events").where("group_id", "=", id).execute();
      await tx.deleteFrom("logs_streams").where("group_id", "=", id).execute();
      await tx.deleteFrom("logs_groups").where("id", "=", id).execute();
    }),
  list: async (place, { prefix, contains, after, limit }) => {
    const rows = await store
      .read<Tables>()
      .selectFrom("logs_groups")
      .selectAll()
      .where("account", "=", place.account)
      .where("region", "=", place.region)
      .where("name", ">", after)
      .where("name", ">=", prefix)
      .$if(prefix !== "", (query) => query.where("name", "<", `${prefix}\u{10ffff}`))
      .$if(contains !== "", (query) => query.where(({ fn }) => fn("lower", ["name"]), "like", `%${contains.toLowerCase()}%`))
      .orderBy("name")
      .limit(limit)
      .execute();
    return rows.map(toGroup);
  },
  withRetention: async () => {
    const rows = await store
      .read<Tables>()
      .selectFrom("logs_groups")
      .select(["id", "retention_days"])
      .where("retention_days", "is not", null)
      .execute();
    return rows.map((row) => ({ id: row.id, retentionDays: row.retention_days ?? undefined }));
  },
  retentionOf: async (id) => {
    const row = await store.read<Tables>().selectFrom("logs_groups").select("retention_days").where("id", "=", id).executeTakeFirst();
    return row?.retention_days ?? undefined;
  },
  clear: () =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("logs_events").execute();
      await tx.deleteFrom("logs_streams").execute();
      await tx.deleteFrom("logs_groups").execute();
    }),
});
