import type Docker from "dockerode";
import type { ContainerStatus, TaskSpec, TaskStatus } from "../engine.ts";
import { planStart, type StartStep } from "../plan-start.ts";
import { asking } from "./docker-fault.ts";
import type { ObservedTask, Observer } from "./observe.ts";
import { isSandboxGone, joinedOf, startContainer } from "./start-container.ts";
import type { Joined, TaskNetworks } from "./task-networks.ts";

export type Running = {
  docker: Docker;
  cloudId: string;
  observer: Observer;
  networks: TaskNetworks;
  /** Removes what a failed first attempt left. */
  removeTask: (taskId: string) => Promise<void>;
};

const waiting = (name: string): ContainerStatus => ({ name, runtimeId: "", state: "waiting", health: "none" });

const applyStep = async (
  running: Running,
  task: TaskSpec,
  { joined, step }: { joined: Joined; step: StartStep },
): Promise<ContainerStatus> => {
  if (step.kind === "never") return { ...waiting(step.container.name), reason: step.reason };
  const { docker, cloudId, observer } = running;
  const container = await startContainer({ docker, cloudId, task, joined }, step.container);
  return observer.status(await asking("Unavailable", container.inspect()));
};

/** Applies plans until there is nothing more to do now; each container started may free others. */
const startAll = async (
  running: Running,
  task: TaskSpec,
  { joined, observed }: { joined: Joined; observed?: ObservedTask },
): Promise<TaskStatus> => {
  const seen = new Map((observed?.status.containers ?? []).map((container) => [container.name, container]));
  for (let steps = planStart(task, [...seen.values()]); steps.length > 0; steps = planStart(task, [...seen.values()])) {
    const outcomes = await Promise.allSettled(steps.map((step) => applyStep(running, task, { joined, step })));
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
      seen.set(outcome.value.name, outcome.value);
    }
  }
  return {
    id: task.id,
    kind: task.kind,
    labels: task.labels,
    address: joined.address,
    ports: joined.ports,
    containers: task.containers.map(({ name }) => seen.get(name) ?? waiting(name)),
  };
};

/** Takes every step toward running the task that is possible now. */
export const runTask = async (running: Running, task: TaskSpec): Promise<TaskStatus> => {
  const observed = await running.observer.task(task.id);
  try {
    if (observed) return await startAll(running, task, { joined: joinedOf(observed.labels), observed });
    return await startOn(running, task, await running.networks.join(task));
  } catch (error) {
    // A sandbox may have been killed since it was made, or removed after a crash; while nothing has run on it, another will do.
    const nothingRan = observed?.status.containers.every(({ state }) => state === "created" || state === "waiting") ?? true;
    if (!isSandboxGone(error) || !nothingRan) throw error;
    await running.removeTask(task.id);
    return startOn(running, task, await running.networks.join(task));
  }
};

/** A sandbox that no container has joined is known to nobody: it goes when the first start fails. */
const startOn = async (running: Running, task: TaskSpec, joined: Joined): Promise<TaskStatus> => {
  try {
    return await startAll(running, task, { joined });
  } catch (error) {
    const { networks, observer } = running;
    if (joined.sandboxId !== undefined && !(await observer.task(task.id))) await networks.remove(joined.sandboxId);
    throw error;
  }
};
