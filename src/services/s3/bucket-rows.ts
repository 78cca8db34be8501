import type { Kysely, Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { Bucket } from "./s3.ts";
import { prepare } from "#store/statement.ts";

type BucketRow = { name: string; account: string; region: string; created_at: number };

type Tables = {
  s3_buckets: BucketRow;
  s3_objects: { bucket: string };
  s3_configurations: { bucket: string; kind: string; document: string };
};

export type BucketRows = {
  find(name: string): Promise<Bucket | undefined>;
  /** Within the transaction that is going to write into the bucket. */
  findIn(tx: Transaction<unknown>, name: string): Promise<Bucket | undefined>;
  list(query: { account: string; after: string; prefix: string; region: string | undefined; limit: number }): Promise<Bucket[]>;
  put(tx: Transaction<unknown>, bucket: Bucket): Promise<void>;
  isEmpty(tx: Transaction<unknown>, name: string): Promise<boolean>;
  /** With its configurations. */
  remove(tx: Transaction<unknown>, name: string): Promise<void>;
  removeAll(tx: Transaction<unknown>): Promise<void>;
};

export const newBucketRows = (store: Store): BucketRows => {
  const read = store.read<Tables>();
  const findOne = prepare<BucketRow>(read.selectFrom("s3_buckets").selectAll().where("name", "=", ""));
  const findFirst = async (on: Kysely<never>, name: string) => {
    const [row] = await findOne(on, name);
    return row && toBucket(row);
  };
  const typed = (tx: Transaction<unknown>) => tx as unknown as Transaction<Tables>;
  return {
    find: (name) => findFirst(read as unknown as Kysely<never>, name),
    findIn: (tx, name) => findFirst(tx as unknown as Kysely<never>, name),
    list: async ({ account, after, prefix, region, limit }) => {
      const rows = await read
        .selectFrom("s3_buckets")
        .selectAll()
        .where("account", "=", account)
        .where("name", ">", after)
        .$if(prefix !== "", (select) => select.where("name", ">=", prefix).where("name", "<", `${prefix}\u{10FFFF}`))
        .$if(region !== undefined, (select) => select.where("region", "=", region ?? ""))
        .orderBy("name")
        .limit(limit)
        .execute();
      return rows.map(toBucket);
    },
    put: async (tx, { name, account, region, createdAt }) => {
      await typed(tx).insertInto("s3_buckets").values({ name, account, region, created_at: createdAt }).execute();
    },
    isEmpty: async (tx, name) => {
      const first = await typed(tx).selectFrom("s3_objects").select("bucket").where("bucket", "=", name).limit(1).executeTakeFirst();
      return first === undefined;
    },
    remove: async (tx, name) => {
      await typed(tx).deleteFrom("s3_buckets").where("name", "=", name).execute();
      await typed(tx).deleteFrom("s3_configurations").where("bucket", "=", name).execute();
    },
    removeAll: async (tx) => {
      await typed(tx).deleteFrom("s3_buckets").execute();
      await typed(tx).deleteFrom("s3_configurations").execute();
    },
  };
};

const toBucket = ({ name, account, region, created_at }: BucketRow): Bucket => ({ name, account, region, createdAt: created_at });
