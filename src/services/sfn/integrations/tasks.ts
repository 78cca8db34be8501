import type { Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence, TaskFailed } from "../language/interpreter/events.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { isObject } from "../language/json.ts";
import type { Json } from "../language/json.ts";
import type { TaskRows } from "../task-rows.ts";
import { callFault } from "./call-fault.ts";
import { callTarget } from "./call.ts";
import { runEcsTask } from "./ecs.ts";
import { invokeApi, invokeEndpoint } from "./http.ts";
import type { Job } from "./job.ts";
import { callFunction, invokeFunction } from "./lambda.ts";
import { startNested } from "./nested.ts";
import { roleCaller } from "./role.ts";
import type { ModelOf } from "./task-checks.ts";
import { targetOf } from "./target.ts";
import type { ServiceResource, Target } from "./target.ts";
import { TaskFault } from "./task-fault.ts";

export type TaskEffect = Extract<Effect, { kind: "task" }>;

export type Around = { origin: Origin; signal: AbortSignal; tell(occurrence: Occurrence): Promise<void> };

export type Tasks = {
  /** Does what a task asks for and says how it ended, or that it waits for a callback. */
  perform(effect: TaskEffect, around: Around): Promise<Occurrence>;
};

type Parts = {
  callAs: (caller: ReturnType<typeof roleCaller>, region: string, requestId: string) => Call;
  modelOf: ModelOf;
  /** Absent for Express executions: they wait for no job. */
  rows: Pick<TaskRows, "find" | "setJob"> | undefined;
  now: () => number;
  newId: () => string;
  log: Log;
};

const integrations: Readonly<Record<string, (job: Job) => Promise<Json>>> = {
  apigateway: invokeApi,
  ecs: runEcsTask,
  http: invokeEndpoint,
  lambda: invokeFunction,
  states: startNested,
};

export const newTasks = (parts: Parts): Tasks => ({
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

/** A function's own ARN stands for an invocation of it. */
const functionResource = (arn: string): ServiceResource => ({
  kind: "service",
  arn,
  service: "lambda",
  call: "invoke",
  action: "invoke",
  pattern: "request",
});

const perform = (job: Job): Promise<Json> => {
  const { service, pattern } = job.resource;
  const own = integrations[service];
  if (own) return own(job);
  if (pattern === "sync" && job.model) throw callFault(new Fault("NotImplemented", `Waiting for ${service} is not implemented.`, 501), job);
  return callTarget(job);
};

type Making = { resource: ServiceResource; around: Around; parts: Parts; progress: { isSubmitted: boolean } };

const jobOf = async (effect: TaskEffect, { resource, around, parts, progress }: Making): Promise<Job> => {
  const { callAs, modelOf, rows, now, newId, log } = parts;
  const { origin, signal, tell } = around;
  const target = requireTarget(resource);
  const input = JSON.parse(effect.input) as Json;
  const known = resource.pattern === "sync" ? (await rows?.find(effect.token))?.job : undefined;
  progress.isSubmitted = known !== undefined;
  const requestId = newId();
  return {
    resource,
    target,
    model: target.service === undefined ? undefined : await modelOf(target.service),
    input: isObject(input) ? input : {},
    call: callAs(roleCaller(effect, origin), origin.region, requestId),
    requestId,
    newId,
    now,
    log,
    origin,
    signal,
    known,
    started: async (job, output) => {
      await rows?.setJob(effect.token, job);
      progress.isSubmitted = true;
      await tell({ kind: "taskSubmitted", key: effect.key, output: JSON.stringify(output) });
    },
    pause: pauser(signal),
  };
};

const requireTarget = (resource: ServiceResource): Target => {
  const target = targetOf(resource);
  if (!target) throw new TaskFault("States.Runtime", `The resource provided ${resource.arn} is not recognized.`);
  return target;
};

/** A call that failed for a reason of its own is the task's failure; what is nobody's is told as such and logged. */
const failureOf = (key: string, error: unknown, log: Log): TaskFailed => {
  if (error instanceof TaskFault) return { kind: "taskFailed", key, error: error.error, cause: error.message };
  if (error instanceof Fault) return { kind: "taskFailed", key, error: error.code, cause: error.message };
  log.error({ error }, "a task's integration failed");
  return { kind: "taskFailed", key, error: "States.Runtime", cause: "An internal error occurred while the task was performed." };
};

const pauser = (signal: AbortSignal) => (milliseconds: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds).unref();
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
