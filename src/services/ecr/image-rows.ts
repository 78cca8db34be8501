import type { Selectable, Transaction } from "kysely";
import type { Fact } from "#store/outbox.ts";
import type { Store } from "#store/store.ts";
import type { Image, RepositoryKey } from "./ecr.ts";
import { dropIfUnused } from "./layer-rows.ts";
import { columnsOf } from "./tables.ts";
import type { Tables } from "./tables.ts";

export type Tagged = { image: Image; tags: readonly string[] };
export type Reference = { tag: string } | { digest: string };

/** What a push changes: the image, what it names, and the tag that now is its. */
type Push = { image: Image; parts: readonly string[]; tag: string | undefined; mayMoveTag: boolean; facts: readonly Fact[] };
export type Pushed = "pushed" | "tagged" | "already there" | "tag taken";

export type ImageRows = {
  find(key: RepositoryKey, reference: Reference): Promise<Image | undefined>;
  tagsOf(key: RepositoryKey, digest: string): Promise<string[]>;
  /** Images of a repository in the order of their digests, from behind `after`. */
  list(key: RepositoryKey, page: { after: string; limit: number }): Promise<Tagged[]>;
  listTags(key: RepositoryKey, page: { after: string; limit: number }): Promise<{ tag: string; digest: string }[]>;
  referrers(key: RepositoryKey, subject: string): Promise<Image[]>;
  /** Those of `digests` that are images of the repository. */
  present(key: RepositoryKey, digests: readonly string[]): Promise<string[]>;
  /** An index that names the image, which therefore can't go before it. */
  indexOf(key: RepositoryKey, digest: string): Promise<string | undefined>;
  push(key: RepositoryKey, push: Push): Promise<Pushed>;
  removeTag(key: RepositoryKey, tag: string, facts: readonly Fact[]): Promise<void>;
  /** With its tags, and the layers that no other image of the repository names. */
  remove(key: RepositoryKey, digest: string, facts: readonly Fact[]): Promise<void>;
};

export const newImageRows = (store: Store): ImageRows => {
  const rows = () => store.read<Tables>();
  const imagesIn = (key: RepositoryKey) =>
    rows()
      .selectFrom("ecr_images")
      .selectAll()
      .where((by) => by.and(columnsOf(key)));
  const tagsIn = (key: RepositoryKey) =>
    rows()
      .selectFrom("ecr_image_tags")
      .select(["tag", "digest"])
      .where((by) => by.and(columnsOf(key)));

  return {
    find: async (key, reference) => {
      const named =
        "tag" in reference
          ? imagesIn(key).where("digest", "=", (by) =>
              by
                .selectFrom("ecr_image_tags")
                .select("ecr_image_tags.digest")
                .where((where) => where.and({ ...columnsOf(key), tag: reference.tag })),
            )
          : imagesIn(key).where("digest", "=", reference.digest);
      const row = await named.executeTakeFirst();
      return row && imageOf(row);
    },
    tagsOf: async (key, digest) => (await tagsIn(key).where("digest", "=", digest).orderBy("tag").execute()).map(({ tag }) => tag),
    list: async (key, { after, limit }) => {
      const images = await imagesIn(key).where("digest", ">", after).orderBy("digest").limit(limit).execute();
      const digests = images.map(({ digest }) => digest);
      const tags = digests.length === 0 ? [] : await tagsIn(key).where("digest", "in", digests).orderBy("tag").execute();
      const byDigest = Map.groupBy(tags, ({ digest }) => digest);
      return images.map((row) => ({ image: imageOf(row), tags: (byDigest.get(row.digest) ?? []).map(({ tag }) => tag) }));
    },
    listTags: (key, { after, limit }) => tagsIn(key).where("tag", ">", after).orderBy("tag").limit(limit).execute(),
    referrers: async (key, subject) => (await imagesIn(key).where("subject", "=", subject).orderBy("digest").execute()).map(imageOf),
    present: async (key, digests) =>
      digests.length === 0
        ? []
        : (
            await imagesIn(key)
              .where("digest", "in", [...digests])
              .execute()
          ).map(({ digest }) => digest),
    indexOf: async (key, digest) =>
      (
        await rows()
          .selectFrom("ecr_image_parts")
          .select("image")
          .where((by) => by.and({ ...columnsOf(key), digest }))
          .executeTakeFirst()
      )?.image,
    push: (key, push) => store.transaction<Tables, Pushed>((tx) => pushImage(tx, store, key, push)),
    removeTag: (key, tag, facts) =>
      store.transaction<Tables, void>(async (tx) => {
        await tx
          .deleteFrom("ecr_image_tags")
          .where((by) => by.and({ ...columnsOf(key), tag }))
          .execute();
        await store.outbox.append(tx, facts);
      }),
    remove: (key, digest, facts) =>
      store.transaction<Tables, void>(async (tx) => {
        const at = columnsOf(key);
        const parts = await tx
          .selectFrom("ecr_image_parts")
          .select("digest")
          .where((by) => by.and({ ...at, image: digest }))
          .execute();
        await tx
          .deleteFrom("ecr_image_parts")
          .where((by) => by.and({ ...at, image: digest }))
          .execute();
        for (const table of ["ecr_image_tags", "ecr_images"] as const)
          await tx
            .deleteFrom(table)
            .where((by) => by.and({ ...at, digest }))
            .execute();
        for (const part of parts) await dropIfUnused(tx, store, key, part.digest);
        await store.outbox.append(tx, facts);
      }),
  };
};

const pushImage = async (
  tx: Transaction<Tables>,
  store: Store,
  key: RepositoryKey,
  { image, parts, tag, mayMoveTag, facts }: Push,
): Promise<Pushed> => {
  const at = columnsOf(key);
  const old =
    tag === undefined
      ? undefined
      : await tx
          .selectFrom("ecr_image_tags")
          .select("digest")
          .where((by) => by.and({ ...at, tag }))
          .executeTakeFirst();
  if (old && old.digest !== image.digest && !mayMoveTag) return "tag taken";
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("ecr_images")
    .values({
      ...at,
      digest: image.digest,
      media_type: image.mediaType,
      artifact_type: image.artifactType ?? null,
      manifest: image.manifest,
      size_bytes: image.sizeBytes,
      subject: image.subject ?? null,
      pushed_at: image.pushedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  const isNew = Number(numInsertedOrUpdatedRows ?? 0) > 0;
  if (!isNew && (tag === undefined || old?.digest === image.digest)) return "already there";
  if (isNew && parts.length > 0)
    await tx
      .insertInto("ecr_image_parts")
      .values([...new Set(parts)].map((digest) => ({ ...at, image: image.digest, digest })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  if (tag !== undefined)
    await tx
      .insertInto("ecr_image_tags")
      .values({ ...at, tag, digest: image.digest })
      .onConflict((conflict) => conflict.columns(["account", "region", "repository", "tag"]).doUpdateSet({ digest: image.digest }))
      .execute();
  await store.outbox.append(tx, facts);
  return isNew ? "pushed" : "tagged";
};

const imageOf = (row: Selectable<Tables["ecr_images"]>): Image => ({
  digest: row.digest,
  mediaType: row.media_type,
  artifactType: row.artifact_type ?? undefined,
  manifest: row.manifest,
  sizeBytes: row.size_bytes,
  subject: row.subject ?? undefined,
  pushedAt: row.pushed_at,
});
