import { Fault } from "#wire/fault.ts";
import { limits } from "./limits.ts";

export const functionNotFound = (arn: string) =>
  new Fault("ResourceNotFoundException", `Function not found: ${arn}`, 404, { details: { Type: "User" } });
export const resourceNotFound = (message: string) => new Fault("ResourceNotFoundException", message, 404, { details: { Type: "User" } });
export const functionExists = (name: string) =>
  new Fault("ResourceConflictException", `Function already exist: ${name}`, 409, { details: { Type: "User" } });
export const conflict = (message: string) => new Fault("ResourceConflictException", message, 409, { details: { Type: "User" } });
export const invalidParameter = (message: string) =>
  new Fault("InvalidParameterValueException", message, 400, { details: { Type: "User" } });
export const validation = (message: string) => new Fault("ValidationException", `1 validation error detected: ${message}`, 400);
export const preconditionFailed = () =>
  new Fault(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
    { details: { Type: "User" } },
  );
export const tooLarge = (bytes: number, operation: string) =>
  new Fault("RequestTooLargeException", `Request must be smaller than ${bytes} bytes for the ${operation} operation`, 413, {
    details: { Type: "User" },
  });
export const notJson = (detail: string) =>
  new Fault("InvalidRequestContentException", `Could not parse request body into json: ${detail}`, 400, { details: { Type: "User" } });
export const throttled = (reason: "ReservedFunctionConcurrentInvocationLimitExceeded" | "ConcurrentInvocationLimitExceeded") =>
  new Fault("TooManyRequestsException", "Rate Exceeded.", 429, { details: { Reason: reason, Type: "User" } });
export const invalidZip = () =>
  new Fault("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.", 400, {
    details: { Type: "User" },
  });
export const unzippedTooLarge = () => invalidParameter(`Unzipped size must be smaller than ${limits.unzippedBytes} bytes`);
export const noRuntimeImage = (runtime: string, image: string) =>
  new Fault(
    "InvalidRuntimeException",
    `There is no image for the runtime ${runtime} on this machine. Tag one as ${image} (docker tag <image> ${image}), run the set-up again, or start with --substitute-runtimes.`,
    502,
    { details: { Type: "User" } },
  );
export const engineFailure = (message: string) => new Fault("ServiceException", message, 500, { details: { Type: "Service" } });
export const imageNotFound = (image: string) => invalidParameter(`Source image ${image} does not exist. Provide a valid source image.`);
