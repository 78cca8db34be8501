import type { Kysely, Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { ListedObject, ObjectDetails, Segment, StoredObject } from "./s3.ts";
import { prepare } from "#store/statement.ts";

type ObjectRow = {
  bucket: string;
  object_key: string;
  id: string;
  etag: string;
  size_bytes: number;
  modified_at: number;
  storage_class: string;
  checksum_algorithm: string | null;
  checksum_type: string | null;
  details: string;
  segments: string | null;
  content: Uint8Array | null;
};

type ListedRow = Pick<
  ObjectRow,
  "object_key" | "etag" | "size_bytes" | "modified_at" | "storage_class" | "checksum_algorithm" | "checksum_type"
>;

type Tables = { s3_objects: ObjectRow };

/** What a write needs to know of the object that it replaces. */
export type Replaced = { etag: string; sizeBytes: number; modifiedAt: number; segments: readonly Segment[] };

/** Where a listing goes on: at a key, or behind it. */
export type Seek = { bucket: string; key: string; inclusive: boolean; below: string | undefined; limit: number };

export type ObjectRows = {
  find(bucket: string, key: string): Promise<StoredObject | undefined>;
  findIn(tx: Transaction<unknown>, bucket: string, key: string): Promise<StoredObject | undefined>;
  findReplaced(tx: Transaction<unknown>, bucket: string, key: string): Promise<Replaced | undefined>;
  put(tx: Transaction<unknown>, object: StoredObject): Promise<void>;
  setDetails(tx: Transaction<unknown>, object: Pick<StoredObject, "bucket" | "key" | "details">): Promise<void>;
  remove(tx: Transaction<unknown>, bucket: string, key: string): Promise<void>;
  /** Some objects of any bucket, with what they hold: for taking all away. */
  some(tx: Transaction<unknown>): Promise<{ bucket: string; key: string; segments: readonly Segment[] }[]>;
  /** Objects in the order of their keys' UTF-8 bytes. */
  seek(from: Seek): Promise<ListedObject[]>;
};

const columns = [
  "bucket",
  "object_key",
  "id",
  "etag",
  "size_bytes",
  "modified_at",
  "storage_class",
  "checksum_algorithm",
  "checksum_type",
  "details",
  "segments",
  "content",
] as const;

const listed = ["object_key", "etag", "size_bytes", "modified_at", "storage_class", "checksum_algorithm", "checksum_type"] as const;

export const newObjectRows = (store: Store): ObjectRows => {
  const read = store.read<Tables>();
  const one = read.selectFrom("s3_objects").where("bucket", "=", "").where("object_key", "=", "");
  const findOne = prepare<ObjectRow>(one.selectAll());
  const findOld = prepare<Pick<ObjectRow, "etag" | "size_bytes" | "modified_at" | "segments">>(
    one.select(["etag", "size_bytes", "modified_at", "segments"]),
  );
  const upsert = prepare<never>(upsertQuery(read));
  const removeOne = prepare<never>(read.deleteFrom("s3_objects").where("bucket", "=", "").where("object_key", "=", ""));
  const setDetails = prepare<never>(
    read.updateTable("s3_objects").set({ details: "" }).where("bucket", "=", "").where("object_key", "=", ""),
  );
  const list = newSeek(read);
  const findFirst = async (on: unknown, bucket: string, key: string) => {
    const [row] = await findOne(untyped(on), bucket, key);
    return row && toObject(row);
  };
  return {
    find: (bucket, key) => findFirst(read, bucket, key),
    findIn: (tx, bucket, key) => findFirst(tx, bucket, key),
    findReplaced: async (tx, bucket, key) => {
      const [row] = await findOld(untyped(tx), bucket, key);
      return row && { etag: row.etag, sizeBytes: row.size_bytes, modifiedAt: row.modified_at, segments: toSegments(row.segments) };
    },
    put: async (tx, object) => {
      const row = toRow(object);
      await upsert(untyped(tx), ...columns.map((name) => row[name]));
    },
    setDetails: async (tx, { bucket, key, details }) => void (await setDetails(untyped(tx), JSON.stringify(details), bucket, key)),
    remove: async (tx, bucket, key) => void (await removeOne(untyped(tx), bucket, key)),
    some: async (tx) => {
      const mine = tx as unknown as Transaction<Tables>;
      const rows = await mine.selectFrom("s3_objects").select(["bucket", "object_key", "segments"]).limit(1000).execute();
      return rows.map((row) => ({ bucket: row.bucket, key: row.object_key, segments: toSegments(row.segments) }));
    },
    seek: async (from) => (await list(from)).map(toListed),
  };
};

const untyped = (rows: unknown) => rows as Kysely<never>;

const upsertQuery = (read: Kysely<Tables>) =>
  read
    .insertInto("s3_objects")
    .values(Object.fromEntries(columns.map((name) => [name, ""])) as unknown as ObjectRow)
    .onConflict((conflict) =>
      conflict
        .columns(["bucket", "object_key"])
        .doUpdateSet((row) =>
          Object.fromEntries(
            columns.filter((name) => name !== "bucket" && name !== "object_key").map((n) => [n, row.ref(`excluded.${n}`)]),
          ),
        ),
    );

const newSeek = (read: Kysely<Tables>) => {
  const query = (operator: ">" | ">=", bounded: boolean) =>
    prepare<ListedRow>(
      read
        .selectFrom("s3_objects")
        .select(listed)
        .where("bucket", "=", "")
        .where("object_key", operator, "")
        .$if(bounded, (select) => select.where("object_key", "<", ""))
        .orderBy("object_key")
        .limit(1),
    );
  const open = { after: query(">", false), from: query(">=", false) };
  const bounded = { after: query(">", true), from: query(">=", true) };
  return ({ bucket, key, inclusive, below, limit }: Seek) => {
    const { after, from } = below === undefined ? open : bounded;
    return (inclusive ? from : after)(untyped(read), bucket, key, ...(below === undefined ? [] : [below]), limit);
  };
};

const toSegments = (text: string | null) => (text === null ? [] : (JSON.parse(text) as Segment[]));

const toListed = (row: ListedRow): ListedObject => ({
  key: row.object_key,
  etag: row.etag,
  sizeBytes: row.size_bytes,
  modifiedAt: row.modified_at,
  storageClass: row.storage_class,
  checksumAlgorithm: row.checksum_algorithm,
  checksumType: row.checksum_type,
});

const toObject = (row: ObjectRow): StoredObject => ({
  bucket: row.bucket,
  key: row.object_key,
  id: row.id,
  etag: row.etag,
  sizeBytes: row.size_bytes,
  modifiedAt: row.modified_at,
  storageClass: row.storage_class,
  details: JSON.parse(row.details) as ObjectDetails,
  content: row.content === null ? { segments: toSegments(row.segments) } : { bytes: row.content },
});

const toRow = ({ bucket, key, content, details, ...object }: StoredObject): ObjectRow => ({
  bucket,
  object_key: key,
  id: object.id,
  etag: object.etag,
  size_bytes: object.sizeBytes,
  modified_at: object.modifiedAt,
  storage_class: object.storageClass,
  checksum_algorithm: details.checksum?.algorithm ?? null,
  checksum_type: details.checksum?.type ?? null,
  details: JSON.stringify(details),
  segments: "segments" in content ? JSON.stringify(content.segments) : null,
  content: "bytes" in content ? content.bytes : null,
});
