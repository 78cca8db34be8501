import type { Cluster, KeyValuePair } from "@aws-sdk/client-ecs";
import { clusterArn, clusterName } from "./arns.ts";
import type { ClusterRecord } from "./cluster-rows.ts";
import type { Ecs, EcsContext } from "./ecs.ts";
import { clusterContainsTasks, clusterNotFound, invalidParameter } from "./faults.ts";
import { keyToken, limitOf, readKeyToken } from "./paging.ts";
import { checkTags } from "./resource-tags.ts";

const providers = ["FARGATE", "FARGATE_SPOT"];

/** @throws Fault `ClusterNotFoundException` */
export const findCluster = async (reference: string | undefined, { account, region, clusters }: EcsContext): Promise<ClusterRecord> => {
  const cluster = await clusters.find({ account, region }, clusterName(reference));
  if (!cluster || cluster.status === "INACTIVE") throw clusterNotFound();
  return cluster;
};

/** One that is there is answered as it is. */
export const CreateCluster: Ecs["CreateCluster"] = async (input, context) => {
  const { account, region, clusters } = context;
  const name = input.clusterName ?? "default";
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalidParameter(`Invalid cluster name: ${name}`);
  checkProviders(input.capacityProviders);
  const known = await clusters.find({ account, region }, name);
  if (known?.status === "ACTIVE") return { cluster: await describe(known, context, ["TAGS"]) };
  const cluster: ClusterRecord = {
    account,
    region,
    name,
    status: "ACTIVE",
    settings: {
      settings: input.settings ?? [{ name: "containerInsights", value: "disabled" }],
      ...(input.configuration ? { configuration: input.configuration } : {}),
      capacityProviders: input.capacityProviders ?? [],
      defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
      ...(input.serviceConnectDefaults?.namespace ? { serviceConnectDefaults: { namespace: input.serviceConnectDefaults.namespace } } : {}),
    },
    tags: checkTags(input.tags ?? []),
  };
  await clusters.put(cluster);
  return { cluster: await describe(cluster, context, ["TAGS"]) };
};

const checkProviders = (names: readonly string[] | undefined): void => {
  const unknown = (names ?? []).find((name) => !providers.includes(name));
  if (unknown !== undefined) throw invalidParameter(`The specified capacity provider '${unknown}' was not found.`);
};

export const DescribeClusters: Ecs["DescribeClusters"] = async (input, context) => {
  const { account, region, clusters } = context;
  const names = input.clusters && input.clusters.length > 0 ? input.clusters : ["default"];
  const found = await Promise.all(
    names.map(async (reference) => ({ reference, cluster: await clusters.find({ account, region }, clusterName(reference)) })),
  );
  const described = found.flatMap(({ cluster }) => (cluster ? [describe(cluster, context, input.include ?? [])] : []));
  const failures = found.flatMap(({ reference, cluster }) =>
    cluster ? [] : [{ arn: clusterArn({ account, region }, clusterName(reference)), reason: "MISSING" }],
  );
  return { clusters: await Promise.all(described), failures };
};

export const ListClusters: Ecs["ListClusters"] = async (input, { account, region, clusters }) => {
  const limit = limitOf(input.maxResults);
  const found = await clusters.list({ account, region }, { after: readKeyToken(input.nextToken), limit: limit + 1 });
  const shown = found.slice(0, limit);
  return {
    clusterArns: shown.map(({ name }) => clusterArn({ account, region }, name)),
    ...keyToken(shown.at(-1)?.name, found.length > limit),
  };
};

export const DeleteCluster: Ecs["DeleteCluster"] = async (input, context) => {
  const cluster = await findCluster(input.cluster, context);
  if (!(await context.clusters.deactivate(cluster, cluster.name))) throw clusterContainsTasks();
  return { cluster: await describe({ ...cluster, status: "INACTIVE" }, context, []) };
};

export const PutClusterCapacityProviders: Ecs["PutClusterCapacityProviders"] = async (input, context) => {
  const cluster = await findCluster(input.cluster, context);
  checkProviders(input.capacityProviders);
  const changed = {
    ...cluster,
    settings: {
      ...cluster.settings,
      capacityProviders: input.capacityProviders,
      defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy,
    },
  };
  await context.clusters.put(changed);
  return { cluster: await describe(changed, context, []) };
};

const describe = async (cluster: ClusterRecord, { tasks }: EcsContext, include: readonly string[]): Promise<Cluster> => {
  const { running, pending } = await tasks.count(cluster, cluster.name);
  const { settings, configuration, ...own } = cluster.settings;
  const statistics: KeyValuePair[] = [
    { name: "runningTasksCount", value: String(running) },
    { name: "pendingTasksCount", value: String(pending) },
  ];
  return {
    clusterArn: clusterArn(cluster, cluster.name),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: cluster.status === "ACTIVE" ? 1 : 0,
    runningTasksCount: running,
    pendingTasksCount: pending,
    activeServicesCount: 0,
    statistics: include.includes("STATISTICS") ? statistics : [],
    tags: include.includes("TAGS") ? [...cluster.tags] : [],
    settings: settings ?? [],
    ...(configuration && include.includes("CONFIGURATIONS") ? { configuration } : {}),
    ...own,
  };
};
