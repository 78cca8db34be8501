import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_sessions",
    statements: [
      `CREATE TABLE sts_sessions (
        access_key_id TEXT PRIMARY KEY,
        secret_access_key TEXT NOT NULL,
        session_token TEXT NOT NULL,
        account TEXT NOT NULL,
        arn TEXT NOT NULL,
        user_id TEXT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
      "CREATE INDEX sts_sessions_by_expiry ON sts_sessions (expires_at)",
    ],
  },
];
