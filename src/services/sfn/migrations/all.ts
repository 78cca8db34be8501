import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_workflows",
    statements: [
      `CREATE TABLE sfn_machines (
        arn TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        type TEXT NOT NULL,
        revision_id TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        last_version BIGINT NOT NULL,
        tags TEXT NOT NULL
      )`,
      "CREATE INDEX sfn_machines_by_account ON sfn_machines (account, region, name)",
      `CREATE TABLE sfn_revisions (
        revision_id TEXT PRIMARY KEY,
        machine_arn TEXT NOT NULL,
        definition TEXT NOT NULL,
        role_arn TEXT NOT NULL,
        settings TEXT NOT NULL,
        created_at BIGINT NOT NULL
      )`,
      "CREATE INDEX sfn_revisions_by_machine ON sfn_revisions (machine_arn)",
      `CREATE TABLE sfn_versions (
        machine_arn TEXT NOT NULL,
        number BIGINT NOT NULL,
        revision_id TEXT NOT NULL,
        description TEXT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (machine_arn, number)
      )`,
      `CREATE TABLE sfn_aliases (
        machine_arn TEXT NOT NULL,
        name TEXT NOT NULL,
        routing TEXT NOT NULL,
        description TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (machine_arn, name)
      )`,
      `CREATE TABLE sfn_executions (
        arn TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        machine_arn TEXT NOT NULL,
        revision_id TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        started_at BIGINT NOT NULL,
        stopped_at BIGINT,
        redrive_count BIGINT NOT NULL,
        redriven_at BIGINT,
        trace_header TEXT,
        state TEXT NOT NULL,
        wake_at BIGINT,
        pending BIGINT NOT NULL
      )`,
      "CREATE INDEX sfn_executions_by_machine ON sfn_executions (machine_arn, started_at)",
      "CREATE INDEX sfn_executions_by_wake ON sfn_executions (wake_at) WHERE wake_at IS NOT NULL",
      "CREATE INDEX sfn_executions_pending ON sfn_executions (arn) WHERE pending = 1",
      "CREATE INDEX sfn_executions_by_end ON sfn_executions (stopped_at) WHERE stopped_at IS NOT NULL",
      `CREATE TABLE sfn_history (
        execution_arn TEXT NOT NULL,
        first_id BIGINT NOT NULL,
        last_id BIGINT NOT NULL,
        events TEXT NOT NULL,
        PRIMARY KEY (execution_arn, first_id)
      )`,
      `CREATE TABLE sfn_tasks (
        token TEXT PRIMARY KEY,
        execution_arn TEXT NOT NULL,
        task_key TEXT NOT NULL,
        activity_arn TEXT,
        queued_at BIGINT NOT NULL,
        taken BIGINT NOT NULL,
        job TEXT
      )`,
      "CREATE INDEX sfn_tasks_by_execution ON sfn_tasks (execution_arn)",
      "CREATE INDEX sfn_tasks_queued ON sfn_tasks (activity_arn, queued_at) WHERE taken = 0",
      `CREATE TABLE sfn_activities (
        arn TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        tags TEXT NOT NULL
      )`,
      "CREATE INDEX sfn_activities_by_account ON sfn_activities (account, region, name)",
    ],
  },
  {
    name: "0002_map_runs",
    statements: [
      "ALTER TABLE sfn_executions ADD COLUMN map_run_arn TEXT",
      "ALTER TABLE sfn_executions ADD COLUMN first_item BIGINT",
      "ALTER TABLE sfn_executions ADD COLUMN item_count BIGINT",
      "CREATE INDEX sfn_executions_by_item ON sfn_executions (map_run_arn, first_item) WHERE map_run_arn IS NOT NULL",
      "CREATE INDEX sfn_executions_by_map_run ON sfn_executions (map_run_arn, status, first_item) WHERE map_run_arn IS NOT NULL",
      `CREATE TABLE sfn_map_runs (
        arn TEXT PRIMARY KEY,
        execution_arn TEXT NOT NULL,
        task_key TEXT NOT NULL,
        revision_id TEXT NOT NULL,
        label TEXT NOT NULL,
        spec TEXT NOT NULL,
        status TEXT NOT NULL,
        started_at BIGINT NOT NULL,
        stopped_at BIGINT,
        redrive_count BIGINT NOT NULL,
        redriven_at BIGINT,
        max_concurrency BIGINT NOT NULL,
        tolerated_failure_count BIGINT,
        tolerated_failure_percentage DOUBLE PRECISION,
        dataset_etag TEXT,
        total_items BIGINT,
        is_exhausted BIGINT NOT NULL,
        output TEXT,
        error TEXT,
        cause TEXT,
        executions_written BIGINT NOT NULL,
        items_written BIGINT NOT NULL,
        is_settled BIGINT NOT NULL
      )`,
      "CREATE INDEX sfn_map_runs_by_execution ON sfn_map_runs (execution_arn, started_at)",
      "CREATE INDEX sfn_map_runs_open ON sfn_map_runs (arn) WHERE is_settled = 0",
      `CREATE TABLE sfn_map_run_counts (
        map_run_arn TEXT NOT NULL,
        status TEXT NOT NULL,
        executions BIGINT NOT NULL,
        items BIGINT NOT NULL,
        PRIMARY KEY (map_run_arn, status)
      )`,
    ],
  },
  {
    name: "0003_executions_by_start",
    statements: ["CREATE INDEX sfn_executions_by_start ON sfn_executions (account, started_at) WHERE map_run_arn IS NULL"],
  },
  {
    name: "0004_listings",
    statements: [
      "DROP INDEX sfn_executions_by_machine",
      "CREATE INDEX sfn_executions_by_machine ON sfn_executions (machine_arn, started_at) WHERE map_run_arn IS NULL",
      "CREATE INDEX sfn_executions_by_status ON sfn_executions (machine_arn, status, started_at) WHERE map_run_arn IS NULL",
      "CREATE INDEX sfn_executions_redriven ON sfn_executions (machine_arn, started_at) WHERE map_run_arn IS NULL AND redrive_count > 0",
    ],
  },
  {
    name: "0005_versions_of_executions",
    statements: [
      "ALTER TABLE sfn_executions ADD COLUMN version_arn TEXT",
      "ALTER TABLE sfn_executions ADD COLUMN alias_arn TEXT",
      "CREATE INDEX sfn_executions_by_version ON sfn_executions (version_arn, started_at) WHERE version_arn IS NOT NULL",
      "CREATE INDEX sfn_executions_by_alias ON sfn_executions (alias_arn, started_at) WHERE alias_arn IS NOT NULL",
      "ALTER TABLE sfn_activities ADD COLUMN encryption TEXT",
    ],
  },
  {
    name: "0006_journal",
    statements: [
      "ALTER TABLE sfn_executions ADD COLUMN step BIGINT NOT NULL DEFAULT 0",
      "CREATE TABLE sfn_journal (number BIGINT NOT NULL, steps TEXT NOT NULL)",
    ],
  },
  { name: "0007_first_versions", statements: ["ALTER TABLE sfn_machines ADD COLUMN first_version TEXT"] },
];
