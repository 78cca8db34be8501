import type { Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence, TaskFailed } from "../language/interpreter/events.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import type { TaskRows } from "../task-rows.ts";
import { TaskFault } from "./task-fault.ts";
import { runEcsTask } from "./ecs.ts";
import { callFunction, invokeFunction } from "./lambda.ts";
import { callSdk } from "./sdk-call.ts";
import { startNested } from "./nested.ts";
import { roleCaller } from "./role.ts";

export type TaskEffect = Extract<Effect, { kind: "task" }>;

export type Around = { origin: Origin; signal: AbortSignal; tell(occurrence: Occurrence): Promise<void> };

/** What an integration works with. */
export type Job = {
  action: string;
  input: JsonObject;
  call: Call;
  origin: Origin;
  isSync: boolean;
  /** The whole action with its suffix: `startExecution.sync:2`. */
  suffixed: string;
  signal: AbortSignal;
  /** The job that an earlier attempt has started, as `started` noted it. */
  known: string | undefined;
  /** Notes the job durably, and tells that it was submitted. */
  started(job: string, output: Json): Promise<void>;
  pause(milliseconds: number): Promise<void>;
};

export type Tasks = {
  /** Does what a task asks for and says how it ended, or that it waits for a callback. */
  perform(effect: TaskEffect, around: Around): Promise<Occurrence>;
};

export type CallAs = (caller: ReturnType<typeof roleCaller>, region: string) => Call;

type Parts = {
  callAs: CallAs;
  /** Absent for Express executions: they wait for no job. */
  rows: Pick<TaskRows, "find" | "setJob"> | undefined;
  log: Log;
};

const integrations: Readonly<Record<string, (job: Job) => Promise<Json>>> = {
  lambda: invokeFunction,
  ecs: runEcsTask,
  states: startNested,
};

export const newTasks = ({ callAs, rows, log }: Parts): Tasks => ({
  perform: async (effect, { origin, signal, tell }) => {
    const { key, resource } = effect;
    try {
      const call = callAs(roleCaller(effect, origin), origin.region);
      const input = JSON.parse(effect.input) as Json;
      if (resource.kind === "lambda") return { kind: "taskSucceeded", key, output: await callFunction(resource.arn, effect.input, call) };
      if (resource.kind === "activity") throw new TaskFault("States.Runtime", "Activities are not supported here.");
      if (!isObject(input)) throw new TaskFault("States.Runtime", "The Parameters of a task must be an object.");
      const started = async (job: string, output: Json) => {
        await rows?.setJob(effect.token, job);
        await tell({ kind: "taskSubmitted", key, output: JSON.stringify(output) });
      };
      const known = resource.pattern === "sync" ? (await rows?.find(effect.token))?.job : undefined;
      const { action, pattern, call: suffixed, service } = resource;
      const job: Job = { action, input, call, origin, isSync: pattern === "sync", suffixed, signal, known, started, pause: pauser(signal) };
      const perform = integrations[service] ?? ((each: Job) => callSdk(service, each));
      const output = JSON.stringify(await perform(job));
      return { kind: pattern === "token" ? "taskSubmitted" : "taskSucceeded", key, output };
    } catch (error) {
      return failureOf(key, error, log);
    }
  },
});

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
