import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_stacks",
    statements: [
      `CREATE TABLE cloudformation_stacks (
        stack_id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        is_deleted BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        is_moving BIGINT NOT NULL,
        interrupt TEXT,
        content TEXT NOT NULL
      )`,
      "CREATE UNIQUE INDEX cloudformation_stacks_by_name ON cloudformation_stacks (account, region, name) WHERE is_deleted = 0",
      "CREATE INDEX cloudformation_stacks_by_age ON cloudformation_stacks (account, region, created_at)",
      "CREATE INDEX cloudformation_stacks_moving ON cloudformation_stacks (stack_id) WHERE is_moving = 1",
      `CREATE TABLE cloudformation_resources (
        stack_id TEXT NOT NULL,
        slot BIGINT NOT NULL,
        logical_id TEXT NOT NULL,
        physical_id TEXT,
        content TEXT NOT NULL,
        PRIMARY KEY (stack_id, slot)
      )`,
      "CREATE INDEX cloudformation_resources_by_physical_id ON cloudformation_resources (physical_id)",
      `CREATE TABLE cloudformation_events (
        stack_id TEXT NOT NULL,
        sequence BIGINT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (stack_id, sequence)
      )`,
      `CREATE TABLE cloudformation_change_sets (
        change_set_id TEXT PRIMARY KEY,
        stack_id TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        content TEXT NOT NULL
      )`,
      "CREATE UNIQUE INDEX cloudformation_change_sets_by_name ON cloudformation_change_sets (stack_id, name)",
      `CREATE TABLE cloudformation_exports (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        stack_id TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, region, name)
      )`,
      `CREATE TABLE cloudformation_imports (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        stack_id TEXT NOT NULL,
        PRIMARY KEY (account, region, name, stack_id)
      )`,
      "CREATE INDEX cloudformation_imports_by_stack ON cloudformation_imports (stack_id)",
    ],
  },
];
