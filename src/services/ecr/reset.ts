import type { Store } from "#store/store.ts";
import { hexOf, layerOwner, uploadOwner } from "./tables.ts";
import type { Tables } from "./tables.ts";

/** Forgets every registry; the blobs that only they held are collected in time. */
export const resetRegistry = (store: Store): Promise<void> =>
  store.transaction<Tables, void>(async (tx) => {
    for (const { digest, repository: name, ...at } of await tx.selectFrom("ecr_layers").selectAll().execute())
      await store.blobs.release(tx, hexOf(digest), layerOwner({ ...at, name }));
    for (const { digest, upload_id } of await tx.selectFrom("ecr_upload_parts").selectAll().execute())
      await store.blobs.release(tx, digest, uploadOwner(upload_id));
    const tables = ["upload_parts", "uploads", "layers", "image_parts", "image_tags", "images", "repositories", "tokens"] as const;
    for (const table of tables) await tx.deleteFrom(`ecr_${table}`).execute();
  });
