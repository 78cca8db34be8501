import type { ValidationExceptionReason } from "@aws-sdk/client-sfn";
import { Fault } from "#wire/fault.ts";
import { invalidDefinitionMessage } from "./language/diagnostics.ts";
import type { Diagnostic } from "./language/diagnostics.ts";

export const activityDoesNotExist = (arn: string) => new Fault("ActivityDoesNotExist", `Activity does not exist: '${arn}'`);
export const invalidArn = (why: string) => new Fault("InvalidArn", `Invalid Arn: '${why}'`);
export const wrongResourceType = (type: string) => invalidArn(`Resource type not valid in this context: ${type}`);
export const invalidRole = (arn: string) => new Fault("InvalidArn", `Invalid Role Arn: '${arn}'`);
export const invalidName = (name: string) => new Fault("InvalidName", `Invalid Name: '${name}'`);
export const invalidToken = () => new Fault("InvalidToken", "Invalid Token: 'Invalid token'");
export const invalidDefinition = (diagnostics: readonly Diagnostic[]) =>
  new Fault("InvalidDefinition", invalidDefinitionMessage(diagnostics));
export const invalidInput = (why: string) => new Fault("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`);
export const invalidOutput = (why: string) => new Fault("InvalidOutput", `Invalid Output: '${why}'`);
export const machineDoesNotExist = (arn: string) => new Fault("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
export const machineAlreadyExists = (arn: string) => new Fault("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
export const machineTypeNotSupported = () =>
  new Fault("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
export const executionDoesNotExist = (arn: string) => new Fault("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
export const executionAlreadyExists = (arn: string) => new Fault("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
export const executionNotRedrivable = (why: string) => new Fault("ExecutionNotRedrivable", why);
export const missingParameter = (why: string) => new Fault("MissingRequiredParameter", why);
export const validation = (why: string, reason?: ValidationExceptionReason) =>
  new Fault("ValidationException", why, undefined, reason === undefined ? {} : { details: { reason } });
export const resourceNotFound = (arn: string) =>
  new Fault("ResourceNotFound", `Resource not found: '${arn}'`, undefined, { details: { resourceName: arn } });
export const taskTimedOut = () => new Fault("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
export const tooManyTags = (arn: string) =>
  new Fault("TooManyTags", `Tag limit exceeded for resource '${arn}'`, undefined, { details: { resourceName: arn } });
export const activityAlreadyExists = (arn: string) =>
  new Fault("ActivityAlreadyExists", `Activity already exists: '${arn}'. EncryptionConfiguration may not be updated.`);
export const tooManyWorkers = () =>
  new Fault("ActivityWorkerLimitExceeded", "The maximum number of workers concurrently polling for activity tasks has been reached.");
export const quotaExceeded = (why: string) => new Fault("ServiceQuotaExceededException", why, 402);
export const invalidLogging = (why: string) => new Fault("InvalidLoggingConfiguration", `Invalid Logging Configuration: ${why}`);
export const invalidTracing = (why: string) => new Fault("InvalidTracingConfiguration", `Invalid Tracing Configuration: ${why}`);
export const invalidEncryption = (why: string) => new Fault("InvalidEncryptionConfiguration", `Invalid Encryption Configuration: ${why}`);
export const conflict = (why: string) => new Fault("ConflictException", why);
