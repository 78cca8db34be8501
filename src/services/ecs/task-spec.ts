import type { ContainerDefinition, KeyValuePair, MountPoint } from "@aws-sdk/client-ecs";
import type { ContainerSpec, HealthCheck, Limits, Mount, PortMapping, TaskSpec } from "#engine/engine.ts";
import { clusterArn, taskArn } from "./arns.ts";
import type { TaskRecord } from "./ecs.ts";
import { stopGraceSeconds } from "./limits.ts";

/** What every container gets from outside its definition. */
type Grants = {
  environment: Readonly<Record<string, string>>;
  mounts: readonly { source: string; target: string; readOnly: true }[];
};

export type Resolved = {
  /** What to run for each image that is named. */
  images: ReadonlyMap<string, string>;
  grants: Grants;
  /** Variables read from files, by container. */
  fileVariables: ReadonlyMap<string, Readonly<Record<string, string>>>;
};

const mib = 1 << 20;

/** Says to the engine what a task is, from its definition, its overrides and what the cloud grants it. */
export const taskSpec = (task: TaskRecord, resolved: Resolved): TaskSpec => {
  const { definition, need } = task.wanted;
  const isFargate = task.launchType === "FARGATE";
  const hosts = definition.containerDefinitions.flatMap(({ extraHosts }) => extraHosts ?? []);
  const hasLimits = definition.cpu !== undefined || definition.memory !== undefined || isFargate;
  return {
    id: task.id,
    kind: "ecs-task",
    labels: { cluster: task.cluster, family: definition.family ?? "", account: task.account, region: task.region },
    containers: definition.containerDefinitions.map((container) => containerSpec(task, container, resolved)),
    ...(hasLimits
      ? {
          limits: {
            ...(need.cpuUnits > 0 ? { cpuUnits: need.cpuUnits, cpuIsHard: isFargate } : {}),
            ...(need.memoryBytes > 0 ? { memoryBytes: need.memoryBytes } : {}),
          },
        }
      : {}),
    network: definition.networkMode === "host" ? "host" : definition.networkMode === "none" ? "none" : "sandbox",
    ...(hosts.length > 0 ? { hosts: Object.fromEntries(hosts.map(({ hostname, ipAddress }) => [hostname ?? "", ipAddress ?? ""])) } : {}),
    ports: definition.networkMode === "bridge" ? definition.containerDefinitions.flatMap(portsOf) : [],
  };
};

const portsOf = ({ portMappings }: ContainerDefinition): PortMapping[] =>
  (portMappings ?? []).flatMap(({ containerPort, hostPort, protocol }) =>
    containerPort === undefined ? [] : [{ containerPort, ...(hostPort ? { hostPort } : {}), protocol: protocol ?? ("tcp" as const) }],
  );

const variables = (pairs: readonly KeyValuePair[] | undefined): Record<string, string> =>
  Object.fromEntries((pairs ?? []).map(({ name, value }) => [name ?? "", value ?? ""]));

const containerSpec = (task: TaskRecord, container: ContainerDefinition, { images, grants, fileVariables }: Resolved): ContainerSpec => {
  const name = container.name ?? "";
  const override = task.wanted.overrides.containerOverrides?.find((each) => each.name === name);
  const entryPoint = container.entryPoint;
  const command = override?.command ?? container.command;
  return {
    name,
    image: images.get(container.image ?? "") ?? container.image ?? "",
    essential: container.essential !== false,
    ...(entryPoint && entryPoint.length > 0 ? { entryPoint } : {}),
    ...(command && command.length > 0 ? { command } : {}),
    environment: {
      ...grants.environment,
      ...ownVariables(task, name),
      ...fileVariables.get(name),
      ...variables(container.environment),
      ...variables(override?.environment),
    },
    ...(container.workingDirectory ? { workingDirectory: container.workingDirectory } : {}),
    ...(container.user ? { user: container.user } : {}),
    limits: limitsOf({ ...container, ...override }),
    mounts: [...grants.mounts, ...(container.mountPoints ?? []).flatMap((mount) => mountOf(task, mount))],
    dependsOn: (container.dependsOn ?? []).map(({ containerName = "", condition = "START" }) => ({ container: containerName, condition })),
    ...(container.healthCheck ? { healthCheck: healthCheckOf(container.healthCheck) } : {}),
    readOnlyRootFilesystem: container.readonlyRootFilesystem ?? false,
    stopTimeoutSeconds: container.stopTimeout ?? stopGraceSeconds,
    capabilities: {
      add: container.linuxParameters?.capabilities?.add ?? [],
      drop: container.linuxParameters?.capabilities?.drop ?? [],
    },
    ...(container.linuxParameters?.initProcessEnabled ? { hasInit: true } : {}),
    ...(container.ulimits
      ? {
          ulimits: container.ulimits.map(({ name: limit, softLimit, hardLimit }) => ({
            name: limit ?? "",
            soft: softLimit ?? 0,
            hard: hardLimit ?? 0,
          })),
        }
      : {}),
    interactive: container.interactive ?? false,
    pseudoTerminal: container.pseudoTerminal ?? false,
  };
};

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html and task-iam-roles.html */
const ownVariables = (task: TaskRecord, container: string): Record<string, string> => {
  const { definition, overrides, credentialsId, metadataId } = task.wanted;
  return {
    ECS_CONTAINER_METADATA_URI_V4: `http://169.254.170.2/v4/${metadataId}-${container}`,
    AWS_EXECUTION_ENV: task.launchType === "FARGATE" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2",
    ...((overrides.taskRoleArn ?? definition.taskRoleArn)
      ? { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${credentialsId}` }
      : {}),
  };
};

const limitsOf = ({ cpu, memory, memoryReservation }: Pick<ContainerDefinition, "cpu" | "memory" | "memoryReservation">): Limits => ({
  ...(cpu ? { cpuUnits: cpu, cpuIsHard: false } : {}),
  ...(memory ? { memoryBytes: memory * mib } : {}),
  ...(memoryReservation ? { memoryReservationBytes: memoryReservation * mib } : {}),
});

const mountOf = ({ wanted }: TaskRecord, { sourceVolume, containerPath, readOnly }: MountPoint): Mount[] => {
  const volume = wanted.definition.volumes?.find(({ name }) => name === sourceVolume);
  if (!volume || !containerPath) return [];
  const source = volume.host?.sourcePath;
  return [
    source
      ? { source, target: containerPath, readOnly: readOnly ?? false }
      : { volume: volume.name ?? "", target: containerPath, readOnly: readOnly ?? false },
  ];
};

const healthCheckOf = ({
  command = [],
  interval,
  timeout,
  retries,
  startPeriod,
}: NonNullable<ContainerDefinition["healthCheck"]>): HealthCheck => ({
  command: command.length === 1 && command[0] !== "NONE" ? ["CMD-SHELL", ...command] : command,
  intervalSeconds: interval ?? 30,
  timeoutSeconds: timeout ?? 5,
  retries: retries ?? 3,
  startPeriodSeconds: startPeriod ?? 0,
});

/** The labels by which programs in a container know where they are, in its metadata. */
export const metadataLabels = (task: TaskRecord, container: string): Record<string, string> => ({
  "com.amazonaws.ecs.cluster": clusterArn(task, task.cluster),
  "com.amazonaws.ecs.container-name": container,
  "com.amazonaws.ecs.task-arn": taskArn(task),
  "com.amazonaws.ecs.task-definition-family": task.wanted.definition.family ?? "",
  "com.amazonaws.ecs.task-definition-version": String(task.wanted.definition.revision ?? 0),
});
