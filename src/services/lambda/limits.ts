import type { Constraint, Constraints } from "#wire/check.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const limits = {
  requestBytes: 70_167_211,
  payloadBytes: 6_291_456,
  asyncPayloadBytes: 1_048_576,
  responseBytes: 6_291_556,
  zippedBytes: 52_428_800,
  unzippedBytes: 262_144_000,
  files: 100_000,
  totalCodeBytes: 80_530_636_800,
  environmentBytes: 4_096,
  concurrentExecutions: 1_000,
  unreservedMinimum: 100,
  tailBytes: 4_096,
  initMs: 10_000,
  maxItems: 50,
} as const;

const functionName: Constraint = {
  pattern:
    /^(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$/,
  minLength: 1,
  maxLength: 140,
};
const qualifier: Constraint = { pattern: /^(\|[a-zA-Z0-9$_-]+|\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_$]+)$/, minLength: 1, maxLength: 128 };
const role: Constraint = { pattern: /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/ };
const handler: Constraint = { pattern: /^[^\s]+$/, maxLength: 128 };
const alias: Constraint = { pattern: /^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$/, minLength: 1, maxLength: 128 };
const version: Constraint = { pattern: /^(\$LATEST(\.PUBLISHED)?|[0-9]+)$/, minLength: 1, maxLength: 1024 };
const maxItems: Constraint = { min: 1, max: 10_000 };

export const runtimes: readonly string[] = [
  "nodejs",
  "nodejs4.3",
  "nodejs6.10",
  "nodejs8.10",
  "nodejs10.x",
  "nodejs12.x",
  "nodejs14.x",
  "nodejs16.x",
  "nodejs18.x",
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "java8",
  "java8.al2",
  "java11",
  "java17",
  "java21",
  "java25",
  "python2.7",
  "python3.6",
  "python3.7",
  "python3.8",
  "python3.9",
  "python3.10",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "dotnetcore1.0",
  "dotnetcore2.0",
  "dotnetcore2.1",
  "dotnetcore3.1",
  "dotnet6",
  "dotnet8",
  "dotnet10",
  "nodejs4.3-edge",
  "go1.x",
  "ruby2.5",
  "ruby2.7",
  "ruby3.2",
  "ruby3.3",
  "ruby3.4",
  "provided",
  "provided.al2",
  "provided.al2023",
];

const configuration: Constraints = {
  FunctionName: functionName,
  Role: role,
  Handler: handler,
  Runtime: { enum: runtimes },
  Timeout: { min: 1, max: 900 },
  MemorySize: { min: 128, max: 10_240 },
  Description: { maxLength: 256 },
  PackageType: { enum: ["Zip", "Image"] },
  Architectures: { enum: ["x86_64", "arm64"] },
  "EphemeralStorage.Size": { min: 512, max: 10_240 },
};

const named: Constraints = { FunctionName: functionName };
const qualified: Constraints = { FunctionName: functionName, Qualifier: qualifier };
const aliased: Constraints = { FunctionName: functionName, Name: alias, FunctionVersion: version };

export const constraints: Readonly<Record<string, Constraints>> = {
  CreateFunction: configuration,
  UpdateFunctionConfiguration: configuration,
  UpdateFunctionCode: { FunctionName: functionName, Architectures: { enum: ["x86_64", "arm64"] } },
  GetFunction: qualified,
  GetFunctionConfiguration: qualified,
  DeleteFunction: qualified,
  ListFunctions: { MaxItems: maxItems, FunctionVersion: { enum: ["ALL"] } },
  ListVersionsByFunction: { FunctionName: functionName, MaxItems: maxItems },
  PublishVersion: named,
  Invoke: {
    ...qualified,
    InvocationType: { enum: ["Event", "RequestResponse", "DryRun"] },
    LogType: { enum: ["None", "Tail"] },
  },
  AddPermission: {
    ...qualified,
    StatementId: { pattern: /^([a-zA-Z0-9-_]+)$/, minLength: 1, maxLength: 100 },
    Action: { pattern: /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/ },
    Principal: { pattern: /^[^\s]+$/ },
  },
  RemovePermission: qualified,
  GetPolicy: qualified,
  CreateAlias: aliased,
  UpdateAlias: aliased,
  GetAlias: aliased,
  DeleteAlias: aliased,
  ListAliases: { FunctionName: functionName, MaxItems: maxItems },
  PutFunctionConcurrency: { FunctionName: functionName, ReservedConcurrentExecutions: { min: 0 } },
  DeleteFunctionConcurrency: named,
  GetFunctionConcurrency: named,
};
