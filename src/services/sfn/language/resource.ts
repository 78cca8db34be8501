/** What a Task state calls, read from its `Resource`. */
export type TaskResource =
  | { readonly kind: "lambda"; readonly arn: string }
  | { readonly kind: "activity"; readonly arn: string }
  | {
      readonly kind: "service";
      readonly arn: string;
      /** `sqs`, `aws-sdk:dynamodb`: the `resourceType` of history events. */
      readonly service: string;
      /** `sendMessage.waitForTaskToken`: the `resource` of history events. */
      readonly call: string;
      /** `sendMessage`. */
      readonly action: string;
      /** How its end is awaited: the answer itself, the job it starts, or a callback with the task's token. */
      readonly pattern: "request" | "sync" | "token";
    };

/** How the end of a task is awaited, whatever it calls: all but a request has a token. */
export const patternOf = (resource: TaskResource): "request" | "sync" | "token" | "activity" =>
  resource.kind === "service" ? resource.pattern : resource.kind === "activity" ? "activity" : "request";

const suffixes = { ".sync:2": "sync", ".sync": "sync", ".waitForTaskToken": "token" } as const;

/** `undefined` for what is no resource at all. */
export const parseResource = (arn: string): TaskResource | undefined => {
  const parts = arn.split(":");
  const [scheme, partition, service, region, account, ...rest] = parts;
  if (scheme !== "arn" || !partition || !service || rest.length === 0 || /\s/.test(arn)) return undefined;
  if (service === "lambda") return rest[0] === "function" && rest[1] ? { kind: "lambda", arn } : undefined;
  if (service !== "states") return undefined;
  if (rest[0] === "activity") return rest[1] ? { kind: "activity", arn } : undefined;
  if (region === undefined || account === undefined) return undefined;
  return parseService(arn, rest);
};

const parseService = (arn: string, rest: readonly string[]): TaskResource | undefined => {
  const width = rest[0] === "aws-sdk" ? 2 : 1;
  const service = rest.slice(0, width).join(":");
  const call = rest.slice(width).join(":");
  if (!service || !call || (width === 2 && rest.length < 3)) return undefined;
  for (const [suffix, pattern] of Object.entries(suffixes)) {
    if (call.endsWith(suffix)) return { kind: "service", arn, service, call, action: call.slice(0, -suffix.length), pattern };
  }
  return { kind: "service", arn, service, call, action: call, pattern: "request" };
};

/** How the cause of `States.DataLimitExceeded` names the task. */
export const resourceName = (resource: TaskResource): string => (resource.kind === "service" ? resource.service : resource.arn);
