import type { Kysely } from "kysely";
import type { Store } from "#store/store.ts";

type Tables = { s3_configurations: { bucket: string; kind: string; document: string } };

/** What is kept of a bucket's settings, each as one document. */
export type ConfigurationKind =
  | "tagging"
  | "policy"
  | "encryption"
  | "public-access-block"
  | "ownership-controls"
  | "notification"
  | "lifecycle"
  | "cors";

export type ConfigurationRows = {
  find<Document>(bucket: string, kind: ConfigurationKind): Promise<Document | undefined>;
  /** All documents of a kind, by bucket. */
  all<Document>(kind: ConfigurationKind): Promise<{ bucket: string; document: Document }[]>;
  put(bucket: string, kind: ConfigurationKind, document: unknown): Promise<void>;
  remove(bucket: string, kind: ConfigurationKind): Promise<void>;
};

export const newConfigurationRows = (store: Store): ConfigurationRows => {
  const read: Kysely<Tables> = store.read<Tables>();
  return {
    find: async <Document>(bucket: string, kind: ConfigurationKind) => {
      const row = await read
        .selectFrom("s3_configurations")
        .select("document")
        .where("bucket", "=", bucket)
        .where("kind", "=", kind)
        .executeTakeFirst();
      return row && (JSON.parse(row.document) as Document);
    },
    all: async <Document>(kind: ConfigurationKind) => {
      const rows = await read.selectFrom("s3_configurations").select(["bucket", "document"]).where("kind", "=", kind).execute();
      return rows.map(({ bucket, document }) => ({ bucket, document: JSON.parse(document) as Document }));
    },
    put: (bucket, kind, document) =>
      store.transaction<Tables, void>(async (tx) => {
        const text = JSON.stringify(document);
        await tx
          .insertInto("s3_configurations")
          .values({ bucket, kind, document: text })
          .onConflict((conflict) => conflict.columns(["bucket", "kind"]).doUpdateSet({ document: text }))
          .execute();
      }),
    remove: (bucket, kind) =>
      store.transaction<Tables, void>(async (tx) => {
        await tx.deleteFrom("s3_configurations").where("bucket", "=", bucket).where("kind", "=", kind).execute();
      }),
  };
};
