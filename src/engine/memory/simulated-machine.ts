import {
  EngineError,
  type Capacity,
  type ContainerSpec,
  type ContainerStatus,
  type PortMapping,
  type TaskSpec,
  type TaskStatus,
} from "../engine.ts";
import { planStart } from "../plan-start.ts";
import { parseProgram, realClock, type Clock } from "./program.ts";
import { SimulatedContainer } from "./simulated-container.ts";

export type MachineSettings = {
  cpuUnits: number;
  memoryBytes: number;
  clock: Clock;
  /** Which images the machine has without a pull. */
  hasImage: (reference: string) => boolean;
};

const defaults: MachineSettings = { cpuUnits: 2_048, memoryBytes: 4 * 1024 ** 3, clock: realClock, hasImage: () => true };

export type SimulatedTask = {
  cloudId: string;
  spec: TaskSpec;
  address: string | undefined;
  ports: readonly Required<PortMapping>[];
  containers: Map<string, SimulatedContainer>;
  nevers: Map<string, string>;
};

const waiting = (name: string, reason: string | undefined): ContainerStatus => ({
  name,
  runtimeId: "",
  state: "waiting",
  health: "none",
  ...(reason === undefined ? {} : { reason }),
});

export const statusOf = ({ spec, address, ports, containers, nevers }: SimulatedTask): TaskStatus => ({
  id: spec.id,
  kind: spec.kind,
  labels: spec.labels,
  address,
  ports,
  containers: spec.containers.map(({ name }) => containers.get(name)?.status() ?? waiting(name, nevers.get(name))),
});

const reservedBy = ({ limits, containers }: TaskSpec, of: (spec: Pick<ContainerSpec, "limits">) => number | undefined): number =>
  of(limits ? { limits } : {}) ?? containers.reduce((total, container) => total + (of(container) ?? 0), 0);

/** A machine that only exists in memory, on which the containers of several clouds are simulated. */
export class SimulatedMachine {
  readonly settings: MachineSettings;
  readonly images = new Map<string, string>();
  readonly #clouds = new Map<string, Map<string, SimulatedTask>>();
  readonly #watchers = new Set<(cloudId: string, taskId: string) => void>();
  #count = 0;

  constructor(settings: Partial<MachineSettings> = {}) {
    this.settings = { ...defaults, ...settings };
  }

  find(cloudId: string, taskId: string): SimulatedTask | undefined {
    return this.#clouds.get(cloudId)?.get(taskId);
  }

  tasksOf(cloudId: string): SimulatedTask[] {
    return [...(this.#clouds.get(cloudId)?.values() ?? [])];
  }

  watch(watcher: (cloudId: string, taskId: string) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => this.#watchers.delete(watcher) };
  }

  capacity(cloudId: string): Capacity {
    const live = this.tasksOf(cloudId).filter((task) => [...task.containers.values()].some((container) => container.running));
    const sum = (of: (spec: Pick<ContainerSpec, "limits">) => number | undefined): number =>
      live.reduce((total, { spec }) => total + reservedBy(spec, of), 0);
    return {
      cpuUnits: this.settings.cpuUnits,
      memoryBytes: this.settings.memoryBytes,
      reservedCpuUnits: sum(({ limits }) => limits?.cpuUnits),
      reservedMemoryBytes: sum(({ limits }) => limits?.memoryReservationBytes ?? limits?.memoryBytes),
    };
  }

  run(cloudId: string, spec: TaskSpec): TaskStatus {
    const missing = spec.containers.find(({ image }) => !this.images.has(image) && !this.settings.hasImage(image));
    const task = this.find(cloudId, spec.id) ?? this.#newTask(cloudId, spec);
    for (let steps = planStart(spec, statusOf(task).containers); steps.length > 0; steps = planStart(spec, statusOf(task).containers)) {
      for (const step of steps) {
        if (step.kind === "never") task.nevers.set(step.container.name, step.reason);
        else if (step.container === missing) throw new EngineError("ImageNotFound", `No such image: ${step.container.image}`);
        else this.#start(task, step.container);
      }
    }
    return statusOf(task);
  }

  remove(cloudId: string, taskId: string): void {
    const task = this.find(cloudId, taskId);
    if (!task) return;
    for (const container of task.containers.values()) container.kill();
    this.#clouds.get(cloudId)?.delete(taskId);
    this.#tell(cloudId, taskId);
  }

  #newTask(cloudId: string, spec: TaskSpec): SimulatedTask {
    const ports = (spec.ports ?? []).map(({ containerPort, hostPort, protocol }) => ({
      containerPort,
      protocol,
      hostPort: hostPort ?? 32_768 + (this.#next() % 28_000),
    }));
    const number = this.#next();
    const address = spec.network === "sandbox" ? `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}` : undefined;
    return { cloudId, spec, address, ports, containers: new Map(), nevers: new Map() };
  }

  #start(task: SimulatedTask, spec: ContainerSpec): void {
    const steps = parseProgram([...(spec.entryPoint ?? []), ...(spec.command ?? [])]);
    if (!steps) throw new EngineError("StartFailed", `exec: "${spec.command?.[0]}": executable file not found in $PATH`);
    const { cloudId, spec: taskSpec } = task;
    const changed = (): void => this.#tell(cloudId, taskSpec.id);
    const runtimeId = this.#next().toString(16).padStart(64, "0");
    task.containers.set(spec.name, new SimulatedContainer(spec, runtimeId, { clock: this.settings.clock, steps, changed }));
    this.#clouds.set(cloudId, (this.#clouds.get(cloudId) ?? new Map<string, SimulatedTask>()).set(taskSpec.id, task));
    changed();
  }

  /** Later, as an event of an engine would come. */
  #tell(cloudId: string, taskId: string): void {
    queueMicrotask(() => {
      for (const watcher of this.#watchers) watcher(cloudId, taskId);
    });
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}
