import type { Origin } from "./execution.ts";

/**
 * What happened, told to `step`. `now` is in milliseconds; `entropy` is any unique text, from which all chance of the
 * step is drawn: the same event on the same execution always gives the same result.
 */
export type StepEvent = { readonly now: number; readonly entropy: string } & Occurrence;

export type Occurrence =
  | { readonly kind: "started"; readonly origin: Origin }
  /** Time has passed, or the last step stopped at its budget: do whatever is due. */
  | { readonly kind: "wake" }
  | { readonly kind: "taskStarted"; readonly key: string; readonly workerName?: string }
  /** The job of a `.sync` task runs, or a task with a token has been handed on; `output` is the call's answer. */
  | { readonly kind: "taskSubmitted"; readonly key: string; readonly output: string }
  | { readonly kind: "taskSucceeded"; readonly key: string; readonly output: string }
  | TaskFailed
  | { readonly kind: "taskHeartbeat"; readonly key: string }
  | { readonly kind: "mapRunStarted"; readonly key: string; readonly mapRunArn: string }
  | { readonly kind: "mapRunSucceeded"; readonly key: string; readonly output: string }
  | { readonly kind: "mapRunFailed"; readonly key: string; readonly error: string; readonly cause?: string }
  | { readonly kind: "stop"; readonly error?: string; readonly cause?: string }
  | { readonly kind: "machineDeleted"; readonly name: string }
  | ItemsMocked
  | StateMocked
  | { readonly kind: "redrive"; readonly clientToken?: string | undefined };

/** A test of a Map wants its items as the iterations would get them; `data` is what its ItemReader would read. */
export type ItemsMocked = { readonly kind: "itemsMocked"; readonly thread: string; readonly data: string | undefined };

/** A test of a Map or a Parallel answers in place of all that would run inside of it. */
export type StateMocked = { readonly kind: "stateMocked"; readonly thread: string } & (
  | { readonly output: string }
  | { readonly error?: string | undefined; readonly cause?: string | undefined; readonly byTask: boolean }
);

export type TaskFailed = {
  readonly kind: "taskFailed";
  readonly key: string;
  readonly error?: string;
  readonly cause?: string;
  /** When it failed: it could not be scheduled, started or submitted, or (left out) while it ran. */
  readonly at?: "schedule" | "start" | "submit";
};
