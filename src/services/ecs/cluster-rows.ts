import type { Cluster } from "@aws-sdk/client-ecs";
import type { Selectable } from "kysely";
import type { Store } from "#store/store.ts";
import type { Scope, Tags } from "./ecs.ts";
import type { Tables } from "./tables.ts";

/** What a cluster was given, besides its name. */
type ClusterSettings = Pick<
  Cluster,
  "settings" | "configuration" | "capacityProviders" | "defaultCapacityProviderStrategy" | "serviceConnectDefaults"
>;

export type ClusterRecord = Scope & { name: string; status: "ACTIVE" | "INACTIVE"; settings: ClusterSettings; tags: Tags };

export type ClusterRows = {
  find(scope: Scope, name: string): Promise<ClusterRecord | undefined>;
  list(scope: Scope, page: { after: string; limit: number }): Promise<ClusterRecord[]>;
  put(cluster: ClusterRecord): Promise<void>;
  /** Answers false while tasks of the cluster have not ended. */
  deactivate(scope: Scope, name: string): Promise<boolean>;
};

export const newClusterRows = (store: Store): ClusterRows => ({
  find: async ({ account, region }, name) => {
    const row = await store
      .read<Tables>()
      .selectFrom("ecs_clusters")
      .selectAll()
      .where((by) => by.and({ account, region, name }))
      .executeTakeFirst();
    return row && clusterOf(row);
  },
  list: async ({ account, region }, { after, limit }) => {
    const rows = await store
      .read<Tables>()
      .selectFrom("ecs_clusters")
      .selectAll()
      .where((by) => by.and({ account, region, status: "ACTIVE" }))
      .where("name", ">", after)
      .orderBy("name")
      .limit(limit)
      .execute();
    return rows.map(clusterOf);
  },
  put: ({ settings, tags, ...cluster }) =>
    store.transaction<Tables, void>(async (tx) => {
      const row = { ...cluster, settings: JSON.stringify(settings), tags: JSON.stringify(tags) };
      await tx
        .insertInto("ecs_clusters")
        .values(row)
        .onConflict((conflict) => conflict.columns(["account", "region", "name"]).doUpdateSet(row))
        .execute();
    }),
  deactivate: ({ account, region }, name) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const active = await tx
        .selectFrom("ecs_tasks")
        .select("id")
        .where((by) => by.and({ account, region, cluster: name }))
        .where("last_status", "!=", "STOPPED")
        .executeTakeFirst();
      if (active) return false;
      await tx
        .updateTable("ecs_clusters")
        .set({ status: "INACTIVE" })
        .where((by) => by.and({ account, region, name }))
        .execute();
      return true;
    }),
});

const clusterOf = (row: Selectable<Tables["ecs_clusters"]>): ClusterRecord => ({
  account: row.account,
  region: row.region,
  name: row.name,
  status: row.status === "ACTIVE" ? "ACTIVE" : "INACTIVE",
  settings: JSON.parse(row.settings) as ClusterSettings,
  tags: JSON.parse(row.tags) as Tags,
});
