import type { Json } from "./json.ts";

/** Errors that the language itself reports, as `ErrorEquals` names them. */
export type StatesError =
  | "States.ALL"
  | "States.BranchFailed"
  | "States.DataLimitExceeded"
  | "States.ExceedToleratedFailureThreshold"
  | "States.HeartbeatTimeout"
  | "States.Http.Socket"
  | "States.ItemReaderFailed"
  | "States.NoChoiceMatched"
  | "States.ParameterPathFailure"
  | "States.Permissions"
  | "States.QueryEvaluationError"
  | "States.ReferencePathConflict"
  | "States.ResultPathMatchFailure"
  | "States.ResultWriterFailed"
  | "States.Runtime"
  | "States.TaskFailed"
  | "States.Timeout";

/** What the evaluation of a state ends with instead of an output; Retry and Catch decide what follows. */
export class StateFailure extends Error {
  readonly error: StatesError;
  override readonly cause: string;
  /** The field whose JSONata expression failed: such a failure is recorded as `EvaluationFailed`. */
  readonly location: string | undefined;

  constructor(error: StatesError, cause: string, location?: string) {
    super(cause);
    this.name = "StateFailure";
    this.error = error;
    this.cause = cause;
    this.location = location;
  }
}

export const runtimeFailure = (cause: string) => new StateFailure("States.Runtime", cause);

/** The specification has `States.IntrinsicFailure` for this; AWS ends the execution with `States.Runtime`. */
export const intrinsicFailure = (call: string, reason: string) =>
  runtimeFailure(`The function '${call}' had the following error: ${reason}`);

/** A reference path asks for a member or an item of what has none. */
export const referencePathConflict = (step: string | number, input: Json) =>
  new StateFailure("States.ReferencePathConflict", `Unable to apply step "${step}" to input ${JSON.stringify(input)}`);

export const pathNotFound = (path: string, field: string, input: string) =>
  runtimeFailure(`The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${input}'`);

export const queryFailure = (cause: string, location: string) => new StateFailure("States.QueryEvaluationError", cause, location);

export const variablesTooLarge = (state: string, limitBytes: number) =>
  new StateFailure("States.DataLimitExceeded", `The variables of the state '${state}' exceed the limit of ${limitBytes} bytes.`);

export const dataLimitExceeded = (subject: string) =>
  new StateFailure(
    "States.DataLimitExceeded",
    `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
