import type { Kysely, Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { FunctionName, FunctionVersion, StoredFunction } from "./lambda.ts";
import type { Tables } from "./tables.ts";

type Place = { account: string; region: string };

export type FunctionRows = {
  find(fn: FunctionName): Promise<StoredFunction | undefined>;
  findVersion(fn: FunctionName, version: string): Promise<FunctionVersion | undefined>;
  /** False when there is a function of that name. */
  add(latest: FunctionVersion, tags: Record<string, string>): Promise<boolean>;
  /** Puts a changed `$LATEST` in the place of the one with `revisionId`; false when that one is no longer there. */
  replaceLatest(latest: FunctionVersion, revisionId: string): Promise<boolean>;
  /** Notes how far a version is, if it is still the one with `revisionId`. */
  setState(version: FunctionVersion): Promise<void>;
  /** Adds `$LATEST` as the next numbered version. */
  publish(latest: FunctionVersion): Promise<FunctionVersion>;
  setConcurrency(fn: FunctionName, reserved: number | undefined): Promise<void>;
  setTags(fn: FunctionName, tags: Record<string, string>): Promise<void>;
  remove(fn: FunctionName): Promise<void>;
  removeVersion(fn: FunctionName, version: string): Promise<void>;
  list(place: Place, page: { after: string; limit: number; allVersions: boolean }): Promise<FunctionVersion[]>;
  versions(fn: FunctionName, page: { offset: number; limit: number }): Promise<FunctionVersion[]>;
  reservedConcurrency(place: Place): Promise<{ name: string; reserved: number }[]>;
  usage(place: Place): Promise<{ functionCount: number; codeBytes: number }>;
  unfinished(): Promise<FunctionName[]>;
  /** One version of each runtime that functions use. */
  ofEachRuntime(): Promise<FunctionVersion[]>;
  clear(): Promise<void>;
};

const parse = (row: { configuration: string }) => JSON.parse(row.configuration) as FunctionVersion;
const ownerOf = ({ account, region, name, version }: FunctionVersion) => `lambda:code:${account}:${region}:${name}:${version}`;

const insertVersion = async (store: Store, tx: Transaction<Tables>, version: FunctionVersion) => {
  const { account, region, name, codeDigest } = version;
  if (codeDigest !== undefined) await store.blobs.hold(tx, codeDigest, ownerOf(version));
  const values = {
    account,
    region,
    name,
    version: version.version,
    number: version.version === "$LATEST" ? 0 : Number(version.version),
    code_digest: codeDigest ?? null,
    configuration: JSON.stringify(version),
  };
  await tx.insertInto("lambda_versions").values(values).execute();
};

const deleteVersions = async (store: Store, tx: Transaction<Tables>, { account, region, name }: FunctionName, version?: string) => {
  const rows = await tx
    .deleteFrom("lambda_versions")
    .where("account", "=", account)
    .where("region", "=", region)
    .where("name", "=", name)
    .$if(version !== undefined, (query) => query.where("version", "=", version ?? ""))
    .returningAll()
    .execute();
  for (const row of rows) if (row.code_digest !== null) await store.blobs.release(tx, row.code_digest, ownerOf(parse(row)));
};

const writeLatest = async (store: Store, tx: Transaction<Tables>, latest: FunctionVersion) => {
  await deleteVersions(store, tx, latest, latest.version);
  await insertVersion(store, tx, latest);
};

const readVersion = async (
  rows: Kysely<Tables>,
  { account, region, name, version }: Pick<FunctionVersion, "account" | "region" | "name" | "version">,
) => {
  const row = await rows
    .selectFrom("lambda_versions")
    .select("configuration")
    .where("account", "=", account)
    .where("region", "=", region)
    .where("name", "=", name)
    .where("version", "=", version)
    .executeTakeFirst();
  return row && parse(row);
};

const changes = (store: Store): Pick<FunctionRows, "add" | "replaceLatest" | "setState" | "publish" | "remove" | "removeVersion"> => ({
  add: (latest, tags) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const { account, region, name } = latest;
      const added = await tx
        .insertInto("lambda_functions")
        .values({ account, region, name, next_version: 1, reserved_concurrency: null, tags: JSON.stringify(tags) })
        .onConflict((conflict) => conflict.columns(["account", "region", "name"]).doNothing())
        .executeTakeFirst();
      if (added.numInsertedOrUpdatedRows !== 1n) return false;
      await insertVersion(store, tx, latest);
      return true;
    }),
  replaceLatest: (latest, revisionId) =>
    store.transaction<Tables, boolean>(async (tx) => {
      if ((await readVersion(tx, latest))?.revisionId !== revisionId) return false;
      await writeLatest(store, tx, latest);
      return true;
    }),
  setState: (version) =>
    store.transaction<Tables, void>(async (tx) => {
      if ((await readVersion(tx, version))?.revisionId === version.revisionId) await writeLatest(store, tx, version);
    }),
  publish: (latest) =>
    store.transaction<Tables, FunctionVersion>(async (tx) => {
      const { account, region, name } = latest;
      const row = await tx
        .updateTable("lambda_functions")
        .set(({ eb }) => ({ next_version: eb("next_version", "+", 1) }))
        .where("account", "=", account)
        .where("region", "=", region)
        .where("name", "=", name)
        .returning("next_version")
        .executeTakeFirstOrThrow();
      const published = { ...latest, version: String(row.next_version - 1) };
      await insertVersion(store, tx, published);
      return published;
    }),
  remove: (fn) =>
    store.transaction<Tables, void>(async (tx) => {
      await deleteVersions(store, tx, fn);
      for (const table of ["lambda_aliases", "lambda_policies", "lambda_events", "lambda_functions"] as const)
        await tx.deleteFrom(table).where("account", "=", fn.account).where("region", "=", fn.region).where("name", "=", fn.name).execute();
    }),
  removeVersion: (fn, version) => store.transaction<Tables, void>((tx) => deleteVersions(store, tx, fn, version)),
});

const settings = (store: Store): Pick<FunctionRows, "setConcurrency" | "setTags"> => {
  const update = ({ account, region, name }: FunctionName, values: { reserved_concurrency?: number | null; tags?: string }) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx
        .updateTable("lambda_functions")
        .set(values)
        .where("account", "=", account)
        .where("region", "=", region)
        .where("name", "=", name)
        .execute();
    });
  return {
    setConcurrency: (fn, reserved) => update(fn, { reserved_concurrency: reserved ?? null }),
    setTags: (fn, tags) => update(fn, { tags: JSON.stringify(tags) }),
  };
};

const one = (store: Store): Pick<FunctionRows, "find" | "findVersion"> => ({
  find: async ({ account, region, name }) => {
    const row = await store
      .read<Tables>()
      .selectFrom("lambda_functions")
      .selectAll()
      .where("account", "=", account)
      .where("region", "=", region)
      .where("name", "=", name)
      .executeTakeFirst();
    return (
      row && {
        account,
        region,
        name,
        reservedConcurrency: row.reserved_concurrency ?? undefined,
        tags: JSON.parse(row.tags) as Record<string, string>,
      }
    );
  },
  findVersion: ({ account, region, name }, version) => readVersion(store.read<Tables>(), { account, region, name, version }),
});

const lists = (
  store: Store,
): Pick<FunctionRows, "list" | "versions" | "reservedConcurrency" | "usage" | "unfinished" | "ofEachRuntime"> => {
  const versions = () => store.read<Tables>().selectFrom("lambda_versions");
  return {
    list: async ({ account, region }, { after, limit, allVersions }) => {
      const rows = await versions()
        .select("configuration")
        .where("account", "=", account)
        .where("region", "=", region)
        .where("name", ">", after)
        .$if(!allVersions, (query) => query.where("version", "=", "$LATEST"))
        .orderBy("name")
        .orderBy("number")
        .limit(limit)
        .execute();
      return rows.map(parse);
    },
    versions: async ({ account, region, name }, { offset, limit }) => {
      const rows = await versions()
        .select("configuration")
        .where("account", "=", account)
        .where("region", "=", region)
        .where("name", "=", name)
        .orderBy("number")
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map(parse);
    },
    reservedConcurrency: async ({ account, region }) => {
      const rows = await store
        .read<Tables>()
        .selectFrom("lambda_functions")
        .select(["name", "reserved_concurrency"])
        .where("account", "=", account)
        .where("region", "=", region)
        .where("reserved_concurrency", "is not", null)
        .execute();
      return rows.map((row) => ({ name: row.name, reserved: row.reserved_concurrency ?? 0 }));
    },
    usage: async ({ account, region }) => {
      const rows = await versions().select("configuration").where("account", "=", account).where("region", "=", region).execute();
      const all = rows.map(parse);
      return {
        functionCount: new Set(all.map(({ name }) => name)).size,
        codeBytes: all.reduce((sum, { codeSizeBytes }) => sum + codeSizeBytes, 0),
      };
    },
    unfinished: async () => {
      const rows = await versions().select("configuration").where("version", "=", "$LATEST").execute();
      return rows.map(parse).filter(({ state, updateStatus }) => state === "Pending" || updateStatus === "InProgress");
    },
    ofEachRuntime: async () => {
      const rows = await versions().select("configuration").where("version", "=", "$LATEST").execute();
      return [...new Map(rows.map(parse).flatMap((version) => (version.runtime ? [[version.runtime, version] as const] : []))).values()];
    },
  };
};

export const newFunctionRows = (store: Store): FunctionRows => ({
  ...one(store),
  ...changes(store),
  ...settings(store),
  ...lists(store),
  clear: () =>
    store.transaction<Tables, void>(async (tx) => {
      const rows = await tx.deleteFrom("lambda_versions").returningAll().execute();
      for (const row of rows) if (row.code_digest !== null) await store.blobs.release(tx, row.code_digest, ownerOf(parse(row)));
      for (const table of ["lambda_aliases", "lambda_policies", "lambda_events", "lambda_functions"] as const)
        await tx.deleteFrom(table).execute();
    }),
});
