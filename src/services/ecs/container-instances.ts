import { clusterName, instanceArn, isInstance } from "./arns.ts";
import { findCluster } from "./clusters.ts";
import type { Ecs } from "./ecs.ts";
import { invalidParameter } from "./faults.ts";
import { remaining } from "./placement.ts";
import type { Need } from "./placement.ts";

export const ListContainerInstances: Ecs["ListContainerInstances"] = async (input, context) => {
  const cluster = await findCluster(input.cluster, context);
  const isShown = input.status === undefined || input.status === "ACTIVE";
  return { containerInstanceArns: isShown ? [instanceArn(cluster, cluster.name)] : [] };
};

/** The machine itself, with what it really has and has left; every cluster has it. */
export const DescribeContainerInstances: Ecs["DescribeContainerInstances"] = async (input, context) => {
  if (input.containerInstances.length === 0) throw invalidParameter("Container instance cannot be empty.");
  const cluster = await findCluster(input.cluster, context);
  const [room, { placed }, count] = await Promise.all([
    context.room(),
    context.tasks.reserved(),
    context.tasks.count(cluster, cluster.name),
  ]);
  const instance = {
    containerInstanceArn: instanceArn(cluster, cluster.name),
    version: 1,
    status: "ACTIVE",
    agentConnected: true,
    registeredResources: resourcesOf({ cpuUnits: room.cpuUnits, memoryBytes: room.memoryBytes }),
    remainingResources: resourcesOf(remaining(placed, room)),
    runningTasksCount: count.running,
    pendingTasksCount: count.pending,
    attributes: [
      { name: "ecs.os-type", value: process.platform === "win32" ? "windows" : "linux" },
      { name: "ecs.cpu-architecture", value: process.arch === "arm64" ? "arm64" : "x86_64" },
    ],
    attachments: [],
    tags: [],
  };
  return {
    containerInstances: input.containerInstances.some(isInstance) ? [instance] : [],
    failures: input.containerInstances
      .filter((reference) => !isInstance(reference))
      .map((reference) => ({
        arn: reference.startsWith("arn:")
          ? reference
          : `${instanceArn(cluster, clusterName(input.cluster)).replace(/[^/]+$/, "")}${reference}`,
        reason: "MISSING",
      })),
  };
};

const resourcesOf = ({ cpuUnits, memoryBytes }: Need) => [
  { name: "CPU", type: "INTEGER", integerValue: cpuUnits },
  { name: "MEMORY", type: "INTEGER", integerValue: Math.floor(memoryBytes / (1 << 20)) },
];

const provider = (context: { account: string; region: string }, name: string) => ({
  capacityProviderArn: `arn:aws:ecs:${context.region}:${context.account}:capacity-provider/${name}`,
  name,
  status: "ACTIVE" as const,
  tags: [],
});

export const DescribeCapacityProviders: Ecs["DescribeCapacityProviders"] = async (input, context) => {
  const names = ["FARGATE", "FARGATE_SPOT"];
  const wanted = input.capacityProviders?.map((each) => each.slice(each.lastIndexOf("/") + 1));
  return {
    capacityProviders: names.filter((name) => !wanted || wanted.includes(name)).map((name) => provider(context, name)),
    failures: (wanted ?? [])
      .filter((name) => !names.includes(name))
      .map((name) => ({ arn: provider(context, name).capacityProviderArn, reason: "MISSING" })),
  };
};
