import type { TaskResource } from "../language/resource.ts";
import { findOptimised } from "./optimised.ts";
import { errorPrefix, isCallable } from "./sdk-services.ts";

export type ServiceResource = TaskResource & { kind: "service" };

/** What a resource stands for: an operation of a service, and how its names and errors are written. */
export type Target = {
  kind: "optimised" | "sdk";
  /** As in `aws-sdk:` resources; none, if what is called is no service's operation. */
  service: string | undefined;
  operation: string;
  /** What begins the names of errors: `DynamoDB` by its own integration, `DynamoDb` by `aws-sdk:`. */
  prefix: string;
  /** The error for what the service has no name for. */
  general: string;
  /** `Service` in the causes of errors. */
  called: string;
  /** The parameters that an integration takes, and those that it must have, where it has a list of its own. */
  fields?: readonly string[];
  required?: readonly string[];
};

const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** `undefined` for a service, an action or a pattern that AWS has not. */
export const targetOf = ({ service, action, pattern, call }: ServiceResource): Target | undefined => {
  if (service.startsWith("aws-sdk:")) return pattern === "sync" ? undefined : sdkTarget(service.slice("aws-sdk:".length), action);
  const found = findOptimised(service, action);
  if (!found) return undefined;
  const wait = pattern === "sync" && call.endsWith(":2") ? "sync:2" : pattern;
  if (wait !== "request" && !found.waits.includes(wait)) return undefined;
  return { ...found, kind: "optimised", operation: upperFirst(action) };
};

const sdkTarget = (service: string, action: string): Target | undefined => {
  const prefix = errorPrefix(service);
  const operation = upperFirst(action);
  if (prefix === undefined || !/^[a-z][A-Za-z0-9]*$/.test(action) || !isCallable(service, operation)) return undefined;
  return { kind: "sdk", service, operation, prefix, general: `${prefix}Exception`, called: prefix };
};
