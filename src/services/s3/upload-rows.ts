import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { Segment, Upload, UploadedPart } from "./s3.ts";

type UploadRow = { bucket: string; object_key: string; id: string; started_at: number; details: string };
type PartRow = {
  upload_id: string;
  part_number: number;
  etag: string;
  size_bytes: number;
  modified_at: number;
  checksum: string | null;
  segments: string;
};
type Tables = { s3_uploads: UploadRow; s3_parts: PartRow };

export type UploadName = { bucket: string; key: string; id: string };

/** Multipart uploads that are under way, and their parts. */
export type UploadRows = {
  find(name: UploadName, tx?: Transaction<unknown>): Promise<Upload | undefined>;
  put(upload: Upload): Promise<void>;
  /** With its parts. */
  remove(tx: Transaction<unknown>, name: UploadName): Promise<void>;
  /** Some of a bucket's, or of all. */
  some(tx: Transaction<unknown>, bucket: string | undefined): Promise<UploadName[]>;
  list(query: { bucket: string; prefix: string; limit: number; after: { key: string; id: string } }): Promise<Upload[]>;
  findPart(tx: Transaction<unknown>, id: string, partNumber: number): Promise<UploadedPart | undefined>;
  putPart(tx: Transaction<unknown>, id: string, part: UploadedPart): Promise<void>;
  /** In the order of their numbers. */
  parts(query: { id: string; after?: number; limit?: number; tx?: Transaction<unknown> }): Promise<UploadedPart[]>;
};

export const newUploadRows = (store: Store): UploadRows => {
  const read = store.read<Tables>();
  const typed = (tx: Transaction<unknown> | undefined) => (tx as unknown as Transaction<Tables> | undefined) ?? read;
  return {
    find: async ({ bucket, key, id }, tx) => {
      const row = await typed(tx)
        .selectFrom("s3_uploads")
        .selectAll()
        .where("bucket", "=", bucket)
        .where("object_key", "=", key)
        .where("id", "=", id)
        .executeTakeFirst();
      return row && toUpload(row);
    },
    put: (upload) =>
      store.transaction<Tables, void>(async (tx) => {
        const { bucket, key, id, startedAt, details } = upload;
        const row = { bucket, object_key: key, id, started_at: startedAt, details: JSON.stringify(details) };
        await tx.insertInto("s3_uploads").values(row).execute();
      }),
    remove: async (tx, { bucket, key, id }) => {
      const mine = typed(tx);
      await mine.deleteFrom("s3_uploads").where("bucket", "=", bucket).where("object_key", "=", key).where("id", "=", id).execute();
      await mine.deleteFrom("s3_parts").where("upload_id", "=", id).execute();
    },
    some: async (tx, bucket) => {
      const rows = await typed(tx)
        .selectFrom("s3_uploads")
        .select(["bucket", "object_key", "id"])
        .$if(bucket !== undefined, (select) => select.where("bucket", "=", bucket ?? ""))
        .limit(100)
        .execute();
      return rows.map((row) => ({ bucket: row.bucket, key: row.object_key, id: row.id }));
    },
    list: async ({ bucket, prefix, after, limit }) => {
      const rows = await read
        .selectFrom("s3_uploads")
        .selectAll()
        .where("bucket", "=", bucket)
        .where((row) => row.or([row("object_key", ">", after.key), row.and([row("object_key", "=", after.key), row("id", ">", after.id)])]))
        .$if(prefix !== "", (select) => select.where("object_key", ">=", prefix))
        .orderBy("object_key")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.filter((row) => row.object_key.startsWith(prefix)).map(toUpload);
    },
    findPart: async (tx, id, partNumber) => {
      const row = await typed(tx)
        .selectFrom("s3_parts")
        .selectAll()
        .where("upload_id", "=", id)
        .where("part_number", "=", partNumber)
        .executeTakeFirst();
      return row && toPart(row);
    },
    putPart: async (tx, id, part) => {
      const row = toPartRow(id, part);
      await typed(tx)
        .insertInto("s3_parts")
        .values(row)
        .onConflict((conflict) => conflict.columns(["upload_id", "part_number"]).doUpdateSet(row))
        .execute();
    },
    parts: async ({ id, after = 0, limit, tx }) => {
      const rows = await typed(tx)
        .selectFrom("s3_parts")
        .selectAll()
        .where("upload_id", "=", id)
        .where("part_number", ">", after)
        .orderBy("part_number")
        .$if(limit !== undefined, (select) => select.limit(limit ?? 0))
        .execute();
      return rows.map(toPart);
    },
  };
};

const toUpload = ({ bucket, object_key, id, started_at, details }: UploadRow): Upload => ({
  bucket,
  key: object_key,
  id,
  startedAt: started_at,
  details: JSON.parse(details) as Upload["details"],
});

const toPart = (row: PartRow): UploadedPart => ({
  partNumber: row.part_number,
  etag: row.etag,
  sizeBytes: row.size_bytes,
  modifiedAt: row.modified_at,
  checksum: row.checksum ?? undefined,
  segments: JSON.parse(row.segments) as Segment[],
});

const toPartRow = (id: string, part: UploadedPart): PartRow => ({
  upload_id: id,
  part_number: part.partNumber,
  etag: part.etag,
  size_bytes: part.sizeBytes,
  modified_at: part.modifiedAt,
  checksum: part.checksum ?? null,
  segments: JSON.stringify(part.segments),
});
