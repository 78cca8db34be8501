import type { RoutingConfigurationListItem } from "@aws-sdk/client-sfn";
import type { Store } from "#store/store.ts";
import { quotaExceeded } from "./faults.ts";
import { quotas } from "./limits.ts";
import type { Alias, Version } from "./machine-rows.ts";
import type { SfnTables } from "./tables.ts";

export type VersionRows = ReturnType<typeof newVersionRows>;

const toVersion = (row: SfnTables["sfn_versions"]): Version => ({
  number: row.number,
  revisionId: row.revision_id,
  description: row.description ?? undefined,
  createdAt: row.created_at,
});

const toAlias = (row: SfnTables["sfn_aliases"]): Alias => ({
  name: row.name,
  routing: JSON.parse(row.routing) as RoutingConfigurationListItem[],
  description: row.description ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const aliasRow = (machineArn: string, { name, routing, description, createdAt, updatedAt }: Alias): SfnTables["sfn_aliases"] => ({
  machine_arn: machineArn,
  name,
  routing: JSON.stringify(routing),
  description: description ?? null,
  created_at: createdAt,
  updated_at: updatedAt,
});

export const newVersionRows = (store: Store) => {
  const read = () => store.read<SfnTables>();
  return {
    list: async (machineArn: string): Promise<Version[]> => {
      const query = read().selectFrom("sfn_versions").selectAll().where("machine_arn", "=", machineArn);
      return (await query.orderBy("number", "desc").execute()).map(toVersion);
    },
    /** Publishes a revision; the version that has it already is answered as it is. */
    publish: (machineArn: string, version: Omit<Version, "number">): Promise<Version> =>
      store.transaction<SfnTables, Version>(async (tx) => {
        const versions = await tx.selectFrom("sfn_versions").selectAll().where("machine_arn", "=", machineArn).orderBy("number").execute();
        const latest = versions.at(-1);
        if (latest?.revision_id === version.revisionId) return toVersion(latest);
        if (versions.length >= quotas.versions)
          throw quotaExceeded(`A state machine can have ${quotas.versions} versions at most: delete those that are not used`);
        const machine = await tx.selectFrom("sfn_machines").select("last_version").where("arn", "=", machineArn).executeTakeFirstOrThrow();
        const number = machine.last_version + 1;
        await tx.updateTable("sfn_machines").set({ last_version: number }).where("arn", "=", machineArn).execute();
        const { revisionId: revision_id, description = null, createdAt: created_at } = version;
        await tx.insertInto("sfn_versions").values({ machine_arn: machineArn, number, revision_id, description, created_at }).execute();
        return { ...version, number };
      }),
    remove: (machineArn: string, number: number): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        await tx.deleteFrom("sfn_versions").where("machine_arn", "=", machineArn).where("number", "=", number).execute();
      }),
    aliases: async (machineArn: string): Promise<Alias[]> => {
      const query = read().selectFrom("sfn_aliases").selectAll().where("machine_arn", "=", machineArn);
      return (await query.orderBy("created_at", "desc").orderBy("name").execute()).map(toAlias);
    },
    /** The alias as it is afterwards: the one that has the name already stays. */
    addAlias: (machineArn: string, alias: Alias): Promise<Alias> =>
      store.transaction<SfnTables, Alias>(async (tx) => {
        const rows = await tx.selectFrom("sfn_aliases").selectAll().where("machine_arn", "=", machineArn).execute();
        const found = rows.find(({ name }) => name === alias.name);
        if (found) return toAlias(found);
        if (rows.length >= quotas.aliases)
          throw quotaExceeded(`A state machine can have ${quotas.aliases} aliases at most: delete those that are not used`);
        await tx.insertInto("sfn_aliases").values(aliasRow(machineArn, alias)).execute();
        return alias;
      }),
    changeAlias: (machineArn: string, alias: Alias): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        const row = aliasRow(machineArn, alias);
        await tx.updateTable("sfn_aliases").set(row).where("machine_arn", "=", machineArn).where("name", "=", alias.name).execute();
      }),
    removeAlias: (machineArn: string, name: string): Promise<void> =>
      store.transaction<SfnTables, void>(async (tx) => {
        await tx.deleteFrom("sfn_aliases").where("machine_arn", "=", machineArn).where("name", "=", name).execute();
      }),
  };
};
