import type { FunctionVersion } from "../lambda.ts";

type Given = {
  version: FunctionVersion;
  stream: string;
  credentials: Readonly<Record<string, string>>;
  grants: Readonly<Record<string, string>>;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: what AWS sets, and the function's own. */
export const variablesOf = ({ version, stream, credentials, grants }: Given): Record<string, string> => ({
  ...grants,
  ...version.environment,
  ...credentials,
  ...(version.handler === undefined ? {} : { _HANDLER: version.handler }),
  AWS_REGION: version.region,
  AWS_DEFAULT_REGION: version.region,
  AWS_LAMBDA_FUNCTION_NAME: version.name,
  AWS_LAMBDA_FUNCTION_VERSION: version.version,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memoryMb),
  AWS_LAMBDA_LOG_GROUP_NAME: version.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: stream,
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  ...(version.runtime?.startsWith("provided") || version.runtime === undefined
    ? {}
    : { AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}` }),
});

/** `2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef` */
export const streamName = (version: FunctionVersion, id: string, now: number): string =>
  `${new Date(now).toISOString().slice(0, 10).replaceAll("-", "/")}/[${version.version}]${id.replaceAll("-", "")}`;
