import type { Store } from "#store/store.ts";
import { nextId } from "./group-rows.ts";
import type { Stream } from "./logs.ts";
import type { Tables } from "./tables.ts";

export type StreamPage = {
  groupId: number;
  prefix?: string;
  orderBy: "name" | "lastEvent";
  descending: boolean;
  offset: number;
  limit: number;
};

export type StreamRows = {
  find(groupId: number, name: string): Promise<Stream | undefined>;
  /** False when there is one of that name. */
  add(stream: Pick<Stream, "groupId" | "name" | "createdAt">): Promise<boolean>;
  remove(stream: Pick<Stream, "id">): Promise<void>;
  list(page: StreamPage): Promise<Stream[]>;
  names(ids: readonly number[]): Promise<[id: number, name: string][]>;
};

const toStream = (row: Tables["logs_streams"]): Stream => ({
  id: row.id,
  groupId: row.group_id,
  name: row.name,
  createdAt: row.created_at,
  firstEventAt: row.first_event_at ?? undefined,
  lastEventAt: row.last_event_at ?? undefined,
  lastIngestedAt: row.last_ingested_at ?? undefined,
});

export const newStreamRows = (store: Store): StreamRows => ({
  find: async (groupId, name) => {
    const row = await store
      .read<Tables>()
      .selectFrom("logs_streams")
      .selectAll()
      .where("group_id", "=", groupId)
      .where("name", "=", name)
      .executeTakeFirst();
    return row && toStream(row);
  },
  add: ({ groupId, name, createdAt }) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const id = await nextId(tx, "logs_streams");
      const added = await tx
        .insertInto("logs_streams")
        .values({ id, group_id: groupId, name, created_at: createdAt, first_event_at: null, last_event_at: null, last_ingested_at: null })
        .onConflict((conflict) => conflict.columns(["group_id", "name"]).doNothing())
        .executeTakeFirst();
      return added.numInsertedOrUpdatedRows === 1n;
    }),
  remove: ({ id }) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("logs_events").where("stream_id", "=", id).execute();
      await tx.deleteFrom("logs_streams").where("id", "=", id).execute();
    }),
  list: async ({ groupId, prefix = "", orderBy, descending, offset, limit }) => {
    const direction = descending ? "desc" : "asc";
    const rows = await store
      .read<Tables>()
      .selectFrom("logs_streams")
      .selectAll()
      .where("group_id", "=", groupId)
      .where("name", ">=", prefix)
      .$if(prefix !== "", (query) => query.where("name", "<", `${prefix}\u{10ffff}`))
      .$if(orderBy === "lastEvent", (query) =>
        query.orderBy(({ fn, val }) => fn.coalesce("last_event_at", val(0)), direction).orderBy("id", direction),
      )
      .$if(orderBy === "name", (query) => query.orderBy("name", direction))
      .limit(limit)
      .offset(offset)
      .execute();
    return rows.map(toStream);
  },
  names: async (ids) => {
    if (ids.length === 0) return [];
    const rows = await store.read<Tables>().selectFrom("logs_streams").select(["id", "name"]).where("id", "in", ids).execute();
    return rows.map((row): [number, string] => [row.id, row.name]);
  },
});
