import type { Migration } from "#store/store.ts";

/** Keys are listed in the order of their UTF-8 bytes: on PostgreSQL the database's collation must be C. */
export const migrations: readonly Migration[] = [
  {
    name: "0001_objects",
    statements: [
      `CREATE TABLE s3_buckets (
        name TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        created_at BIGINT NOT NULL
      )`,
      "CREATE INDEX s3_buckets_by_account ON s3_buckets (account, name)",
      `CREATE TABLE s3_objects (
        bucket TEXT NOT NULL,
        object_key TEXT NOT NULL,
        id TEXT NOT NULL,
        etag TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        storage_class TEXT NOT NULL,
        checksum_algorithm TEXT,
        checksum_type TEXT,
        details TEXT NOT NULL,
        segments TEXT,
        content BLOB,
        PRIMARY KEY (bucket, object_key)
      )`,
    ],
  },
  {
    name: "0002_uploads",
    statements: [
      `CREATE TABLE s3_uploads (
        bucket TEXT NOT NULL,
        object_key TEXT NOT NULL,
        id TEXT NOT NULL,
        started_at BIGINT NOT NULL,
        details TEXT NOT NULL,
        PRIMARY KEY (bucket, object_key, id)
      )`,
      `CREATE TABLE s3_parts (
        upload_id TEXT NOT NULL,
        part_number BIGINT NOT NULL,
        etag TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        checksum TEXT,
        segments TEXT NOT NULL,
        PRIMARY KEY (upload_id, part_number)
      )`,
    ],
  },
  {
    name: "0003_configurations",
    statements: [
      `CREATE TABLE s3_configurations (
        bucket TEXT NOT NULL,
        kind TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (bucket, kind)
      )`,
    ],
  },
];
