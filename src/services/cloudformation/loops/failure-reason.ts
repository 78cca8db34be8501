import { Fault } from "#wire/fault.ts";
import type { Log } from "#wire/context.ts";

const codes: readonly (readonly [RegExp, string])[] = [
  [/AlreadyExist|AlreadyOwned|ResourceConflict|Conflict/, "AlreadyExists"],
  [/NotFound|NoSuch/, "NotFound"],
  [/AccessDenied|NotAuthorized/, "AccessDenied"],
  [/Throttl|TooManyRequests/, "Throttling"],
  [/NotStabilized/, "NotStabilized"],
  [/LimitExceeded|ServiceLimit/, "ServiceLimitExceeded"],
];

/** Why a step failed, in the words of a resource's status reason. What is no answer of a service is a bug, and is logged as one. */
export const failureReason = (error: unknown, token: string, log: Log): string => {
  if (!(error instanceof Fault)) log.error({ error }, "a resource type failed");
  const message = error instanceof Fault ? error.message : "The request processing has failed because of an unknown error.";
  const code = error instanceof Fault ? (codes.find(([pattern]) => pattern.test(error.code))?.[1] ?? "InvalidRequest") : "InternalFailure";
  return `Resource handler returned message: "${message}" (RequestToken: ${token}, HandlerErrorCode: ${code})`;
};
