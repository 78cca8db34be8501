import { createHash } from "node:crypto";
import type { Log } from "#wire/context.ts";
import type { Model } from "#wire/model.ts";
import type { Call } from "#wire/operation.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import type { TaskRows } from "../task-rows.ts";
import type { Naming, Namings } from "./members.ts";
import { roleCaller } from "./role.ts";
import type { ModelOf } from "./task-checks.ts";
import { TaskFault } from "./task-fault.ts";
import type { Around, CallAs, TaskEffect } from "./tasks.ts";
import { targetOf } from "./target.ts";
import type { ServiceResource, Target } from "./target.ts";

/** What an integration works with. */
export type Job = {
  resource: ServiceResource;
  target: Target;
  naming: Naming;
  /** The schemas of the target's service, if the cloud has it. */
  model: Model | undefined;
  input: JsonObject;
  /** Calls operations as the task's role, all with `requestId`. */
  call: Call;
  requestId: string;
  /** A UUID that is the task's again when a crash has it done twice: what takes it does nothing the second time. */
  onceId: string;
  newId: () => string;
  now: () => number;
  log: Log;
  origin: Origin;
  signal: AbortSignal;
  /** The job that an earlier attempt has started, as `started` noted it. */
  known: string | undefined;
  /** Notes the job durably, and tells that it was submitted. */
  started(job: string, output: Json): Promise<void>;
  pause(milliseconds: number): Promise<void>;
};

/** What jobs are made of. */
export type JobParts = {
  callAs: CallAs;
  modelOf: ModelOf;
  namings: Namings;
  /** Absent for Express executions: they wait for no job. */
  rows: Pick<TaskRows, "find" | "setJob"> | undefined;
  now: () => number;
  newId: () => string;
  log: Log;
};

type Making = { resource: ServiceResource; around: Around; parts: JobParts; progress: { isSubmitted: boolean } };

/** The job that a task asks for. */
export const jobOf = async (effect: TaskEffect, { resource, around, parts, progress }: Making): Promise<Job> => {
  const { callAs, modelOf, namings, rows, now, newId, log } = parts;
  const { origin, signal, tell, durableId } = around;
  const target = requireTarget(resource);
  const input = JSON.parse(effect.input) as Json;
  const token = resource.pattern === "sync" ? effect.token : undefined;
  const known = token === undefined ? undefined : (await rows?.find(token))?.job;
  progress.isSubmitted = known !== undefined;
  const requestId = newId();
  return {
    resource,
    target,
    naming: namings[target.kind],
    model: target.service === undefined ? undefined : await modelOf(target.service),
    input: isObject(input) ? input : {},
    call: callAs(roleCaller(effect, origin), origin.region, requestId),
    requestId,
    onceId: durableId === undefined ? newId() : onceIdOf(`${durableId} ${effect.key}`),
    newId,
    now,
    log,
    origin,
    signal,
    known,
    started: async (job, output) => {
      if (token !== undefined) await rows?.setJob(token, job);
      progress.isSubmitted = true;
      await tell({ kind: "taskSubmitted", key: effect.key, output: JSON.stringify(output) });
    },
    pause: pauser(signal),
  };
};

const onceIdOf = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");

const requireTarget = (resource: ServiceResource): Target => {
  const target = targetOf(resource);
  if (!target) throw new TaskFault("States.Runtime", `The resource provided ${resource.arn} is not recognized.`);
  return target;
};

/** A function's own ARN stands for an invocation of it. */
export const functionResource = (arn: string): ServiceResource => ({
  kind: "service",
  arn,
  service: "lambda",
  call: "invoke",
  action: "invoke",
  pattern: "request",
});

const pauser = (signal: AbortSignal) => (milliseconds: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds).unref();
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
