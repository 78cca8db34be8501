import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_logs",
    statements: [
      `CREATE TABLE logs_groups (
        id BIGINT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        retention_days BIGINT,
        group_class TEXT NOT NULL,
        is_protected BIGINT NOT NULL,
        tags TEXT NOT NULL,
        stored_bytes BIGINT NOT NULL,
        next_sequence BIGINT NOT NULL
      )`,
      "CREATE UNIQUE INDEX logs_groups_by_name ON logs_groups (account, region, name)",
      `CREATE TABLE logs_streams (
        id BIGINT PRIMARY KEY,
        group_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        first_event_at BIGINT,
        last_event_at BIGINT,
        last_ingested_at BIGINT
      )`,
      "CREATE UNIQUE INDEX logs_streams_by_name ON logs_streams (group_id, name)",
      `CREATE TABLE logs_events (
        group_id BIGINT NOT NULL,
        at BIGINT NOT NULL,
        sequence BIGINT NOT NULL,
        stream_id BIGINT NOT NULL,
        ingested_at BIGINT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (group_id, at, sequence)
      )`,
      "CREATE INDEX logs_events_by_stream ON logs_events (stream_id, at, sequence)",
    ],
  },
];
