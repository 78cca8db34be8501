import { EngineError, type Engine, type ExecResult, type Images, type LogLine, type LogPosition } from "../engine.ts";
import { stopOrder } from "../plan-start.ts";
import { parseProgram } from "./program.ts";
import type { SimulatedContainer } from "./simulated-container.ts";
import { statusOf, type SimulatedMachine, type SimulatedTask } from "./simulated-machine.ts";

type Following = { since?: LogPosition; follow: boolean; signal?: AbortSignal };
type Found = { machine: SimulatedMachine; cloudId: string; taskId: string };

const taskOf = ({ machine, cloudId, taskId }: Found): SimulatedTask => {
  const task = machine.find(cloudId, taskId);
  if (!task) throw new EngineError("NotFound", `No such task: ${taskId}`);
  return task;
};

const containerOf = (found: Found, name: string): SimulatedContainer => {
  const container = taskOf(found).containers.get(name);
  if (!container) throw new EngineError("NotFound", `No such container: ${found.taskId} ${name}`);
  return container;
};

async function* follow(found: Found, name: string, { since, follow: following, signal }: Following): AsyncGenerator<LogLine> {
  const container = found.machine.find(found.cloudId, found.taskId)?.containers.get(name);
  if (!container) return;
  let wake = Promise.withResolvers<void>();
  const stir = (): void => wake.resolve();
  signal?.addEventListener("abort", stir, { once: true });
  using watching = found.machine.watch(stir);
  try {
    for (let next = since?.lines ?? 0; watching && !signal?.aborted;) {
      const line = container.lines[next];
      if (line) {
        next += 1;
        yield line;
      } else if (!following || !container.running) return;
      else {
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    }
  } finally {
    signal?.removeEventListener("abort", stir);
  }
}

/** Resolves when the containers have ended, or the time is up. */
const ended = (machine: SimulatedMachine, containers: readonly SimulatedContainer[], ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      timer[Symbol.dispose]();
      watching[Symbol.dispose]();
      resolve();
    };
    const look = (): void => {
      if (containers.every((container) => !container.running)) done();
    };
    const timer = machine.settings.clock.after(ms, done);
    const watching = machine.watch(look);
    look();
  });

const stop = async (machine: SimulatedMachine, task: SimulatedTask, graceSeconds: number): Promise<void> => {
  const running = [...task.containers.values()].filter((container) => container.running);
  const order = stopOrder(running.map(({ spec }) => ({ name: spec.name, dependsOn: (spec.dependsOn ?? []).map((one) => one.container) })));
  for (const names of order) {
    const group = running.filter(({ spec }) => names.includes(spec.name));
    for (const container of group) {
      container.thaw();
      container.ask();
    }
    await Promise.all(
      group.map(async (container) => {
        await ended(machine, [container], (container.spec.stopTimeoutSeconds ?? graceSeconds) * 1000);
        container.kill();
      }),
    );
  }
};

const execute = (command: readonly string[]): ExecResult => {
  const steps = parseProgram(command);
  if (!steps) return { exitCode: 127, stdout: Buffer.alloc(0), stderr: Buffer.from(`${command[0]}: not found\n`) };
  const output = (verb: "print" | "complain"): Buffer =>
    Buffer.from(steps.flatMap((step) => (step.do === verb ? [`${step.text}\n`] : [])).join(""));
  const exit = steps.find((step) => step.do === "exit");
  return { exitCode: exit?.code ?? 0, stdout: output("print"), stderr: output("complain") };
};

const imagesOf = (machine: SimulatedMachine): Images => {
  const idOf = (reference: string): string => `sha256:${Buffer.from(reference).toString("hex").padStart(64, "0").slice(-64)}`;
  const find = (reference: string): string | undefined =>
    machine.images.get(reference) ?? (machine.settings.hasImage(reference) ? idOf(reference) : undefined);
  const found = (reference: string): string => {
    const id = find(reference);
    if (id === undefined) throw new EngineError("ImageNotFound", `No such image: ${reference}`);
    return id;
  };
  return {
    find: async (reference) => find(reference),
    pull: async (reference) => void found(reference),
    build: async ({ tag }) => {
      machine.images.set(tag, idOf(tag));
      return idOf(tag);
    },
    push: async (reference) => ({ digest: found(reference) }),
    tag: async (source, reference) => void machine.images.set(reference, found(source)),
    remove: async (reference) => void machine.images.delete(reference),
  };
};

/** The engine of one cloud on a simulated machine: for tests of what is above engines, and for measuring it without containers. */
export const openMemoryEngine = (machine: SimulatedMachine, cloudId: string): Engine => {
  const watches = new Set<Disposable>();
  const at = (taskId: string): Found => ({ machine, cloudId, taskId });
  const running = (taskId: string): SimulatedContainer[] => [...taskOf(at(taskId)).containers.values()];
  return {
    name: "memory",
    images: imagesOf(machine),
    capacity: async () => machine.capacity(cloudId),
    run: async (task) => machine.run(cloudId, task),
    stop: async (taskId, { seconds }) => {
      const task = machine.find(cloudId, taskId);
      if (task) await stop(machine, task, seconds);
    },
    remove: async (taskId) => machine.remove(cloudId, taskId),
    inspect: async (taskId) => {
      const task = machine.find(cloudId, taskId);
      return task && statusOf(task);
    },
    list: async () => machine.tasksOf(cloudId).map(statusOf),
    watch: (changed) => {
      const watch = machine.watch((cloud, taskId) => {
        if (cloud === cloudId) changed(taskId);
      });
      watches.add(watch);
      return watch;
    },
    logs: (taskId, container, options) => follow(at(taskId), container, options),
    exec: async (taskId, container, command) => {
      const found = containerOf(at(taskId), container);
      if (!found.running) throw new EngineError("NotFound", `Container ${container} is not running`);
      return execute(command);
    },
    freeze: async (taskId) => {
      for (const container of running(taskId)) container.freeze();
    },
    thaw: async (taskId) => {
      for (const container of running(taskId)) container.thaw();
    },
    // A simulated container holds to no limit, so there is none to change; that it is there is all that can be told.
    resize: async (taskId, container) => void containerOf(at(taskId), container),
    close: async () => {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
};
