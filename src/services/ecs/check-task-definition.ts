import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { clientFault, memberNotImplemented } from "./faults.ts";
import { isFargateSize, parseCpu, parseMemory } from "./fargate.ts";
import { maxContainers } from "./limits.ts";

type Definition = Omit<RegisterTaskDefinitionRequest, "family" | "containerDefinitions"> & {
  family: string;
  containerDefinitions: readonly ContainerDefinition[];
};

const networkModes: readonly string[] = ["bridge", "host", "awsvpc", "none"];
const conditions: readonly string[] = ["START", "COMPLETE", "SUCCESS", "HEALTHY"];

/** Refuses what AWS refuses, in its words, and what AWS has and we lack. */
export const checkDefinition = (definition: Definition): void => {
  const { family, containerDefinitions } = definition;
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(family)) throw clientFault("Family contains invalid characters.");
  if (containerDefinitions.length === 0) throw clientFault("Container list cannot be empty.");
  if (containerDefinitions.length > maxContainers) throw clientFault(`A task definition can have up to ${maxContainers} containers.`);
  if (definition.networkMode !== undefined && !networkModes.includes(definition.networkMode))
    throw clientFault(`Invalid network mode '${definition.networkMode}'. Valid values: ${networkModes.join(", ")}.`);
  refuseMissing(definition);
  const cpu = definition.cpu === undefined ? undefined : parseCpu(definition.cpu);
  const memory = definition.memory === undefined ? undefined : parseMemory(definition.memory);
  if (definition.cpu !== undefined && cpu === undefined) throw clientFault("Invalid 'cpu' setting for task.");
  if (definition.memory !== undefined && memory === undefined) throw clientFault("Invalid 'memory' setting for task.");
  if (definition.requiresCompatibilities?.includes("EXTERNAL")) throw memberNotImplemented("requiresCompatibilities EXTERNAL");
  if (definition.requiresCompatibilities?.includes("FARGATE")) checkFargate(definition, cpu, memory);
  const names = new Set<string>();
  for (const container of containerDefinitions) {
    checkContainer(container, definition, memory);
    if (names.has(container.name ?? "")) throw clientFault("Container names must be unique within a task definition.");
    names.add(container.name ?? "");
  }
  if (containerDefinitions.every(({ essential }) => essential === false))
    throw clientFault("At least one container in the task definition must be marked as essential.");
  checkReferences(definition, names);
};

const checkFargate = (definition: Definition, cpu: number | undefined, memory: number | undefined): void => {
  if (definition.networkMode !== "awsvpc") throw clientFault("Fargate only supports network mode ‘awsvpc’.");
  if (cpu === undefined) throw clientFault("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientFault("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(cpu, memory))
    throw clientFault(
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  if (definition.volumes?.some(({ host }) => host?.sourcePath))
    throw clientFault("Fargate does not support host volumes with a 'sourcePath'.");
  const added = definition.containerDefinitions.flatMap(({ linuxParameters }) => linuxParameters?.capabilities?.add ?? []);
  if (added.some((capability) => capability.replace(/^CAP_/, "") !== "SYS_PTRACE"))
    throw clientFault("Fargate supports adding the capability SYS_PTRACE only.");
  if (definition.executionRoleArn !== undefined) return;
  const { containerDefinitions } = definition;
  if (containerDefinitions.some(({ logConfiguration }) => logConfiguration?.logDriver === "awslogs"))
    throw clientFault("Fargate requires task definition to have execution role ARN to support log driver awslogs.");
  if (containerDefinitions.some(({ image }) => /^\d{12}\.dkr\.ecr\./.test(image ?? "")))
    throw clientFault("Fargate requires task definition to have execution role ARN to support ECR images.");
};

const checkContainer = (container: ContainerDefinition, definition: Definition, taskMemory: number | undefined): void => {
  const { name, image, memory, memoryReservation } = container;
  if (!name) throw clientFault("Container.name should not be null or empty.");
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw clientFault("Container.name contains invalid characters.");
  if (!image) throw clientFault("Container.image should not be null or empty.");
  const invalid = (why: string) => clientFault(`Invalid setting for container '${name}'. ${why}`);
  if (taskMemory === undefined && memory === undefined && memoryReservation === undefined)
    throw invalid("At least one of 'memory' or 'memoryReservation' must be specified.");
  if (memory !== undefined && memory < 6) throw invalid("'memory' must be at least 6 MiB.");
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation)
    throw invalid("'memory' must be greater than 'memoryReservation'.");
  if (taskMemory !== undefined && memory !== undefined && memory > taskMemory)
    throw invalid("'memory' must not be greater than the memory of the task.");
  for (const { containerPort, hostPort } of container.portMappings ?? []) {
    if (containerPort === undefined || containerPort < 1 || containerPort > 65_535)
      throw invalid("'containerPort' must be from 1 to 65535.");
    const isShared = definition.networkMode === "awsvpc" || definition.networkMode === "host";
    if (isShared && hostPort && hostPort !== containerPort)
      throw clientFault(`When networkMode=${definition.networkMode}, the host ports and container ports in port mappings must match.`);
  }
  checkLogging(container, definition);
  if (
    container.healthCheck &&
    !["CMD", "CMD-SHELL", "NONE"].includes(container.healthCheck.command?.[0] ?? "") &&
    container.healthCheck.command?.length !== 1
  )
    throw invalid("The command of 'healthCheck' must begin with CMD or CMD-SHELL.");
};

const checkLogging = ({ name, logConfiguration }: ContainerDefinition, { requiresCompatibilities }: Definition): void => {
  if (!logConfiguration) return;
  const { logDriver, options = {}, secretOptions } = logConfiguration;
  if (secretOptions && secretOptions.length > 0) throw memberNotImplemented("logConfiguration.secretOptions");
  if (logDriver !== "awslogs" && logDriver !== "json-file") throw memberNotImplemented(`logConfiguration.logDriver ${logDriver ?? ""}`);
  if (logDriver !== "awslogs") return;
  const required = ["awslogs-group", "awslogs-region", ...(requiresCompatibilities?.includes("FARGATE") ? ["awslogs-stream-prefix"] : [])];
  const missing = required.filter((option) => !options[option]);
  if (missing.length > 0) throw clientFault(`Log driver awslogs requires options: ${missing.join(", ")}`);
  const unknown = Object.keys(options).filter((option) => !knownOptions.includes(option));
  if (unknown.length > 0) throw memberNotImplemented(`logConfiguration.options ${unknown.join(", ")} of container ${name ?? ""}`);
};

const knownOptions = ["awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "mode", "max-buffer-size"];

const checkReferences = ({ containerDefinitions, volumes, networkMode }: Definition, names: ReadonlySet<string>): void => {
  const known = new Set((volumes ?? []).map(({ name }) => name));
  for (const { name = "", mountPoints, dependsOn, portMappings } of containerDefinitions) {
    for (const { sourceVolume } of mountPoints ?? [])
      if (!known.has(sourceVolume)) throw clientFault(`Unknown volume '${sourceVolume ?? ""}'.`);
    if (networkMode === "none" && portMappings && portMappings.length > 0)
      throw clientFault("Port mappings are not valid when networkMode=none.");
    for (const { containerName = "", condition } of dependsOn ?? []) {
      const other = containerDefinitions.find((each) => each.name === containerName);
      if (!names.has(containerName) || containerName === name || !other)
        throw clientFault(
          `Invalid setting for container '${name}'. Container dependency '${containerName}' is not a container of the task definition.`,
        );
      if (!conditions.includes(condition ?? ""))
        throw clientFault(`Invalid setting for container '${name}'. The condition of a dependency is one of ${conditions.join(", ")}.`);
      if (condition === "HEALTHY" && !other.healthCheck)
        throw clientFault(`Invalid setting for container '${name}'. Dependency '${containerName}' is HEALTHY, but it has no health check.`);
      if ((condition === "COMPLETE" || condition === "SUCCESS") && other.essential !== false)
        throw clientFault(`Invalid setting for container '${name}'. An essential container can't be waited for to end.`);
    }
  }
  const circle = findCircle(containerDefinitions);
  if (circle) throw clientFault(`Invalid setting for container '${circle}'. The container dependencies are circular.`);
};

const findCircle = (containers: readonly ContainerDefinition[]): string | undefined => {
  const done = new Set<string>();
  let left = [...containers];
  for (let before = -1; before !== left.length;) {
    before = left.length;
    left = left.filter(({ name = "", dependsOn }) => {
      const isFree = (dependsOn ?? []).every(({ containerName }) => done.has(containerName ?? ""));
      if (isFree) done.add(name);
      return !isFree;
    });
  }
  return left[0]?.name;
};

type Members = readonly (readonly [member: string, isUsed: boolean])[];

const hasSome = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0;

/** What AWS knows, and a task here would not get. */
const refuseMissing = (definition: Definition): void => {
  refuseUsed([
    ["pidMode", definition.pidMode !== undefined],
    ["ipcMode", definition.ipcMode !== undefined && definition.ipcMode !== "none"],
    ["proxyConfiguration", definition.proxyConfiguration !== undefined],
    ["inferenceAccelerators", hasSome(definition.inferenceAccelerators)],
    ["enableFaultInjection", definition.enableFaultInjection === true],
    ["placementConstraints", hasSome(definition.placementConstraints)],
    ["runtimePlatform.operatingSystemFamily", definition.runtimePlatform?.operatingSystemFamily?.startsWith("WINDOWS") ?? false],
  ]);
  for (const {
    efsVolumeConfiguration,
    fsxWindowsFileServerVolumeConfiguration,
    dockerVolumeConfiguration,
    configuredAtLaunch,
  } of definition.volumes ?? [])
    refuseUsed([
      ["volumes.efsVolumeConfiguration", efsVolumeConfiguration !== undefined],
      ["volumes.fsxWindowsFileServerVolumeConfiguration", fsxWindowsFileServerVolumeConfiguration !== undefined],
      ["volumes.configuredAtLaunch", configuredAtLaunch === true],
      ["volumes.dockerVolumeConfiguration.scope shared", dockerVolumeConfiguration?.scope === "shared"],
      ["volumes.dockerVolumeConfiguration.driver", (dockerVolumeConfiguration?.driver ?? "local") !== "local"],
      ["volumes.dockerVolumeConfiguration.driverOpts", Object.keys(dockerVolumeConfiguration?.driverOpts ?? {}).length > 0],
    ]);
  for (const container of definition.containerDefinitions) refuseContainer(container);
};

const refuseContainer = (container: ContainerDefinition): void => {
  const linux = container.linuxParameters ?? {};
  refuseUsed(
    (
      [
        ["secrets", hasSome(container.secrets)],
        ["repositoryCredentials", container.repositoryCredentials !== undefined],
        ["links", hasSome(container.links)],
        ["volumesFrom", hasSome(container.volumesFrom)],
        ["hostname", container.hostname !== undefined],
        ["disableNetworking", container.disableNetworking === true],
        ["privileged", container.privileged === true],
        ["dnsServers", hasSome(container.dnsServers)],
        ["dnsSearchDomains", hasSome(container.dnsSearchDomains)],
        ["dockerSecurityOptions", hasSome(container.dockerSecurityOptions)],
        ["systemControls", hasSome(container.systemControls)],
        ["resourceRequirements", hasSome(container.resourceRequirements)],
        ["firelensConfiguration", container.firelensConfiguration !== undefined],
        ["credentialSpecs", hasSome(container.credentialSpecs)],
        ["restartPolicy", container.restartPolicy?.enabled === true],
        ["portMappings.containerPortRange", (container.portMappings ?? []).some((port) => port.containerPortRange !== undefined)],
        ["linuxParameters.devices", hasSome(linux.devices)],
        ["linuxParameters.sharedMemorySize", Boolean(linux.sharedMemorySize)],
        ["linuxParameters.tmpfs", hasSome(linux.tmpfs)],
        ["linuxParameters.maxSwap", Boolean(linux.maxSwap)],
        ["linuxParameters.swappiness", Boolean(linux.swappiness)],
      ] satisfies Members
    ).map(([member, isUsed]) => [`containerDefinitions.${member}`, isUsed] as const),
  );
};

const refuseUsed = (members: Members): void => {
  for (const [member, isUsed] of members) if (isUsed) throw memberNotImplemented(member);
};
