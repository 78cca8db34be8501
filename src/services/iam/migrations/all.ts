import type { Migration } from "#store/store.ts";

export const migrations: readonly Migration[] = [
  {
    name: "0001_roles_and_policies",
    statements: [
      "CREATE TABLE iam_roles (account TEXT NOT NULL, name TEXT NOT NULL, lower_name TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (account, lower_name))",
      "CREATE TABLE iam_policies (account TEXT NOT NULL, arn TEXT PRIMARY KEY, policy TEXT NOT NULL)",
      "CREATE TABLE iam_attachments (account TEXT NOT NULL, role_name TEXT NOT NULL, policy_arn TEXT NOT NULL, PRIMARY KEY (account, role_name, policy_arn))",
      "CREATE INDEX iam_attachments_by_policy ON iam_attachments (account, policy_arn)",
    ],
  },
];
