import type Docker from "dockerode";
import type { ContainerStatus, PortMapping, TaskStatus } from "../engine.ts";
import { label, ownLabels, splitNames } from "./labels.ts";

/** What `docker inspect` says of a container, as far as we read it. */
export type Inspected = Docker.ContainerInspectInfo;

const outOfMemory = "OutOfMemoryError: Container killed due to memory usage";

const time = (text: string | undefined): number | undefined => {
  // Docker writes the year 1 for "never".
  const at = text === undefined || text.startsWith("0001") ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
};

const stateOf = ({ State }: Inspected, frozen: boolean): ContainerStatus["state"] => {
  if (State.Status === "created") return State.Error ? "exited" : "created";
  if (State.Paused || (State.Running && frozen)) return "frozen";
  if (State.Running || State.Restarting) return "running";
  return "exited";
};

const healthOf = ({ State }: Inspected): ContainerStatus["health"] => {
  const health = State.Health?.Status;
  return health === "starting" || health === "healthy" || health === "unhealthy" ? health : "none";
};

const reasonOf = ({ State }: Inspected): string | undefined => {
  if (State.OOMKilled) return outOfMemory;
  if (State.Error && time(State.StartedAt) === undefined) return `CannotStartContainerError: Error response from daemon: ${State.Error}`;
  return State.Error || undefined;
};

export const containerStatus = (inspected: Inspected, seen: { frozen: boolean; imageDigest: string | undefined }): ContainerStatus => {
  const state = stateOf(inspected, seen.frozen);
  const ended = state === "exited";
  const startedAt = time(inspected.State.StartedAt);
  const finishedAt = time(inspected.State.FinishedAt);
  const reason = ended ? reasonOf(inspected) : undefined;
  return {
    name: inspected.Config.Labels[label.container] ?? inspected.Name,
    runtimeId: inspected.Id,
    state,
    health: healthOf(inspected),
    ...(ended && startedAt !== undefined ? { exitCode: inspected.State.ExitCode } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(seen.imageDigest === undefined ? {} : { imageDigest: seen.imageDigest }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(ended && finishedAt !== undefined ? { finishedAt } : {}),
  };
};

/** Ports as the label keeps them: `32768:80/tcp,32769:53/udp`. */
export const formatPorts = (ports: readonly Required<PortMapping>[]): string =>
  ports.map((port) => `${port.hostPort}:${port.containerPort}/${port.protocol}`).join(",");

export const parsePorts = (text: string | undefined): Required<PortMapping>[] =>
  splitNames(text).flatMap((part) => {
    const match = /^(\d+):(\d+)\/(tcp|udp)$/.exec(part);
    if (!match) return [];
    return [
      { hostPort: Number(match[1]), containerPort: Number(match[2]), protocol: match[3] === "udp" ? ("udp" as const) : ("tcp" as const) },
    ];
  });

/** A task from its containers' labels and states; containers that were not created yet are `waiting`. */
export const taskStatus = (labels: Readonly<Record<string, string>>, containers: readonly ContainerStatus[]): TaskStatus => {
  const known = new Map(containers.map((container) => [container.name, container]));
  const names = splitNames(labels[label.containers]);
  return {
    id: labels[label.task] ?? "",
    kind: labels[label.kind] ?? "",
    labels: ownLabels(labels),
    address: labels[label.address] || undefined,
    ports: parsePorts(labels[label.ports]),
    containers: [...new Set([...names, ...known.keys()])].map(
      (name): ContainerStatus => known.get(name) ?? { name, runtimeId: "", state: "waiting", health: "none" },
    ),
  };
};
