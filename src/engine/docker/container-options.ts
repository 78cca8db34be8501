import type Docker from "dockerode";
import type { ContainerSpec, HealthCheck, Limits, Mount, TaskSpec } from "../engine.ts";
import { label, taskLabels } from "./labels.ts";
import type { Joined } from "./task-networks.ts";
import { formatPorts } from "./task-status.ts";

/** What ordinary images need to set up files, change user and listen. Docker's default also has MKNOD, NET_RAW, SETFCAP and AUDIT_WRITE. */
const defaultCapabilities = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

const defaultPids = 4096;
const nanosecondsPerSecond = 1_000_000_000;

const shortCloud = (cloudId: string): string => cloudId.replaceAll(/[^a-zA-Z0-9]/g, "").slice(0, 12);

export const containerName = (cloudId: string, taskId: string, container: string): string =>
  `tandem-${shortCloud(cloudId)}-${taskId}-${container}`;

const volumeName = (cloudId: string, taskId: string, volume: string): string => `tandem-${shortCloud(cloudId)}-${taskId}-volume-${volume}`;

const withoutPrefix = (capability: string): string => capability.toUpperCase().replace(/^CAP_/, "");

const capabilitiesOf = (asked: ContainerSpec["capabilities"]): string[] => {
  const dropped = new Set((asked?.drop ?? []).map(withoutPrefix));
  const kept = dropped.has("ALL") ? [] : defaultCapabilities.filter((capability) => !dropped.has(capability));
  return [...new Set([...kept, ...(asked?.add ?? []).map(withoutPrefix)])];
};

/** A container's limits with the task's where it has none of its own: no container is without a ceiling that the task has. */
const limitsOf = (task: Pick<TaskSpec, "limits">, container: Pick<ContainerSpec, "limits">): Limits => ({
  ...task.limits,
  ...container.limits,
});

export const limitOptions = (limits: Limits): Docker.HostConfig => ({
  ...(limits.cpuUnits !== undefined && limits.cpuUnits > 0 ? { CpuShares: Math.max(2, limits.cpuUnits) } : {}),
  ...(limits.cpuIsHard && limits.cpuUnits
    ? { CpuPeriod: 100_000, CpuQuota: Math.max(1_000, Math.round((limits.cpuUnits / 1024) * 100_000)) }
    : {}),
  // The same ceiling for memory and for memory with swap: no swap, so the limit is the limit.
  ...(limits.memoryBytes ? { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes } : {}),
  ...(limits.memoryReservationBytes && limits.memoryReservationBytes < (limits.memoryBytes ?? Number.POSITIVE_INFINITY)
    ? { MemoryReservation: limits.memoryReservationBytes }
    : {}),
  PidsLimit: limits.pids ?? defaultPids,
});

const healthOptions = (check: HealthCheck): Docker.HealthConfig => ({
  Test: [...check.command],
  Interval: check.intervalSeconds * nanosecondsPerSecond,
  Timeout: check.timeoutSeconds * nanosecondsPerSecond,
  Retries: check.retries,
  StartPeriod: check.startPeriodSeconds * nanosecondsPerSecond,
});

const mountOptions = (mount: Mount, task: TaskSpec, cloudId: string): Docker.MountConfig[number] =>
  "volume" in mount
    ? {
        Type: "volume",
        Source: volumeName(cloudId, task.id, mount.volume),
        Target: mount.target,
        ReadOnly: mount.readOnly,
        VolumeOptions: {
          NoCopy: false,
          Labels: { [label.cloud]: cloudId, [label.task]: task.id },
          DriverConfig: { Name: "local", Options: {} },
        },
      }
    : { Type: "bind", Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly };

const hostOptions = (task: TaskSpec, container: ContainerSpec, cloudId: string): Docker.HostConfig => ({
  ...limitOptions(limitsOf(task, container)),
  Mounts: (container.mounts ?? []).map((mount) => mountOptions(mount, task, cloudId)),
  CapDrop: ["ALL"],
  CapAdd: capabilitiesOf(container.capabilities),
  SecurityOpt: ["no-new-privileges"],
  ReadonlyRootfs: container.readOnlyRootFilesystem ?? false,
  RestartPolicy: { Name: "no" },
  ...(container.hasInit ? { Init: true } : {}),
  // Files of the engine's own, so that output outlives this process and can be read on from any position.
  LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
  ...(container.temporaryBytes ? { Tmpfs: { "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${container.temporaryBytes}` } } : {}),
  ...(container.ulimits ? { Ulimits: container.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) } : {}),
});

/** What Docker is told to create for one container of a task. */
export const containerOptions = (
  task: TaskSpec,
  container: ContainerSpec,
  { cloudId, joined }: { cloudId: string; joined: Joined },
): Docker.ContainerCreateOptions => ({
  name: containerName(cloudId, task.id, container.name),
  Image: container.image,
  ...(container.entryPoint ? { Entrypoint: [...container.entryPoint] } : {}),
  ...(container.command ? { Cmd: [...container.command] } : {}),
  Env: Object.entries(container.environment ?? {}).map(([name, value]) => `${name}=${value}`),
  ...(container.workingDirectory ? { WorkingDir: container.workingDirectory } : {}),
  ...(container.user ? { User: container.user } : {}),
  ...(container.stopSignal ? { StopSignal: container.stopSignal } : {}),
  ...(container.healthCheck ? { Healthcheck: healthOptions(container.healthCheck) } : {}),
  OpenStdin: container.interactive ?? false,
  Tty: container.pseudoTerminal ?? false,
  Labels: {
    ...taskLabels(task, cloudId),
    [label.container]: container.name,
    [label.role]: "container",
    [label.dependsOn]: (container.dependsOn ?? []).map((dependency) => dependency.container).join(","),
    ...(container.stopTimeoutSeconds === undefined ? {} : { [label.stopTimeout]: String(container.stopTimeoutSeconds) }),
    [label.sandbox]: joined.sandboxId ?? "",
    [label.address]: joined.address ?? "",
    [label.ports]: formatPorts(joined.ports),
  },
  HostConfig: {
    ...hostOptions(task, container, cloudId),
    NetworkMode: joined.sandboxId === undefined ? "host" : `container:${joined.sandboxId}`,
  },
});
