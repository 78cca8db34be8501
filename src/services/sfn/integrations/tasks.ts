import type { Caller, Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence, TaskFailed } from "../language/interpreter/events.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import type { Json } from "../language/json.ts";
import { callFault } from "./call-fault.ts";
import { callTarget } from "./call.ts";
import { runEcsTask } from "./ecs.ts";
import { putEvents } from "./events.ts";
import { invokeApi, invokeEndpoint } from "./http.ts";
import { functionResource, jobOf } from "./job.ts";
import type { Job, JobParts } from "./job.ts";
import { callFunction, invokeFunction } from "./lambda.ts";
import { startNested } from "./nested.ts";
import { TaskFault } from "./task-fault.ts";

export type TaskEffect = Extract<Effect, { kind: "task" }>;

export type Around = {
  origin: Origin;
  signal: AbortSignal;
  tell(occurrence: Occurrence): Promise<void>;
  /** What an execution whose tasks may be done again has that no other has; names are used again. */
  durableId?: string;
};

/** Calls in process, as a role. */
export type CallAs = (caller: Caller, region: string, requestId?: string) => Call;

export type Tasks = {
  /** Does what a task asks for and says how it ended, or that it waits for a callback. */
  perform(effect: TaskEffect, around: Around): Promise<Occurrence>;
};

const integrations: Readonly<Record<string, (job: Job) => Promise<Json>>> = {
  apigateway: invokeApi,
  ecs: runEcsTask,
  events: putEvents,
  http: invokeEndpoint,
  lambda: invokeFunction,
  states: startNested,
};

export const newTasks = (parts: JobParts): Tasks => ({
  perform: async (effect, around) => {
    const { key, resource } = effect;
    const progress = { isSubmitted: false };
    try {
      if (resource.kind === "activity") throw new TaskFault("States.Runtime", "Activities are not supported here.");
      const called = resource.kind === "lambda" ? functionResource(resource.arn) : resource;
      const job = await jobOf(effect, { resource: called, around, parts, progress });
      if (resource.kind === "lambda") return { kind: "taskSucceeded", key, output: await callFunction(resource.arn, effect.input, job) };
      const output = JSON.stringify(await perform(job));
      return { kind: resource.pattern === "token" ? "taskSubmitted" : "taskSucceeded", key, output };
    } catch (error) {
      const isWaited = resource.kind === "service" && resource.pattern !== "request";
      return { ...failureOf(key, error, parts.log), ...(isWaited && !progress.isSubmitted ? { at: "submit" } : {}) };
    }
  },
});

const perform = (job: Job): Promise<Json> => {
  const { service, pattern } = job.resource;
  const own = integrations[service];
  if (own) return own(job);
  if (pattern === "sync" && job.model) throw callFault(new Fault("NotImplemented", `Waiting for ${service} is not implemented.`, 501), job);
  return callTarget(job);
};

/** A call that failed for a reason of its own is the task's failure; what is nobody's is told as such and logged. */
const failureOf = (key: string, error: unknown, log: Log): TaskFailed => {
  if (error instanceof TaskFault) return { kind: "taskFailed", key, error: error.error, cause: error.message };
  if (error instanceof Fault) return { kind: "taskFailed", key, error: error.code, cause: error.message };
  log.error({ error }, "a task's integration failed");
  return { kind: "taskFailed", key, error: "States.Runtime", cause: "An internal error occurred while the task was performed." };
};
