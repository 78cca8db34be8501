import { Fault } from "#wire/fault.ts";

/** Nearly everything that CloudFormation refuses has this one code. */
export const validationError = (message: string) => new Fault("ValidationError", message, 400);

export const templateFormatError = (message: string) => validationError(`Template format error: ${message}`);

export const templateError = (message: string) => validationError(`Template error: ${message}`);
