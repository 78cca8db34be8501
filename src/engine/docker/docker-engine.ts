import type Docker from "dockerode";
import { EngineError, type Capacity, type Engine, type EngineSettings, type Limits, type LogLine } from "../engine.ts";
import { Serial } from "../serial.ts";
import { writeLimits } from "./cgroups.ts";
import { containerName, limitOptions } from "./container-options.ts";
import { asking } from "./docker-fault.ts";
import { removeTask, stopTask } from "./end-task.ts";
import { watchTasks } from "./events.ts";
import { execute } from "./exec.ts";
import { Freezer } from "./freezer.ts";
import { dockerImages } from "./images.ts";
import { label, parseReservation } from "./labels.ts";
import { followLogs } from "./logs.ts";
import type { TaskNetwork } from "./network.ts";
import { Observer } from "./observe.ts";
import { joinedOf } from "./start-container.ts";
import { runTask } from "./run-task.ts";
import type { SandboxSettings } from "./sandboxes.ts";
import { TaskNetworks } from "./task-networks.ts";

export type DockerEngineSettings = EngineSettings & {
  /** How many network sandboxes to keep started ahead of the tasks that will use them. */
  sandboxesAhead: number;
  /** Called once, when the network is there and before the first sandbox is made: the moment to open the door on its gateway. */
  prepareSandboxes: (network: TaskNetwork) => Promise<SandboxSettings>;
};

export type DockerEngine = Engine & {
  /** Makes the network and the sandboxes ahead, which the first `run` would do otherwise. */
  warmUp(): Promise<void>;
  /** After a restart: removes sandboxes that a process which died had made ahead, and prepares for the tasks that run on. */
  adopt(): Promise<void>;
  /** The tasks' network, made if it is not there. */
  network(): Promise<TaskNetwork>;
};

type Machine = { NCPU: number; MemTotal: number };

/** What the machine has does not change while the engine is connected, and asking takes the engine some 10 ms. */
const rememberMachine = (docker: Docker): (() => Promise<Machine>) => {
  let known: Machine | undefined;
  return async () => (known ??= await asking("Unavailable", docker.info() as Promise<Machine>));
};

const capacityOf = async (machineOf: () => Promise<Machine>, observer: Observer): Promise<Capacity> => {
  const [machine, containers] = await Promise.all([machineOf(), observer.containers([`${label.role}=container`])]);
  const live = containers.filter((container) => container.State !== "exited" && container.State !== "dead");
  const reserves = new Map(live.map(({ Labels }) => [Labels[label.task], parseReservation(Labels[label.reserves])]));
  const sum = (of: "cpuUnits" | "memoryBytes"): number => [...reserves.values()].reduce((total, one) => total + one[of], 0);
  return {
    cpuUnits: machine.NCPU * 1024,
    memoryBytes: machine.MemTotal,
    reservedCpuUnits: sum("cpuUnits"),
    reservedMemoryBytes: sum("memoryBytes"),
  };
};

/** Runs tasks by the Docker Engine API: Docker, Docker Desktop, Podman. */
export const openDockerEngine = (docker: Docker, settings: DockerEngineSettings): DockerEngine => {
  const { cloudId } = settings;
  const freezer = new Freezer(docker);
  const observer = new Observer(docker, cloudId, freezer);
  const networks = new TaskNetworks(docker, settings);
  const machine = rememberMachine(docker);
  const serial = new Serial();
  const watches = new Set<Disposable>();
  const ending = { docker, observer, freezer, networks };
  const running = { docker, cloudId, observer, networks, removeTask: (taskId: string) => removeTask(ending, taskId) };

  const handleOf = (taskId: string, container: string): Docker.Container => docker.getContainer(containerName(cloudId, taskId, container));

  const everyTask = async (): Promise<string[]> => (await observer.containers([])).flatMap(({ Labels }) => Labels[label.task] ?? []);

  const setFrozen = async (taskId: string, frozen: boolean): Promise<void> => {
    if (freezer.writeKnown(taskId, frozen)) return;
    const task = await observer.task(taskId);
    if (!task) throw new EngineError("NotFound", `No such task: ${taskId}`);
    const live = task.containers.filter((container) => container.State.Running);
    await Promise.all(live.map(({ Id, State }) => freezer.set(taskId, { id: Id, pid: State.Pid, paused: State.Paused }, frozen)));
  };

  const resize = async (taskId: string, container: string, limits: Limits): Promise<void> => {
    const handle = handleOf(taskId, container);
    const { Id, State } = await asking("NotFound", handle.inspect());
    if (writeLimits(freezer.groups(taskId, { id: Id, pid: State.Pid }), limits)) return;
    const { PidsLimit: _default, ...options } = limitOptions(limits);
    await asking("StartFailed", handle.update({ ...options, ...(limits.pids ? { PidsLimit: limits.pids } : {}) }));
  };

  return {
    name: "docker",
    images: dockerImages(docker),
    warmUp: () => networks.warmUp(),
    adopt: async () => {
      // The address of one that has ended may be another's by now.
      const containers = await observer.containers([`${label.role}=container`]);
      await networks.adopt(containers.filter(({ State }) => State === "running").map(({ Labels }) => joinedOf(Labels)));
    },
    network: () => networks.network(),
    capacity: () => capacityOf(machine, observer),
    run: (task) => serial.run(task.id, () => runTask(running, task)),
    stop: async (taskId, { seconds }) => {
      const task = await serial.run(taskId, () => observer.task(taskId));
      if (task) await stopTask(ending, task, seconds);
    },
    remove: (taskId) => serial.run(taskId, () => removeTask(ending, taskId)),
    inspect: async (taskId) => (await observer.task(taskId))?.status,
    list: async () => (await observer.tasks()).map((task) => task.status),
    watch: (changed) => {
      const watching = watchTasks({ docker, cloudId, changed, everyTask });
      const watch = {
        [Symbol.dispose]: () => {
          watches.delete(watch);
          watching[Symbol.dispose]();
        },
      };
      watches.add(watch);
      return watch;
    },
    logs: (taskId, container, options): AsyncIterable<LogLine> => followLogs(handleOf(taskId, container), options),
    exec: (taskId, container, command) => execute(handleOf(taskId, container), command),
    freeze: (taskId) => setFrozen(taskId, true),
    thaw: (taskId) => setFrozen(taskId, false),
    resize,
    close: async () => {
      for (const watch of watches) watch[Symbol.dispose]();
      await networks.close();
    },
  };
};
