import { invalidParameter } from "./faults.ts";
import type { FunctionVersion } from "./lambda.ts";
import { limits } from "./limits.ts";

const reserved = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

export const checkEnvironment = (variables: Record<string, string> = {}): Record<string, string> => {
  const names = Object.keys(variables);
  const wrong = names.filter((name) => !/^[a-zA-Z]([a-zA-Z0-9_])+$/.test(name) && !reserved.has(name));
  if (wrong.length > 0)
    throw invalidParameter(
      `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]`,
    );
  const taken = names.filter((name) => reserved.has(name));
  if (taken.length > 0)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(", ")}`,
    );
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > limits.environmentBytes)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(variables)}`,
    );
  return variables;
};

/** There are no layers to refer to. */
export const checkLayers = (layers: readonly string[] | undefined): void => {
  const [first] = layers ?? [];
  if (first !== undefined) throw invalidParameter(`Layer version ${first} does not exist.`);
};

export const checkVersion = ({ tracingMode, logFormat, architectures }: FunctionVersion): void => {
  if (!["Active", "PassThrough"].includes(tracingMode)) throw invalidParameter(`Tracing mode ${tracingMode} is not valid.`);
  if (logFormat !== "Text") throw invalidParameter(`Log format ${logFormat} is not available here: use Text.`);
  if (architectures.length !== 1) throw invalidParameter("Architectures must have exactly one value.");
};
