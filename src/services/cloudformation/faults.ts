import { Fault } from "#wire/fault.ts";

/** Nearly everything that CloudFormation refuses has this one code. */
export const validationError = (message: string) => new Fault("ValidationError", message, 400);

export const templateFormatError = (message: string) => validationError(`Template format error: ${message}`);

export const templateError = (message: string) => validationError(`Template error: ${message}`);

export const stackDoesNotExist = (nameOrId: string) => validationError(`Stack with id ${nameOrId} does not exist`);

export const noStack = (name: string) => validationError(`Stack [${name}] does not exist`);

export const stackExists = (name: string) => new Fault("AlreadyExistsException", `Stack [${name}] already exists`, 400);

export const notUpdatable = (stackId: string, status: string) =>
  validationError(`Stack:${stackId} is in ${status} state and can not be updated.`);

export const noUpdates = () => validationError("No updates are to be performed.");

export const changeSetNotFound = (name: string) => new Fault("ChangeSetNotFoundException", `ChangeSet [${name}] does not exist`, 404);

export const invalidChangeSetStatus = (message: string) => new Fault("InvalidChangeSetStatusException", message, 400);

/** A part of an operation that asks for something which is not here. */
export const unsupported = (what: string) => new Fault("NotImplemented", `${what} is not supported by this cloud.`, 501);
