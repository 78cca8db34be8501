import { createHash } from "node:crypto";
import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { instanceArn, taskArn } from "./arns.ts";
import type { ClusterRecord } from "./cluster-rows.ts";
import { findCluster } from "./clusters.ts";
import { describeTask } from "./describe-task.ts";
import type { Ecs, EcsContext, LaunchType, TaskRecord, Wanted } from "./ecs.ts";
import { definitionInactive, definitionNotFoundToRun, invalidParameter, memberNotImplemented, tokenConflict } from "./faults.ts";
import { isFargateSize, parseCpu, parseMemory } from "./fargate.ts";
import { maxTasksPerRun } from "./limits.ts";
import type { Need } from "./placement.ts";
import { checkTags } from "./resource-tags.ts";
import type { DefinitionRecord } from "./task-definition-rows.ts";
import { describeDefinition, findDefinition } from "./task-definitions.ts";

type Input = Parameters<Ecs["RunTask"]>[0];

const mib = 1 << 20;

/** Writes down what is wanted, and returns; the task's loop does the rest. */
export const RunTask: Ecs["RunTask"] = async (input, context) => {
  const count = input.count ?? 1;
  if (count < 1 || count > maxTasksPerRun) throw invalidParameter(`Count must be between 1 and ${maxTasksPerRun}.`);
  const cluster = await findCluster(input.cluster, context);
  const definition = await findDefinition(input.taskDefinition, context);
  if (!definition) throw definitionNotFoundToRun();
  if (definition.status === "INACTIVE") throw definitionInactive();
  const launch = launchOf(input, cluster);
  checkRun(input, definition.definition, launch.type);
  const records = Array.from({ length: count }, () => newTask(input, { cluster, definition, launch }, context));
  const token = input.clientToken === undefined ? undefined : { token: input.clientToken, requestHash: hashOf(input) };
  // On EC2 what does not fit is refused at once, as AWS does; elsewhere it waits for room.
  const room = launch.type === "EC2" && launch.provider === undefined ? await context.room() : undefined;
  const added = await context.tasks.add(records, { token, room, now: context.now });
  if (added.kind === "known") return answerKnown(added, cluster, context);
  const isAdded = (index: number) => added.shortages[index] === undefined;
  for (const [index, { id }] of records.entries()) if (isAdded(index)) context.look(id);
  return {
    tasks: records.filter((_, index) => isAdded(index)).map(describeTask),
    failures: added.shortages.flatMap((reason) => (reason === undefined ? [] : [{ arn: instanceArn(cluster, cluster.name), reason }])),
  };
};

const answerKnown = async (known: { ids: readonly string[]; isSame: boolean }, cluster: ClusterRecord, { tasks }: EcsContext) => {
  if (!known.isSame) throw tokenConflict(known.ids.map((id) => taskArn({ ...cluster, cluster: cluster.name, id })));
  return { tasks: (await tasks.findMany(known.ids)).map(describeTask), failures: [] };
};

const hashOf = ({ clientToken: _token, ...input }: Input) => createHash("sha256").update(JSON.stringify(input)).digest("hex");

type Launch = { type: LaunchType; provider: string | undefined };

const launchOf = (input: Input, cluster: ClusterRecord): Launch => {
  const strategy = input.capacityProviderStrategy ?? [];
  if (input.launchType && strategy.length > 0)
    throw invalidParameter("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.");
  if (input.launchType === "EXTERNAL" || input.launchType === "MANAGED_INSTANCES")
    throw memberNotImplemented(`launchType ${input.launchType}`);
  if (input.launchType) return { type: input.launchType, provider: undefined };
  const [chosen] = (strategy.length > 0 ? strategy : (cluster.settings.defaultCapacityProviderStrategy ?? [])).toSorted(
    (a, b) => (b.base ?? 0) - (a.base ?? 0) || (b.weight ?? 0) - (a.weight ?? 0),
  );
  if (chosen === undefined) return { type: "EC2", provider: undefined };
  const provider = chosen.capacityProvider ?? "";
  if (provider !== "FARGATE" && provider !== "FARGATE_SPOT")
    throw invalidParameter(`The specified capacity provider '${provider}' was not found.`);
  return { type: "FARGATE", provider };
};

const checkRun = (input: Input, definition: TaskDefinition, launchType: LaunchType): void => {
  if (!definition.compatibilities?.includes(launchType))
    throw invalidParameter(`Task definition does not support launch_type ${launchType}.`);
  const network = input.networkConfiguration?.awsvpcConfiguration;
  if (definition.networkMode === "awsvpc" && !network)
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (definition.networkMode !== "awsvpc" && network)
    throw invalidParameter("Network Configuration is not valid for the given networkMode of this task definition.");
  if (network && (network.subnets ?? []).length === 0) throw invalidParameter("subnets can not be empty.");
  for (const { name, environmentFiles, resourceRequirements } of input.overrides?.containerOverrides ?? []) {
    if (!definition.containerDefinitions?.some((each) => each.name === name))
      throw invalidParameter(`Override for container named ${name ?? "null"} is not a container in the TaskDefinition.`);
    if (environmentFiles && environmentFiles.length > 0) throw memberNotImplemented("overrides.containerOverrides.environmentFiles");
    if (resourceRequirements && resourceRequirements.length > 0)
      throw memberNotImplemented("overrides.containerOverrides.resourceRequirements");
  }
  if (input.volumeConfigurations && input.volumeConfigurations.length > 0) throw memberNotImplemented("volumeConfigurations");
  if (input.placementConstraints?.some(({ type }) => type === "memberOf")) throw memberNotImplemented("placementConstraints memberOf");
};

type Parts = { cluster: ClusterRecord; definition: DefinitionRecord; launch: Launch };

const newTask = (input: Input, { cluster, definition, launch }: Parts, { newId, now }: EcsContext): TaskRecord => {
  const described = describeDefinition(definition);
  const overrides = input.overrides ?? {};
  const id = newId().replaceAll("-", "");
  const isNetworked = described.networkMode === "awsvpc";
  const wanted: Wanted = {
    definition: { ...described, containerDefinitions: described.containerDefinitions ?? [] },
    overrides,
    need: needOf(described, overrides, launch.type),
    subnets: input.networkConfiguration?.awsvpcConfiguration?.subnets ?? [],
    securityGroups: input.networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [],
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    platformVersion: launch.type === "FARGATE" ? "1.4.0" : undefined,
    capacityProvider: launch.provider,
    attachmentId: newId(),
    credentialsId: newId(),
    metadataId: newId(),
  };
  const isPlaced = launch.type === "EC2";
  return {
    id,
    account: cluster.account,
    region: cluster.region,
    cluster: cluster.name,
    group: input.group ?? `family:${definition.family}`,
    startedBy: input.startedBy,
    launchType: launch.type,
    createdAt: now,
    stoppedAt: undefined,
    lastStatus: isPlaced && !isNetworked ? "PENDING" : "PROVISIONING",
    desiredStatus: "RUNNING",
    stop: undefined,
    isPlaced,
    version: 1,
    tags: checkTags(input.tags ?? [], input.propagateTags === "TASK_DEFINITION" ? definition.tags : []),
    wanted,
    observed: { containers: [], address: undefined, ports: [], waitingReason: undefined },
  };
};

/** The task's own size, or what its containers reserve together. */
const needOf = (definition: TaskDefinition, overrides: NonNullable<Input["overrides"]>, launchType: LaunchType): Need => {
  const cpu = overrides.cpu ?? definition.cpu;
  const memory = overrides.memory ?? definition.memory;
  const cpuUnits = cpu === undefined ? undefined : parseCpu(cpu);
  const memoryMib = memory === undefined ? undefined : parseMemory(memory);
  if (launchType === "FARGATE" && !isFargateSize(cpuUnits ?? 0, memoryMib ?? 0))
    throw invalidParameter(`No Fargate configuration exists for given values: ${cpuUnits ?? 0} CPU, ${memoryMib ?? 0} memory.`);
  const containers = (definition.containerDefinitions ?? []).map((container) => ({
    ...container,
    ...overrides.containerOverrides?.find(({ name }) => name === container.name),
  }));
  const sum = (of: (container: (typeof containers)[number]) => number) => containers.reduce((total, each) => total + of(each), 0);
  return {
    cpuUnits: cpuUnits ?? sum((each) => each.cpu ?? 0),
    memoryBytes: (memoryMib ?? sum((each) => each.memoryReservation ?? each.memory ?? 0)) * mib,
  };
};
