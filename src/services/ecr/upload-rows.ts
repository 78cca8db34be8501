import type { Store } from "#store/store.ts";
import type { RepositoryKey } from "./ecr.ts";
import { addLayer } from "./layer-rows.ts";
import type { Layer } from "./layer-rows.ts";
import { columnsOf, uploadOwner } from "./tables.ts";
import type { Tables } from "./tables.ts";

/** What has arrived of a layer, each part a blob of its own until the whole is known. `digest` is the hex alone. */
export type Upload = RepositoryKey & { id: string; parts: readonly UploadPart[]; sizeBytes: number };
type UploadPart = { firstByte: number; sizeBytes: number; digest: string };

export type UploadRows = {
  find(id: string): Promise<Upload | undefined>;
  start(key: RepositoryKey, id: string, now: number): Promise<void>;
  /** Answers false when another part took the place, or the upload is gone. */
  addPart(id: string, part: UploadPart): Promise<boolean>;
  /** The layer is the repository's, and the upload is over: in one step. */
  complete(upload: Upload, layer: Layer, now: number): Promise<void>;
  drop(id: string): Promise<void>;
  dropOld(before: number): Promise<void>;
};

export const newUploadRows = (store: Store): UploadRows => {
  const drop = (id: string, andThen?: (tx: Parameters<Parameters<typeof store.transaction<Tables, void>>[0]>[0]) => Promise<void>) =>
    store.transaction<Tables, void>(async (tx) => {
      await andThen?.(tx);
      const parts = await tx.selectFrom("ecr_upload_parts").select("digest").where("upload_id", "=", id).execute();
      for (const { digest } of parts) await store.blobs.release(tx, digest, uploadOwner(id));
      await tx.deleteFrom("ecr_upload_parts").where("upload_id", "=", id).execute();
      await tx.deleteFrom("ecr_uploads").where("id", "=", id).execute();
    });

  return {
    find: async (id) => {
      const rows = store.read<Tables>();
      const row = await rows.selectFrom("ecr_uploads").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return undefined;
      const found = await rows.selectFrom("ecr_upload_parts").selectAll().where("upload_id", "=", id).orderBy("first_byte").execute();
      const parts = found.map((part) => ({ firstByte: part.first_byte, sizeBytes: part.size_bytes, digest: part.digest }));
      const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      return { account: row.account, region: row.region, name: row.repository, id, parts, sizeBytes };
    },
    start: (key, id, now) =>
      store.transaction<Tables, void>(
        async (tx) =>
          void (await tx
            .insertInto("ecr_uploads")
            .values({ id, ...columnsOf(key), started_at: now })
            .execute()),
      ),
    addPart: (id, part) =>
      store.transaction<Tables, boolean>(async (tx) => {
        const upload = await tx.selectFrom("ecr_uploads").select("id").where("id", "=", id).executeTakeFirst();
        if (!upload) return false;
        const added = await tx
          .insertInto("ecr_upload_parts")
          .values({ upload_id: id, first_byte: part.firstByte, size_bytes: part.sizeBytes, digest: part.digest })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (Number(added.numInsertedOrUpdatedRows ?? 0) === 0) return false;
        await store.blobs.hold(tx, part.digest, uploadOwner(id));
        return true;
      }),
    complete: (upload, layer, now) => drop(upload.id, (tx) => addLayer(tx, store, { key: upload, layer, now })),
    drop,
    dropOld: async (before) => {
      const old = await store.read<Tables>().selectFrom("ecr_uploads").select("id").where("started_at", "<", before).execute();
      for (const { id } of old) await drop(id);
    },
  };
};
