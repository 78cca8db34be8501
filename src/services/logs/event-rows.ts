import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import { groupNotFound, streamNotFound } from "./faults.ts";
import type { Place, Position, StoredEvent } from "./logs.ts";
import type { Tables } from "./tables.ts";

export type NewEvent = { at: number; message: string };

export type EventRange = {
  groupId: number;
  /** All streams of the group unless told. */
  streamIds?: readonly number[];
  from: number;
  /** The first millisecond that is not read. */
  until: number;
  after?: Position;
  before?: Position;
  order: "asc" | "desc";
  limit: number;
};

export type EventRows = {
  /** Appends to a stream, which must be there; answers with what was stored. */
  append(target: Place & { group: string; stream: string; now: number }, events: readonly NewEvent[]): Promise<StoredEvent[]>;
  read(range: EventRange): Promise<StoredEvent[]>;
  /** Removes at most `limit` events of a group that are older than `before`; answers with how many. */
  expire(groupId: number, before: number, limit: number): Promise<number>;
};

const rowsAStatement = 1000;

const bytesOf = (messages: readonly { message: string }[]) => messages.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);

const targetOf = async (tx: Transaction<Tables>, { account, region, group, stream }: Place & { group: string; stream: string }) => {
  const foundGroup = await tx
    .selectFrom("logs_groups")
    .select(["id", "next_sequence", "stored_bytes"])
    .where("account", "=", account)
    .where("region", "=", region)
    .where("name", "=", group)
    .executeTakeFirst();
  if (!foundGroup) throw groupNotFound();
  const foundStream = await tx
    .selectFrom("logs_streams")
    .selectAll()
    .where("group_id", "=", foundGroup.id)
    .where("name", "=", stream)
    .executeTakeFirst();
  if (!foundStream) throw streamNotFound();
  return { group: foundGroup, stream: foundStream };
};

const append =
  (store: Store): EventRows["append"] =>
  (target, events) =>
    store.transaction<Tables, StoredEvent[]>(async (tx) => {
      const { group, stream } = await targetOf(tx, target);
      const [first, last] = [events.at(0), events.at(-1)];
      if (!first || !last) return [];
      const stored = events.map((event, index) => ({
        ...event,
        sequence: group.next_sequence + index,
        streamId: stream.id,
        ingestedAt: target.now,
      }));
      for (let at = 0; at < stored.length; at += rowsAStatement) {
        const rows = stored.slice(at, at + rowsAStatement).map((event) => ({
          group_id: group.id,
          stream_id: stream.id,
          at: event.at,
          sequence: event.sequence,
          ingested_at: event.ingestedAt,
          message: event.message,
        }));
        await tx.insertInto("logs_events").values(rows).execute();
      }
      await tx
        .updateTable("logs_groups")
        .set({ next_sequence: group.next_sequence + events.length, stored_bytes: group.stored_bytes + bytesOf(events) })
        .where("id", "=", group.id)
        .execute();
      await tx
        .updateTable("logs_streams")
        .set({
          first_event_at: Math.min(stream.first_event_at ?? first.at, first.at),
          last_event_at: Math.max(stream.last_event_at ?? last.at, last.at),
          last_ingested_at: target.now,
        })
        .where("id", "=", stream.id)
        .execute();
      return stored;
    });

const read =
  (store: Store): EventRows["read"] =>
  async (range) => {
    const { after, before, streamIds } = range;
    const rows = await store
      .read<Tables>()
      .selectFrom("logs_events")
      .selectAll()
      .where("at", ">=", range.from)
      .where("at", "<", range.until)
      .$if(streamIds === undefined || streamIds.length !== 1, (query) => query.where("group_id", "=", range.groupId))
      .$if(streamIds !== undefined, (query) => query.where("stream_id", "in", streamIds ?? []))
      .$if(after !== undefined, (query) => query.where(sql<boolean>`(at, sequence) > (${after?.at ?? 0}, ${after?.sequence ?? 0})`))
      .$if(before !== undefined, (query) => query.where(sql<boolean>`(at, sequence) < (${before?.at ?? 0}, ${before?.sequence ?? 0})`))
      .orderBy("at", range.order)
      .orderBy("sequence", range.order)
      .limit(range.limit)
      .execute();
    return rows.map((row) => ({
      at: row.at,
      sequence: row.sequence,
      streamId: row.stream_id,
      ingestedAt: row.ingested_at,
      message: row.message,
    }));
  };

const expire =
  (store: Store): EventRows["expire"] =>
  (groupId, before, limit) =>
    store.transaction<Tables, number>(async (tx) => {
      const old = await tx
        .selectFrom("logs_events")
        .select(["at", "sequence", "message"])
        .where("group_id", "=", groupId)
        .where("at", "<", before)
        .orderBy("at")
        .orderBy("sequence")
        .limit(limit)
        .execute();
      const last = old.at(-1);
      if (!last) return 0;
      await tx
        .deleteFrom("logs_events")
        .where("group_id", "=", groupId)
        .where(sql<boolean>`(at, sequence) <= (${last.at}, ${last.sequence})`)
        .execute();
      await tx
        .updateTable("logs_groups")
        .set(({ eb }) => ({ stored_bytes: eb("stored_bytes", "-", bytesOf(old)) }))
        .where("id", "=", groupId)
        .execute();
      return old.length;
    });

export const newEventRows = (store: Store): EventRows => ({ append: append(store), read: read(store), expire: expire(store) });
