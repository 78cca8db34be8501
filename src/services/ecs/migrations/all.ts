import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_tasks",
    statements: [
      `CREATE TABLE ecs_clusters (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        settings TEXT NOT NULL,
        tags TEXT NOT NULL,
        PRIMARY KEY (account, region, name)
      )`,
      `CREATE TABLE ecs_families (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        family TEXT NOT NULL,
        last_revision BIGINT NOT NULL,
        PRIMARY KEY (account, region, family)
      )`,
      `CREATE TABLE ecs_task_definitions (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        family TEXT NOT NULL,
        revision BIGINT NOT NULL,
        status TEXT NOT NULL,
        registered_at BIGINT NOT NULL,
        deregistered_at BIGINT,
        definition TEXT NOT NULL,
        tags TEXT NOT NULL,
        PRIMARY KEY (account, region, family, revision)
      )`,
      `CREATE TABLE ecs_tasks (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        cluster TEXT NOT NULL,
        family TEXT NOT NULL,
        task_group TEXT NOT NULL,
        started_by TEXT,
        launch_type TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        stopped_at BIGINT,
        last_status TEXT NOT NULL,
        desired_status TEXT NOT NULL,
        is_placed BIGINT NOT NULL,
        cpu_units BIGINT NOT NULL,
        memory_bytes BIGINT NOT NULL,
        version BIGINT NOT NULL,
        credentials_id TEXT NOT NULL,
        metadata_id TEXT NOT NULL,
        stop TEXT,
        tags TEXT NOT NULL,
        wanted TEXT NOT NULL,
        observed TEXT NOT NULL
      )`,
      "CREATE INDEX ecs_tasks_by_cluster ON ecs_tasks (account, region, cluster, id)",
      "CREATE INDEX ecs_tasks_by_status ON ecs_tasks (last_status)",
      "CREATE INDEX ecs_tasks_by_end ON ecs_tasks (stopped_at)",
      "CREATE INDEX ecs_tasks_by_credentials ON ecs_tasks (credentials_id)",
      "CREATE INDEX ecs_tasks_by_metadata ON ecs_tasks (metadata_id)",
      `CREATE TABLE ecs_run_tokens (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        cluster TEXT NOT NULL,
        token TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        task_ids TEXT NOT NULL,
        used_at BIGINT NOT NULL,
        PRIMARY KEY (account, region, cluster, token)
      )`,
      `CREATE TABLE ecs_log_positions (
        task_id TEXT NOT NULL,
        container TEXT NOT NULL,
        position TEXT,
        sending TEXT,
        PRIMARY KEY (task_id, container)
      )`,
      `CREATE TABLE ecs_settings (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        principal TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, region, principal, name)
      )`,
    ],
  },
];
