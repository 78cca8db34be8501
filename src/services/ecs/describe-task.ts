import type { Attachment, Attribute, Container, Task } from "@aws-sdk/client-ecs";
import { clusterArn, containerArn, definitionArn, instanceArn, taskArn } from "./arns.ts";
import type { ContainerRecord, TaskRecord } from "./ecs.ts";

const dateOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

/** Leaves out what is not known, as AWS's answers do. */
const known = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

/** A task as clients see it. */
export const describeTask = (task: TaskRecord): Task => {
  const { wanted, observed } = task;
  const { definition, overrides } = wanted;
  return known<Task>({
    attachments: attachmentsOf(task),
    attributes: attributesOf(task),
    availabilityZone: `${task.region}a`,
    capacityProviderName: wanted.capacityProvider,
    clusterArn: clusterArn(task, task.cluster),
    connectivity: observed.containers.length > 0 ? "CONNECTED" : undefined,
    connectivityAt: dateOf(observed.startedAt),
    containerInstanceArn: task.launchType === "EC2" ? instanceArn(task, task.cluster) : undefined,
    containers: (definition.containerDefinitions ?? []).map(({ name = "" }) => describeContainer(task, name)),
    cpu: String(wanted.need.cpuUnits),
    createdAt: new Date(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: wanted.enableExecuteCommand,
    executionStoppedAt: dateOf(observed.executionStoppedAt),
    group: task.group,
    healthStatus: healthOf(task),
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    memory: String(Math.ceil(wanted.need.memoryBytes / (1 << 20))),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...overrides },
    platformVersion: wanted.platformVersion,
    platformFamily: task.launchType === "FARGATE" ? "Linux" : undefined,
    pullStartedAt: dateOf(observed.pullStartedAt),
    pullStoppedAt: dateOf(observed.pullStoppedAt),
    startedAt: dateOf(observed.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stop?.code,
    stoppedAt: dateOf(task.stoppedAt),
    stoppedReason: task.stop?.reason,
    stoppingAt: dateOf(observed.stoppingAt),
    tags: [...task.tags],
    taskArn: taskArn(task),
    taskDefinitionArn: definitionArn(task, definition.family ?? "", definition.revision ?? 0),
    version: task.version,
    ephemeralStorage: task.launchType === "FARGATE" ? { sizeInGiB: definition.ephemeralStorage?.sizeInGiB ?? 20 } : undefined,
  });
};

const attributesOf = ({ observed }: TaskRecord): Attribute[] => [
  { name: "ecs.cpu-architecture", value: process.arch === "arm64" ? "arm64" : "x86_64" },
  // AWS does not say why a task waits; here it does.
  ...(observed.waitingReason === undefined ? [] : [{ name: "tandem.waiting-reason", value: observed.waitingReason }]),
];

const attachmentsOf = ({ wanted, observed, lastStatus }: TaskRecord): Attachment[] => {
  if (wanted.definition.networkMode !== "awsvpc") return [];
  const status = lastStatus === "STOPPED" ? "DELETED" : observed.address === undefined ? "PRECREATED" : "ATTACHED";
  const details = [
    { name: "subnetId", value: wanted.subnets[0] ?? "" },
    { name: "networkInterfaceId", value: `eni-${wanted.attachmentId.replaceAll("-", "").slice(0, 17)}` },
    ...(observed.address === undefined ? [] : [{ name: "privateIPv4Address", value: observed.address }]),
  ];
  return [{ id: wanted.attachmentId, type: "ElasticNetworkInterface", status, details }];
};

const describeContainer = (task: TaskRecord, name: string): Container => {
  const { wanted, observed } = task;
  const definition = wanted.definition.containerDefinitions.find((each) => each.name === name);
  const override = wanted.overrides.containerOverrides?.find((each) => each.name === name);
  const record: Partial<ContainerRecord> = observed.containers.find((each) => each.name === name) ?? {};
  const mapped = (definition?.portMappings ?? []).map(({ containerPort }) => containerPort);
  const memory = override?.memory ?? definition?.memory;
  const reservation = override?.memoryReservation ?? definition?.memoryReservation;
  return known<Container>({
    containerArn: containerArn(task, `${wanted.attachmentId.slice(0, -4)}${suffixOf(wanted, name)}`),
    taskArn: taskArn(task),
    name,
    image: definition?.image,
    imageDigest: record.imageDigest,
    runtimeId: record.runtimeId,
    lastStatus: task.lastStatus === "STOPPED" ? "STOPPED" : (record.lastStatus ?? "PENDING"),
    exitCode: record.exitCode,
    reason: record.reason,
    networkBindings: observed.ports
      .filter(({ containerPort }) => mapped.includes(containerPort))
      .map(({ containerPort, hostPort, protocol }) => ({ bindIP: "0.0.0.0", containerPort, hostPort, protocol })),
    networkInterfaces:
      wanted.definition.networkMode === "awsvpc" && observed.address !== undefined
        ? [{ attachmentId: wanted.attachmentId, privateIpv4Address: observed.address }]
        : [],
    healthStatus: record.health ?? "UNKNOWN",
    cpu: String(override?.cpu ?? definition?.cpu ?? 0),
    memory: memory === undefined ? undefined : String(memory),
    memoryReservation: reservation === undefined ? undefined : String(reservation),
  });
};

/** Containers of a task are told apart by the last digits of their ids. */
const suffixOf = ({ definition }: TaskRecord["wanted"], name: string) =>
  definition.containerDefinitions
    .findIndex((each) => each.name === name)
    .toString(16)
    .padStart(4, "0");

/** A task is as healthy as the worst of its essential containers that have a check. */
const healthOf = ({ wanted, observed }: TaskRecord): Task["healthStatus"] => {
  const checked = wanted.definition.containerDefinitions.filter(({ essential, healthCheck }) => healthCheck && essential !== false);
  const states = checked.map(({ name }) => observed.containers.find((each) => each.name === name)?.health ?? "UNKNOWN");
  if (states.includes("UNHEALTHY")) return "UNHEALTHY";
  return states.length === 0 || states.includes("UNKNOWN") ? "UNKNOWN" : "HEALTHY";
};
