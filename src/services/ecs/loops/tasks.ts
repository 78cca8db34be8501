import { EngineError } from "#engine/engine.ts";
import type { Engine } from "#engine/engine.ts";
import type { Loop } from "#reconcile/loops.ts";
import type { EcsParts, TaskRecord } from "../ecs.ts";
import { stopGraceSeconds, waitForRoomMs } from "../limits.ts";
import { waitingReason } from "../placement.ts";
import { planTask } from "../plan-task.ts";
import type { Seen, Step } from "../plan-task.ts";
import { taskSpec } from "../task-spec.ts";
import type { Resolved } from "../task-spec.ts";
import { isBefore } from "../task-states.ts";
import type { TaskImages } from "./images.ts";
import type { TaskLogs } from "./logs.ts";

type Parts = Pick<EcsParts, "tasks" | "room" | "look"> & {
  engine: () => Promise<Engine>;
  images: TaskImages;
  logs: TaskLogs;
  /** What the containers of a task get from outside its definition. */
  surroundings: (task: TaskRecord) => Promise<Omit<Resolved, "images">>;
  now: () => number;
};

/** More than a task has states: a plan that goes round is a bug, and is looked at later rather than for ever. */
const maxSteps = 40;

/** Brings each task from what it is to what it should be, one step after the other until it has to wait. */
export const newTaskLoop = (parts: Parts): Loop => ({
  name: "ecs-tasks",
  keys: () => parts.tasks.unfinished(),
  // Most of a task's time is spent waiting for the engine, and a task that is being stopped waits for half a minute.
  concurrency: 256,
  sweepMs: 60_000,
  reconcile: async (taskId) => {
    for (let steps = 0; steps < maxSteps; steps += 1) {
      const task = await parts.tasks.find(taskId);
      if (!task) return removeOrphan(taskId, parts);
      const seen = await lookAt(task, parts);
      if (!isBefore(task.lastStatus, "ACTIVATING") && seen.status) parts.logs.follow(task);
      const step = planTask(task, seen);
      if (step.kind === "wait") return step.afterMs;
      const afterMs = await applyStep(task, step, parts);
      if (afterMs !== undefined) return afterMs;
    }
    return 1_000;
  },
});

/** The engine tells of the containers of functions as well, which are none of ours. */
const removeOrphan = async (taskId: string, { engine }: Parts): Promise<void> => {
  const opened = await engine();
  if ((await opened.inspect(taskId))?.kind === "ecs-task") await opened.remove(taskId);
};

/** What the engine shows. While a task is activated, asking is the same as telling to start what can be started by now. */
const lookAt = async (task: TaskRecord, parts: Parts): Promise<Seen> => {
  const now = parts.now();
  const images = parts.images.seen(task.id);
  if (isBefore(task.lastStatus, "ACTIVATING")) return { status: undefined, images, now };
  const engine = await parts.engine();
  if (task.stop || task.lastStatus !== "ACTIVATING") return { status: await engine.inspect(task.id), images, now };
  try {
    const [resolved, surroundings] = await Promise.all([parts.images.resolve(task), parts.surroundings(task)]);
    return { status: await engine.run(taskSpec(task, { ...surroundings, images: resolved })), images, now: parts.now() };
  } catch (error) {
    const startFailure = failureOf(error);
    if (startFailure === undefined) throw error;
    return { status: await engine.inspect(task.id), images, startFailure, now: parts.now() };
  }
};

/** The words for what will not get better by trying again; undefined for all else. */
const failureOf = (error: unknown): string | undefined => {
  if (error instanceof EngineError) {
    if (error.code === "ImageNotFound") return `CannotPullContainerError: ${error.message}`;
    return error.code === "StartFailed" ? `CannotStartContainerError: Error response from daemon: ${error.message}` : undefined;
  }
  return error instanceof Error && /^(ResourceInitializationError|CannotPullContainerError):/.test(error.message)
    ? error.message
    : undefined;
};

const applyStep = async (task: TaskRecord, step: Exclude<Step, { kind: "wait" }>, parts: Parts): Promise<number | void> => {
  const { tasks, images, now } = parts;
  switch (step.kind) {
    case "reserve":
      return reserve(task, parts);
    case "pull":
      return images.begin(task);
    case "advance":
      await tasks.observe(task.id, { lastStatus: step.to, ...(step.observed ? { observed: step.observed } : {}) }, now());
      return;
    case "observe":
      await tasks.observe(task.id, { observed: step.observed }, now());
      return;
    case "end":
      await tasks.observe(task.id, { stop: { ...step.stop, at: now() }, ...(step.observed ? { observed: step.observed } : {}) }, now());
      return;
    case "stop":
      return (await parts.engine()).stop(task.id, { seconds: stopGraceSeconds });
    case "remove":
      return remove(task, parts);
  }
};

const reserve = async (task: TaskRecord, { tasks, room, now }: Parts): Promise<number | void> => {
  const shortage = await tasks.place(task.id, await room(), now());
  if (shortage === undefined) return;
  const reason = waitingReason(shortage, task.wanted.need);
  if (task.observed.waitingReason !== reason) await tasks.observe(task.id, { observed: { waitingReason: reason } }, now());
  return waitForRoomMs;
};

/** What it wrote is read to the end before its containers go; then the tasks that wait for room are told. */
const remove = async (task: TaskRecord, { engine, logs, images, tasks, look, now }: Parts): Promise<void> => {
  images.forget(task.id);
  // From the moment its images were there, the engine may have begun with it.
  if (task.observed.pullStoppedAt !== undefined || task.lastStatus === "STOPPED") {
    if (task.lastStatus !== "STOPPED") await logs.drain(task);
    await (await engine()).remove(task.id);
  }
  if (task.lastStatus === "STOPPED") return;
  await tasks.observe(task.id, { lastStatus: "STOPPED" }, now());
  for (const id of await tasks.unfinished("PROVISIONING")) look(id);
};
