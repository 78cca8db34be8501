import type {
  EncryptionConfiguration,
  LoggingConfiguration,
  RoutingConfigurationListItem,
  TracingConfiguration,
} from "@aws-sdk/client-sfn";
import type { Kysely, Transaction } from "kysely";
import { prepare } from "#store/statement.ts";
import type { Store } from "#store/store.ts";
import type { SfnTables } from "./tables.ts";

export type MachineType = "STANDARD" | "EXPRESS";
export type Tags = Readonly<Record<string, string>>;
export type ChangeTags = (before: Tags) => Tags;
export type Settings = {
  logging?: LoggingConfiguration | undefined;
  tracing?: TracingConfiguration | undefined;
  encryption?: EncryptionConfiguration | undefined;
};
/** What a state machine was at one time: executions and versions keep to the revision that they began with. */
export type Revision = { id: string; machineArn: string; definition: string; roleArn: string; settings: Settings; createdAt: number };
export type FirstVersion = { publish: boolean; description?: string | undefined };
export type Machine = {
  arn: string;
  account: string;
  region: string;
  name: string;
  type: MachineType;
  createdAt: number;
  lastVersion: number;
  tags: Tags;
  /** Whether it was to be published when it was created, and the description. */
  firstVersion: FirstVersion | undefined;
  revision: Revision;
};
export type Version = { number: number; revisionId: string; description: string | undefined; createdAt: number };
export type Alias = {
  name: string;
  routing: readonly RoutingConfigurationListItem[];
  description: string | undefined;
  createdAt: number;
  updatedAt: number;
};

export type MachineRows = ReturnType<typeof newMachineRows>;
type Tx = Transaction<SfnTables>;
type Page = { offset: number; limit: number };

const toMachine = (row: SfnTables["sfn_machines"], revision: Revision): Machine => ({
  arn: row.arn,
  account: row.account,
  region: row.region,
  name: row.name,
  type: row.type,
  createdAt: row.created_at,
  lastVersion: row.last_version,
  tags: JSON.parse(row.tags) as Tags,
  firstVersion: row.first_version === null ? undefined : (JSON.parse(row.first_version) as FirstVersion),
  revision,
});

const toRevision = (row: SfnTables["sfn_revisions"]): Revision => ({
  id: row.revision_id,
  machineArn: row.machine_arn,
  definition: row.definition,
  roleArn: row.role_arn,
  settings: JSON.parse(row.settings) as Settings,
  createdAt: row.created_at,
});

const insertRevision = (tx: Tx, { id, machineArn, definition, roleArn, settings, createdAt }: Revision) =>
  tx
    .insertInto("sfn_revisions")
    .values({
      revision_id: id,
      machine_arn: machineArn,
      definition,
      role_arn: roleArn,
      settings: JSON.stringify(settings),
      created_at: createdAt,
    })
    .execute();

export const newMachineRows = (store: Store) => {
  const read = () => store.read<SfnTables>();
  const untyped = read() as unknown as Kysely<never>;
  // Each start asks for both.
  const findMachine = prepare<SfnTables["sfn_machines"]>(read().selectFrom("sfn_machines").selectAll().where("arn", "=", ""));
  const findRevision = prepare<SfnTables["sfn_revisions"]>(read().selectFrom("sfn_revisions").selectAll().where("revision_id", "=", ""));
  const revision = async (id: string): Promise<Revision | undefined> => {
    const [row] = await findRevision(untyped, id);
    return row && toRevision(row);
  };
  return {
    revision,
    find: async (arn: string): Promise<Machine | undefined> => {
      const [row] = await findMachine(untyped, arn);
      const current = row && (await revision(row.revision_id));
      return row && current && toMachine(row, current);
    },
    list: ({ account, region }: { account: string; region: string }, { offset, limit }: Page) =>
      read()
        .selectFrom("sfn_machines")
        .selectAll()
        .where("account", "=", account)
        .where("region", "=", region)
        .orderBy("name")
        .offset(offset)
        .limit(limit + 1)
        .execute(),
    /** Whether it was added: false when the name is taken. */
    add: (machine: Machine): Promise<boolean> =>
      store.transaction<SfnTables, boolean>(async (tx) => {
        if (await tx.selectFrom("sfn_machines").select("arn").where("arn", "=", machine.arn).executeTakeFirst()) return false;
        const { arn, account, region, name, type, firstVersion } = machine;
        const row = { arn, account, region, name, type, created_at: machine.createdAt, last_version: machine.lastVersion };
        await tx
          .insertInto("sfn_machines")
          .values({
            ...row,
            revision_id: machine.revision.id,
            tags: JSON.stringify(machine.tags),
            first_version: firstVersion === undefined ? null : JSON.stringify(firstVersion),
          })
          .execute();
        await insertRevision(tx, machine.revision);
        return true;
      }),
    revise: (revised: Revision): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        await insertRevision(tx, revised);
        await tx.updateTable("sfn_machines").set({ revision_id: revised.id }).where("arn", "=", revised.machineArn).execute();
      }),
    /** False when there is no such state machine. */
    changeTags: (arn: string, change: ChangeTags): Promise<boolean> =>
      store.transaction<SfnTables, boolean>(async (tx) => {
        const found = await tx.selectFrom("sfn_machines").select("tags").where("arn", "=", arn).executeTakeFirst();
        if (!found) return false;
        const tags = JSON.stringify(change(JSON.parse(found.tags) as Tags));
        await tx.updateTable("sfn_machines").set({ tags }).where("arn", "=", arn).execute();
        return true;
      }),
    /** Revisions stay for the executions that began with them. */
    remove: (arn: string): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        await tx.deleteFrom("sfn_machines").where("arn", "=", arn).execute();
        await tx.deleteFrom("sfn_versions").where("machine_arn", "=", arn).execute();
        await tx.deleteFrom("sfn_aliases").where("machine_arn", "=", arn).execute();
      }),
  };
};
