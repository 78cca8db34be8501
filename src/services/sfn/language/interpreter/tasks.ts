import type { TaskState } from "../definition.ts";
import { exceedsBytes, isObject, member, type JsonObject } from "../json.ts";
import { within } from "../jsonata/expression.ts";
import { limits } from "../limits.ts";
import { patternOf, resourceName } from "../resource.ts";
import { dataLimitExceeded, runtimeFailure } from "../state-failure.ts";
import { reasonDetails } from "./end.ts";
import type { TaskFailed } from "./events.ts";
import type { PendingTask, Thread } from "./execution.ts";
import { recover } from "./failure.ts";
import { leaveWith } from "./leave.ts";
import type { Run } from "./run.ts";
import { taskEffect } from "./task-effect.ts";
import { recordFailed, recordScheduled, recordStarted, recordSubmitted, recordSucceeded, recordTimedOut } from "./task-history.ts";
import { effectiveInput, evaluateField, evaluatePayload, number, viewOf } from "./view.ts";

/** Schedules the task of a Task state. */
export const runTask = async (run: Run, id: string, state: TaskState): Promise<void> => {
  const thread = run.thread(id);
  const pattern = patternOf(state.resource);
  const token = pattern === "request" ? undefined : run.chance.token();
  // A job that is waited for shows its token too: AWS's sample "distributed-data-stream-aggregator" hands on the one of a `.sync:2`.
  const value = await effectiveInput(run, thread, { state, token: pattern === "activity" ? undefined : token });
  const input = run.write(value);
  const timeoutSeconds = await seconds(run, thread, { state, name: "TimeoutSeconds" });
  const heartbeatSeconds = await seconds(run, thread, { state, name: "HeartbeatSeconds" });
  const credentials = state.credentials && (await evaluatePayload(state.credentials, viewOf(run, thread)));
  if (exceedsBytes(input, limits.payloadBytes)) throw dataLimitExceeded(resourceName(state.resource));
  const refusals = (await run.machine.checkTaskInput?.(state.resource, value)) ?? [];
  if (refusals.length > 0) throw runtimeFailure(`The Parameters '${input}' could not be used to start the Task: [${refusals.join(", ")}]`);
  const awaitsWorker = state.resource.kind === "activity";
  const task: PendingTask = {
    key: run.key(id),
    token,
    resource: state.resource,
    input,
    credentials: isObject(credentials) ? credentials : undefined,
    started: false,
    timeoutSeconds,
    timeoutAt: timeoutSeconds === undefined ? undefined : run.now + timeoutSeconds * 1000,
    heartbeatSeconds,
    heartbeatAt: heartbeatSeconds === undefined || awaitsWorker ? undefined : run.now + heartbeatSeconds * 1000,
  };
  recordScheduled(run, id, { task, roleArn: roleIn(task.credentials) });
  run.phase(id, { kind: "task", task });
  run.effects.push(taskEffect(task));
};

const roleIn = (credentials: JsonObject | undefined): string | undefined => {
  const role = credentials && member(credentials, "RoleArn");
  return typeof role === "string" ? role : undefined;
};

const seconds = async (
  run: Run,
  thread: Thread,
  { state, name }: { state: TaskState; name: "TimeoutSeconds" | "HeartbeatSeconds" },
): Promise<number | undefined> => {
  const field = name === "TimeoutSeconds" ? state.timeoutSeconds : state.heartbeatSeconds;
  if (field === undefined) return undefined;
  const reject = (path: string, value: unknown) =>
    runtimeFailure(`The ${name}Path parameter does not reference an integer value: ${path} == ${JSON.stringify(value)}`);
  const value = await evaluateField(field, viewOf(run, thread), { expected: number, reject });
  if (field.kind === "query") return within(field.query, value, { least: 1, most: limits.seconds });
  if (!Number.isInteger(value) || value < 1 || value > limits.seconds) throw reject(field.kind === "path" ? field.field : name, value);
  return value;
};

/** The thread that waits for a task, unless the task is no longer wanted. */
const waitingFor = (run: Run, key: string): { id: string; task: PendingTask } | undefined => {
  const thread = run.waiting(key);
  return thread?.phase.kind === "task" ? { id: thread.id, task: thread.phase.task } : undefined;
};

const beat = (run: Run, task: PendingTask): PendingTask =>
  task.heartbeatSeconds === undefined ? task : { ...task, heartbeatAt: run.now + task.heartbeatSeconds * 1000 };

const start = (run: Run, id: string, task: PendingTask, workerName?: string): void => {
  if (task.started) return;
  recordStarted(run, id, task.resource, workerName);
  run.phase(id, { kind: "task", task: { ...beat(run, task), started: true } });
};

export const taskStarted = (run: Run, key: string, workerName: string | undefined): void => {
  const found = waitingFor(run, key);
  if (found) start(run, found.id, found.task, workerName);
};

export const taskSubmitted = (run: Run, key: string, output: string): void => {
  const found = waitingFor(run, key);
  if (found === undefined || found.task.resource.kind !== "service") return;
  start(run, found.id, found.task);
  recordSubmitted(run, found.id, found.task.resource, output);
};

export const taskHeartbeat = (run: Run, key: string): void => {
  const found = waitingFor(run, key);
  if (found) run.phase(found.id, { kind: "task", task: beat(run, found.task) });
};

export const taskSucceeded = async (run: Run, key: string, output: string): Promise<void> => {
  const found = waitingFor(run, key);
  if (found === undefined) return;
  const { id, task } = found;
  start(run, id, task);
  if (!isJson(run, output)) {
    return taskFailed(run, { kind: "taskFailed", key, error: "States.Runtime", cause: "The result of the task is not valid JSON." });
  }
  if (exceedsBytes(output, limits.payloadBytes)) {
    const { error, cause } = dataLimitExceeded(resourceName(task.resource));
    return taskFailed(run, { kind: "taskFailed", key, error, cause });
  }
  recordSucceeded(run, id, task.resource, output);
  run.phase(id, { kind: "running" });
  const state = run.state(run.thread(id));
  await leaveWith(run, id, { state, result: run.read(output) });
};

const isJson = (run: Run, text: string): boolean => {
  try {
    run.read(text);
    return true;
  } catch {
    return false;
  }
};

export const taskFailed = async (run: Run, failed: TaskFailed): Promise<void> => {
  const found = waitingFor(run, failed.key);
  if (found === undefined) return;
  const { id, task } = found;
  if (failed.at === undefined || failed.at === "submit") start(run, id, task);
  recordFailed(run, id, { resource: task.resource, at: failed.at, reason: reasonDetails(failed) });
  run.phase(id, { kind: "running" });
  await recover(run, id, failed);
};

/** The task has run for too long, or has not been heard of for too long: AWS calls both `States.Timeout`. */
export const taskTimedOut = async (run: Run, id: string, task: PendingTask): Promise<void> => {
  const late = task.timeoutAt !== undefined && task.timeoutAt <= run.now;
  recordTimedOut(run, id, task.resource);
  run.effects.push({ kind: "cancelTask", key: task.key });
  run.phase(id, { kind: "running" });
  await recover(run, id, { error: "States.Timeout", ...(late ? {} : { also: "States.HeartbeatTimeout" }) });
};
