import type { ContainerStatus, TaskStatus } from "#engine/engine.ts";
import type { ContainerRecord, Observed, TaskRecord } from "./ecs.ts";
import { isBefore } from "./task-states.ts";
import type { Stop, TaskState } from "./task-states.ts";

/** How far the task's images are: nobody has looked, on their way, here, or not to be had. */
export type ImagesSeen =
  | { kind: "unknown" }
  | { kind: "pulling" }
  | { kind: "ready"; pullStartedAt: number; pullStoppedAt: number }
  | { kind: "failed"; reason: string };

/** `startFailure`: what the engine said when it could not start the task. */
export type Seen = { status: TaskStatus | undefined; images: ImagesSeen; startFailure?: string | undefined; now: number };

/** The one thing to do next for a task; `wait` when there is nothing before something changes. */
export type Step =
  | { kind: "reserve" }
  | { kind: "pull" }
  | { kind: "advance"; to: TaskState; observed?: Partial<Observed> }
  | { kind: "observe"; observed: Partial<Observed> }
  | { kind: "end"; stop: Omit<Stop, "at">; observed?: Partial<Observed> }
  | { kind: "stop" }
  | { kind: "remove" }
  | { kind: "wait"; afterMs?: number };

/** Says what to do next. Each step brings the task forward, or what is known of it up to date; it never says to start what has been stopped. */
export const planTask = (task: TaskRecord, seen: Seen): Step => {
  if (task.lastStatus === "STOPPED") return seen.status ? { kind: "remove" } : { kind: "wait" };
  if (task.stop) return planEnd(task, seen);
  switch (task.lastStatus) {
    case "PROVISIONING":
      return task.isPlaced ? { kind: "advance", to: "PENDING" } : { kind: "reserve" };
    case "PENDING":
      return planPull(task, seen);
    case "ACTIVATING":
      return planStart(task, seen);
    default:
      return planRun(task, seen);
  }
};

const planPull = (task: TaskRecord, { images }: Seen): Step => {
  switch (images.kind) {
    case "unknown":
      return { kind: "pull" };
    case "pulling":
      return { kind: "wait" };
    case "ready":
      return { kind: "advance", to: "ACTIVATING", observed: { pullStartedAt: images.pullStartedAt, pullStoppedAt: images.pullStoppedAt } };
    case "failed":
      return {
        kind: "end",
        stop: { code: "TaskFailedToStart", reason: images.reason },
        observed: withReason(task, undefined, images.reason),
      };
  }
};

/** The engine was just told to start what can be started: what is left of it waits for something. */
const planStart = (task: TaskRecord, { status, startFailure, now }: Seen): Step => {
  if (startFailure !== undefined)
    return { kind: "end", stop: { code: "TaskFailedToStart", reason: startFailure }, observed: withReason(task, status, startFailure) };
  if (!status) return { kind: "wait" };
  const observed = observedOf(task, status);
  const failed = failureOf(task, status);
  if (failed) return { kind: "end", stop: failed, observed };
  const waiting = status.containers.filter(({ state, reason }) => (state === "waiting" && reason === undefined) || state === "created");
  if (waiting.length === 0) return { kind: "advance", to: "RUNNING", observed: { ...observed, startedAt: lastStart(status) ?? now } };
  if (essentialsIn(task, status).some(({ state }) => state === "exited")) return { kind: "end", stop: essentialExited, observed };
  const late = dependencyTimeouts(task, status, now);
  if (late.some((afterMs) => afterMs <= 0))
    return {
      kind: "end",
      stop: { code: "TaskFailedToStart", reason: "A container was not ready for those that depend on it within its startTimeout" },
      observed,
    };
  if (isNews(task, observed)) return { kind: "observe", observed };
  return late.length > 0 ? { kind: "wait", afterMs: Math.min(...late) } : { kind: "wait" };
};

const planRun = (task: TaskRecord, { status }: Seen): Step => {
  const containers = goneOf(task, status);
  if (!status || containers)
    return {
      kind: "end",
      stop: { code: "EssentialContainerExited", reason: "The task's containers are gone from the engine" },
      ...(containers ? { observed: { containers } } : {}),
    };
  const observed = observedOf(task, status);
  const failed = failureOf(task, status);
  if (failed) return { kind: "end", stop: failed, observed };
  const hasEnded =
    essentialsIn(task, status).some(({ state }) => state === "exited") || status.containers.every(({ state }) => state === "exited");
  if (hasEnded) return { kind: "end", stop: essentialExited, observed };
  return isNews(task, observed) ? { kind: "observe", observed } : { kind: "wait" };
};

const planEnd = (task: TaskRecord, { status, now }: Seen): Step => {
  if (isBefore(task.lastStatus, "DEACTIVATING")) {
    const to = status ? "DEACTIVATING" : "DEPROVISIONING";
    return { kind: "advance", to, observed: { stoppingAt: task.stop?.at ?? now, waitingReason: undefined } };
  }
  if (task.lastStatus === "DEACTIVATING") return { kind: "advance", to: "STOPPING" };
  if (task.lastStatus === "STOPPING") {
    const isAlive = status?.containers.some(({ state }) => state === "running" || state === "frozen") ?? false;
    if (isAlive) return { kind: "stop" };
    const observed = status ? observedOf(task, status) : {};
    return { kind: "advance", to: "DEPROVISIONING", observed: { ...observed, executionStoppedAt: lastFinish(status) ?? now } };
  }
  return { kind: "remove" };
};

/** Containers that did not come to start say why, as the task does. */
const withReason = (task: TaskRecord, status: TaskStatus | undefined, reason: string): Partial<Observed> => {
  const containers = task.wanted.definition.containerDefinitions.map(({ name = "" }): ContainerRecord => {
    const seen = status?.containers.find((each) => each.name === name && each.startedAt !== undefined);
    return seen ? recordOf(seen, task.observed.containers) : { name, lastStatus: "STOPPED", health: "UNKNOWN", reason };
  });
  return { containers };
};

const essentialExited: Omit<Stop, "at"> = { code: "EssentialContainerExited", reason: "Essential container in task exited" };

const essentialsIn = ({ wanted }: TaskRecord, status: TaskStatus): ContainerStatus[] =>
  status.containers.filter(({ name }) => wanted.definition.containerDefinitions.find((each) => each.name === name)?.essential !== false);

/** An essential container that could not start, or never will because of what it depends on. */
const failureOf = (task: TaskRecord, status: TaskStatus): Omit<Stop, "at"> | undefined => {
  const failed = essentialsIn(task, status).find(
    ({ state, startedAt, reason }) => reason !== undefined && (state === "waiting" || (state === "exited" && startedAt === undefined)),
  );
  if (!failed) return undefined;
  const { reason = "" } = failed;
  return { code: "TaskFailedToStart", reason: failed.state === "waiting" ? `${failed.name} can't start: ${reason}` : reason };
};

/** Records of a running task of which the engine no longer has a container: its own are all that is left to tell of it. */
const goneOf = (task: TaskRecord, status: TaskStatus | undefined): ContainerRecord[] | undefined => {
  const isGone = ({ name, lastStatus }: ContainerRecord) =>
    lastStatus === "RUNNING" && !status?.containers.some((each) => each.name === name && each.state !== "waiting");
  if (!task.observed.containers.some(isGone)) return undefined;
  return task.observed.containers.map((record) =>
    isGone(record) ? { ...record, lastStatus: "STOPPED", reason: "The container is gone from the engine" } : record,
  );
};

/** Milliseconds that are left to containers on which others wait; the limit is the awaited container's own. */
const dependencyTimeouts = ({ wanted }: TaskRecord, status: TaskStatus, now: number): number[] => {
  const definitions = wanted.definition.containerDefinitions;
  const waiting = status.containers.filter(({ state }) => state === "waiting").map(({ name }) => name);
  const awaited = definitions.filter(({ name }) => waiting.includes(name ?? "")).flatMap(({ dependsOn }) => dependsOn ?? []);
  return awaited.flatMap(({ containerName }) => {
    const limit = definitions.find(({ name }) => name === containerName)?.startTimeout;
    const startedAt = status.containers.find(({ name }) => name === containerName)?.startedAt;
    return limit === undefined || startedAt === undefined ? [] : [startedAt + limit * 1000 - now];
  });
};

/** When the last container started, rather than when that was seen: a short task may have ended by then. */
const lastStart = (status: TaskStatus): number | undefined => {
  const times = status.containers.flatMap(({ startedAt }) => startedAt ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
};

const lastFinish = (status: TaskStatus | undefined): number | undefined => {
  const times = (status?.containers ?? []).flatMap(({ finishedAt }) => finishedAt ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
};

const observedOf = (task: TaskRecord, status: TaskStatus): Pick<Observed, "containers" | "address" | "ports"> => ({
  containers: status.containers.map((each) => recordOf(each, task.observed.containers)),
  address: status.address ?? task.observed.address,
  ports: status.ports,
});

const healthOf = { none: "UNKNOWN", starting: "UNKNOWN", healthy: "HEALTHY", unhealthy: "UNHEALTHY" } as const;

const recordOf = (status: ContainerStatus, before: readonly ContainerRecord[]): ContainerRecord => {
  const known = before.find(({ name }) => name === status.name);
  const lastStatus =
    status.state === "exited" ? "STOPPED" : status.state === "running" || status.state === "frozen" ? "RUNNING" : "PENDING";
  const { runtimeId, imageDigest, exitCode, reason, startedAt, finishedAt } = status;
  return {
    ...known,
    name: status.name,
    lastStatus: known?.lastStatus === "STOPPED" ? "STOPPED" : lastStatus,
    // Docker calls what has been stopped unhealthy; it was what it was.
    health: status.state === "exited" && known ? known.health : healthOf[status.health],
    ...(runtimeId ? { runtimeId } : {}),
    ...(imageDigest === undefined ? {} : { imageDigest }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
};

const isNews = (
  { observed: { containers, address, ports } }: TaskRecord,
  observed: Pick<Observed, "containers" | "address" | "ports">,
): boolean => JSON.stringify(sortedOf({ containers, address, ports })) !== JSON.stringify(sortedOf(observed));

/** In one order of members, so that equal ones are equal as text. */
const sortedOf = ({ containers, address, ports }: Pick<Observed, "containers" | "address" | "ports">) => [
  containers.map((each) => Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  address,
  ports,
];
