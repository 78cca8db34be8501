import type { Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { RepositoryKey } from "./ecr.ts";
import { columnsOf, hexOf, layerOwner } from "./tables.ts";
import type { Tables } from "./tables.ts";

/** `digest` is `sha256:…`. */
export type Layer = { digest: string; sizeBytes: number };

export type LayerRows = {
  find(key: RepositoryKey, digest: string): Promise<Layer | undefined>;
  /** Those of `digests` that the repository has. */
  present(key: RepositoryKey, digests: readonly string[]): Promise<Layer[]>;
  /** Puts a blob that the store has into the repository. */
  add(key: RepositoryKey, layer: Layer, now: number): Promise<void>;
  /** Drops layers that no image names and that came before `before`: what unfinished pushes leave. */
  dropUnused(before: number): Promise<void>;
};

export const newLayerRows = (store: Store): LayerRows => ({
  find: async (key, digest) => (await present(store, key, [digest]))[0],
  present: (key, digests) => present(store, key, digests),
  add: (key, layer, now) => store.transaction<Tables, void>((tx) => addLayer(tx, store, { key, layer, now })),
  dropUnused: async (before) => {
    const old = await store
      .read<Tables>()
      .selectFrom("ecr_layers")
      .select(["account", "region", "repository", "digest"])
      .where("uploaded_at", "<", before)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("ecr_image_parts")
              .select("image")
              .whereRef("ecr_image_parts.account", "=", "ecr_layers.account")
              .whereRef("ecr_image_parts.region", "=", "ecr_layers.region")
              .whereRef("ecr_image_parts.repository", "=", "ecr_layers.repository")
              .whereRef("ecr_image_parts.digest", "=", "ecr_layers.digest"),
          ),
        ),
      )
      .limit(1000)
      .execute();
    for (const { repository: name, digest, ...at } of old)
      await store.transaction<Tables, void>((tx) => dropIfUnused(tx, store, { ...at, name }, digest));
  },
});

const present = async (store: Store, key: RepositoryKey, digests: readonly string[]): Promise<Layer[]> => {
  if (digests.length === 0) return [];
  const rows = await store
    .read<Tables>()
    .selectFrom("ecr_layers")
    .select(["digest", "size_bytes"])
    .where((by) => by.and(columnsOf(key)))
    .where("digest", "in", [...digests])
    .execute();
  return rows.map((row) => ({ digest: row.digest, sizeBytes: row.size_bytes }));
};

export const addLayer = async (
  tx: Transaction<Tables>,
  store: Pick<Store, "blobs">,
  { key, layer, now }: { key: RepositoryKey; layer: Layer; now: number },
): Promise<void> => {
  await tx
    .insertInto("ecr_layers")
    .values({ ...columnsOf(key), digest: layer.digest, size_bytes: layer.sizeBytes, uploaded_at: now })
    // Young again: an image that is on its way may count on it.
    .onConflict((conflict) => conflict.columns(["account", "region", "repository", "digest"]).doUpdateSet({ uploaded_at: now }))
    .execute();
  await store.blobs.hold(tx, hexOf(layer.digest), layerOwner(key));
};

/** Takes a layer out of its repository unless an image there names it. */
export const dropIfUnused = async (
  tx: Transaction<Tables>,
  store: Pick<Store, "blobs">,
  key: RepositoryKey,
  digest: string,
): Promise<void> => {
  const at = columnsOf(key);
  const used = await tx
    .selectFrom("ecr_image_parts")
    .select("image")
    .where((by) => by.and({ ...at, digest }))
    .executeTakeFirst();
  if (used) return;
  await tx
    .deleteFrom("ecr_layers")
    .where((by) => by.and({ ...at, digest }))
    .execute();
  await store.blobs.release(tx, hexOf(digest), layerOwner(key));
};
