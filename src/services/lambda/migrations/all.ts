import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_functions",
    statements: [
      `CREATE TABLE lambda_functions (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        next_version BIGINT NOT NULL,
        reserved_concurrency BIGINT,
        tags TEXT NOT NULL,
        PRIMARY KEY (account, region, name)
      )`,
      `CREATE TABLE lambda_versions (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        number BIGINT NOT NULL,
        code_digest TEXT,
        configuration TEXT NOT NULL,
        PRIMARY KEY (account, region, name, version)
      )`,
      `CREATE TABLE lambda_aliases (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        alias TEXT NOT NULL,
        configuration TEXT NOT NULL,
        PRIMARY KEY (account, region, name, alias)
      )`,
      `CREATE TABLE lambda_policies (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        qualifier TEXT NOT NULL,
        statements TEXT NOT NULL,
        revision_id TEXT NOT NULL,
        PRIMARY KEY (account, region, name, qualifier)
      )`,
      `CREATE TABLE lambda_events (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        qualifier TEXT NOT NULL,
        client_context TEXT,
        payload BLOB NOT NULL,
        attempts BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        next_at BIGINT NOT NULL
      )`,
    ],
  },
];
