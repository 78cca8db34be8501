import type { Tag, TaskDefinition } from "@aws-sdk/client-ecs";
import { definitionArn, parseDefinition } from "./arns.ts";
import { checkDefinition } from "./check-task-definition.ts";
import type { Ecs, EcsContext } from "./ecs.ts";
import { clientFault, definitionNotFound, invalidParameter } from "./faults.ts";
import { parseCpu, parseMemory } from "./fargate.ts";
import { limitOf, page } from "./paging.ts";
import { refuseReach } from "./refuse-reach.ts";
import { checkTags } from "./resource-tags.ts";
import type { DefinitionRecord } from "./task-definition-rows.ts";

export const RegisterTaskDefinition: Ecs["RegisterTaskDefinition"] = async (
  input,
  { account, region, caller, definitions, now, isShared },
) => {
  checkDefinition(input);
  if (isShared) refuseReach(input);
  const { tags, family, ...given } = input;
  const definition: TaskDefinition = {
    ...given,
    family,
    networkMode: given.networkMode ?? "bridge",
    volumes: given.volumes ?? [],
    placementConstraints: given.placementConstraints ?? [],
    compatibilities: compatibilitiesOf(input),
    ...(given.cpu === undefined ? {} : { cpu: String(parseCpu(given.cpu)) }),
    ...(given.memory === undefined ? {} : { memory: String(parseMemory(given.memory)) }),
    containerDefinitions: given.containerDefinitions.map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment ?? [],
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      systemControls: container.systemControls ?? [],
      portMappings: (container.portMappings ?? []).map((port) => ({
        ...port,
        protocol: port.protocol ?? "tcp",
        hostPort: port.hostPort ?? (given.networkMode === "awsvpc" || given.networkMode === "host" ? port.containerPort : 0),
      })),
    })),
    registeredBy: caller.arn,
  };
  const record = await definitions.add({
    account,
    region,
    family,
    status: "ACTIVE",
    registeredAt: now,
    deregisteredAt: undefined,
    definition,
    tags: checkTags(tags ?? []),
  });
  return { taskDefinition: describeDefinition(record), ...withTags(record.tags) };
};

const compatibilitiesOf = (input: Parameters<Ecs["RegisterTaskDefinition"]>[0]): ("EC2" | "FARGATE")[] => {
  try {
    checkDefinition({ ...input, requiresCompatibilities: ["FARGATE"] });
    return ["EC2", "FARGATE"];
  } catch {
    return ["EC2"];
  }
};

const withTags = (tags: readonly Tag[]) => (tags.length > 0 ? { tags: [...tags] } : {});

export const describeDefinition = (record: DefinitionRecord): TaskDefinition => ({
  ...record.definition,
  taskDefinitionArn: definitionArn(record, record.family, record.revision),
  revision: record.revision,
  status: record.status,
  registeredAt: new Date(record.registeredAt),
  ...(record.deregisteredAt === undefined ? {} : { deregisteredAt: new Date(record.deregisteredAt) }),
});

/** A family means its latest active revision. */
export const findDefinition = async (
  reference: string,
  { account, region, definitions }: EcsContext,
): Promise<DefinitionRecord | undefined> => {
  const named = parseDefinition(reference);
  return named && definitions.find({ account, region }, named.family, named.revision);
};

export const DescribeTaskDefinition: Ecs["DescribeTaskDefinition"] = async (input, context) => {
  const record = await findDefinition(input.taskDefinition, context);
  if (!record) throw definitionNotFound();
  return { taskDefinition: describeDefinition(record), ...(input.include?.includes("TAGS") ? { tags: [...record.tags] } : {}) };
};

export const DeregisterTaskDefinition: Ecs["DeregisterTaskDefinition"] = async (input, context) => {
  const named = parseDefinition(input.taskDefinition);
  if (named && named.revision === undefined) throw invalidParameter("Invalid revision number. Number: null");
  const record = await findDefinition(input.taskDefinition, context);
  if (!record) throw clientFault("The specified task definition does not exist.");
  if (record.status === "ACTIVE") await context.definitions.deregister(record, context.now);
  const deregistered = record.status === "ACTIVE" ? { ...record, status: "INACTIVE" as const, deregisteredAt: context.now } : record;
  return { taskDefinition: describeDefinition(deregistered) };
};

export const DeleteTaskDefinitions: Ecs["DeleteTaskDefinitions"] = async (input, context) => {
  const taskDefinitions: TaskDefinition[] = [];
  const failures: { arn: string; reason: string; detail?: string }[] = [];
  for (const reference of input.taskDefinitions) {
    const record = await findDefinition(reference, context);
    if (!record) failures.push({ arn: reference, reason: "MISSING" });
    else if (record.status === "ACTIVE")
      failures.push({
        arn: definitionArn(record, record.family, record.revision),
        reason: "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      });
    else {
      await context.definitions.remove(record);
      taskDefinitions.push({ ...describeDefinition(record), status: "DELETE_IN_PROGRESS", deleteRequestedAt: new Date(context.now) });
    }
  }
  return { taskDefinitions, failures };
};

export const ListTaskDefinitions: Ecs["ListTaskDefinitions"] = async (input, { account, region, definitions }) => {
  if (input.status !== undefined && input.status !== "ACTIVE" && input.status !== "INACTIVE") return { taskDefinitionArns: [] };
  const found = await definitions.list(
    { account, region },
    { family: input.familyPrefix, status: input.status ?? "ACTIVE", isDescending: input.sort === "DESC" },
  );
  const { items, nextToken } = page(
    found.map(({ family, revision }) => definitionArn({ account, region }, family, revision)),
    input.nextToken,
    limitOf(input.maxResults),
  );
  return { taskDefinitionArns: items, ...nextToken };
};

export const ListTaskDefinitionFamilies: Ecs["ListTaskDefinitionFamilies"] = async (input, { account, region, definitions }) => {
  const all = await definitions.families({ account, region }, input.familyPrefix ?? "");
  const wanted = all.filter(
    ({ isActive }) => input.status === undefined || input.status === "ALL" || (input.status === "ACTIVE") === isActive,
  );
  const { items, nextToken } = page(
    wanted.map(({ family }) => family),
    input.nextToken,
    limitOf(input.maxResults),
  );
  return { families: items, ...nextToken };
};
