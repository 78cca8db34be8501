import type { Log } from "#wire/context.ts";
import type { Model } from "#wire/model.ts";
import type { Call } from "#wire/operation.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import type { Json, JsonObject } from "../language/json.ts";
import type { ServiceResource, Target } from "./target.ts";

/** What an integration works with. */
export type Job = {
  resource: ServiceResource;
  target: Target;
  /** The schemas of the target's service, if the cloud has it. */
  model: Model | undefined;
  input: JsonObject;
  /** Calls operations as the task's role, all with `requestId`. */
  call: Call;
  requestId: string;
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
