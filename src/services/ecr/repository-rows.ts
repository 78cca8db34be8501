import type { Selectable } from "kysely";
import type { Store } from "#store/store.ts";
import type { Repository, RepositoryKey } from "./ecr.ts";
import { columnsOf, hexOf, layerOwner } from "./tables.ts";
import type { Tables } from "./tables.ts";

export type RepositoryRows = {
  find(key: RepositoryKey): Promise<Repository | undefined>;
  /** Answers whether it was new. */
  add(repository: Repository): Promise<boolean>;
  change(key: RepositoryKey, change: Partial<Pick<Repository, "policy" | "tags" | "tagMutability" | "scanOnPush">>): Promise<void>;
  /** In the order of their names, from behind `after`. */
  list(registry: { account: string; region: string }, page: { after: string; limit: number }): Promise<Repository[]>;
  /** With everything in it, unless it holds images and `force` is not given. */
  remove(key: RepositoryKey, options: { force: boolean }): Promise<"removed" | "not empty">;
};

export const newRepositoryRows = (store: Store): RepositoryRows => ({
  find: async (key) => {
    const row = await store
      .read<Tables>()
      .selectFrom("ecr_repositories")
      .selectAll()
      .where((by) => by.and(columnsOf(key)))
      .executeTakeFirst();
    return row && repositoryOf(row);
  },
  add: (repository) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto("ecr_repositories")
        .values(rowOf(repository))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return Number(numInsertedOrUpdatedRows ?? 0) > 0;
    }),
  change: (key, change) =>
    store.transaction<Tables, void>(async (tx) => {
      const set = {
        ...("policy" in change ? { policy: change.policy ?? null } : {}),
        ...(change.tags ? { tags: JSON.stringify(change.tags) } : {}),
        ...(change.tagMutability ? { tag_mutability: change.tagMutability } : {}),
        ...(change.scanOnPush === undefined ? {} : { scan_on_push: Number(change.scanOnPush) }),
      };
      await tx
        .updateTable("ecr_repositories")
        .set(set)
        .where((by) => by.and(columnsOf(key)))
        .execute();
    }),
  list: async ({ account, region }, { after, limit }) => {
    const rows = await store
      .read<Tables>()
      .selectFrom("ecr_repositories")
      .selectAll()
      .where("account", "=", account)
      .where("region", "=", region)
      .where("repository", ">", after)
      .orderBy("repository")
      .limit(limit)
      .execute();
    return rows.map(repositoryOf);
  },
  remove: (key, { force }) =>
    store.transaction<Tables, "removed" | "not empty">(async (tx) => {
      const at = columnsOf(key);
      const image = await tx
        .selectFrom("ecr_images")
        .select("digest")
        .where((by) => by.and(at))
        .executeTakeFirst();
      if (image && !force) return "not empty";
      const layers = await tx
        .selectFrom("ecr_layers")
        .select("digest")
        .where((by) => by.and(at))
        .execute();
      for (const { digest } of layers) await store.blobs.release(tx, hexOf(digest), layerOwner(key));
      for (const table of ["ecr_layers", "ecr_image_parts", "ecr_image_tags", "ecr_images", "ecr_repositories"] as const)
        await tx
          .deleteFrom(table)
          .where((by) => by.and(at))
          .execute();
      return "removed";
    }),
});

const repositoryOf = (row: Selectable<Tables["ecr_repositories"]>): Repository => ({
  account: row.account,
  region: row.region,
  name: row.repository,
  createdAt: row.created_at,
  tagMutability: row.tag_mutability === "IMMUTABLE" ? "IMMUTABLE" : "MUTABLE",
  scanOnPush: row.scan_on_push === 1,
  encryption: JSON.parse(row.encryption) as Repository["encryption"],
  policy: row.policy ?? undefined,
  tags: JSON.parse(row.tags) as Repository["tags"],
});

const rowOf = (repository: Repository): Tables["ecr_repositories"] => ({
  ...columnsOf(repository),
  created_at: repository.createdAt,
  tag_mutability: repository.tagMutability,
  scan_on_push: Number(repository.scanOnPush),
  encryption: JSON.stringify(repository.encryption),
  policy: repository.policy ?? null,
  tags: JSON.stringify(repository.tags),
});
