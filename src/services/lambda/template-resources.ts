import type { InputOf, OutputOf } from "#wire/operation.ts";
import { Fault } from "#wire/fault.ts";
import {
  accepting,
  integer,
  list,
  map,
  replacing,
  required,
  resourceType,
  struct,
  tagChanges,
  tagMap,
  tags,
  text,
} from "../resource-type.ts";
import type { ResourceContext, ValuesOf } from "../resource-type.ts";
import { zipOfSource } from "./inline-code.ts";

type Configuration = OutputOf<"lambda", "GetFunctionConfiguration">;

const functionProperties = {
  Architectures: list(text()),
  Code: required(struct({ ImageUri: text(), S3Bucket: text(), S3Key: text(), S3ObjectVersion: text(), ZipFile: text() })),
  Description: text(),
  Environment: struct({ Variables: map(text()) }),
  EphemeralStorage: struct({ Size: required(integer()) }),
  FunctionName: replacing(text()),
  Handler: text(),
  ImageConfig: struct({ Command: list(text()), EntryPoint: list(text()), WorkingDirectory: text() }),
  Layers: list(text()),
  LoggingConfig: struct({ ApplicationLogLevel: text(), LogFormat: text(), LogGroup: text(), SystemLogLevel: text() }),
  MemorySize: integer(),
  PackageType: replacing(text()),
  ReservedConcurrentExecutions: integer(),
  Role: required(text()),
  Runtime: text(),
  Tags: tags(),
  Timeout: integer(),
  TracingConfig: struct({ Mode: text() }),
};

type FunctionValues = ValuesOf<typeof functionProperties>;

const codeOf = ({ Code, Runtime }: FunctionValues) => {
  const { ZipFile, ...elsewhere } = Code;
  if (ZipFile === undefined) return elsewhere;
  const zip = zipOfSource(Runtime, ZipFile);
  if (zip === undefined)
    throw new Fault("InvalidParameterValueException", "ZipFile can only be used when Runtime is set to either of nodejs or python.", 400);
  return { ZipFile: zip };
};

/** What both CreateFunction and UpdateFunctionConfiguration take. */
const configurationMembers = [
  "Description",
  "Environment",
  "EphemeralStorage",
  "Handler",
  "ImageConfig",
  "Layers",
  "LoggingConfig",
  "MemorySize",
  "Role",
  "Runtime",
  "Timeout",
  "TracingConfig",
] as const;

const configurationOf = (values: FunctionValues) =>
  Object.fromEntries(configurationMembers.map((name) => [name, values[name]] as const).filter(([, value]) => value !== undefined));

/** A member that a template no longer has goes back to its default; leaving it out of the request would keep it. */
const defaultsFor = (functionName: string) => ({
  Description: "",
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  ImageConfig: {},
  Layers: [],
  LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${functionName}` },
  MemorySize: 128,
  Timeout: 3,
  TracingConfig: { Mode: "PassThrough" },
});

const pollMs = 50;
const mostPolls = 12_000;

/** Waits until a function is ready to be called and changed. */
const untilReady = async (name: string, { call, pause }: ResourceContext): Promise<Configuration> => {
  for (let polls = 0; polls < mostPolls; polls++) {
    const found = await call("lambda", "GetFunctionConfiguration", { FunctionName: name });
    if (found.State === "Failed") throw new Fault("InvalidRequest", found.StateReason ?? "The function could not be made ready.", 400);
    if (found.LastUpdateStatus === "Failed") throw new Fault("InvalidRequest", found.LastUpdateStatusReason ?? "The update failed.", 400);
    if (found.State !== "Pending" && found.LastUpdateStatus !== "InProgress") return found;
    await pause(pollMs);
  }
  throw new Fault("NotStabilized", "Exceeded attempts to wait", 400);
};

const setConcurrency = async (call: ResourceContext["call"], FunctionName: string, wanted: number | undefined): Promise<void> => {
  if (wanted === undefined) await call("lambda", "DeleteFunctionConcurrency", { FunctionName });
  else await call("lambda", "PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions: wanted });
};

const lambdaFunction = resourceType({
  name: "AWS::Lambda::Function",
  properties: functionProperties,
  attributes: ["Arn"],
  create: async ({ properties, isRepeated }, context) => {
    const { call } = context;
    const name = properties.FunctionName ?? context.name({ longest: 64 });
    const { Architectures, PackageType, Code, Tags } = properties;
    const input = {
      ...configurationOf(properties),
      FunctionName: name,
      Architectures: Architectures && [...Architectures],
      Code: codeOf(properties),
      PackageType: PackageType ?? (Code.ImageUri === undefined ? "Zip" : "Image"),
      Tags: Tags && tagMap(Tags),
    };
    const made = call("lambda", "CreateFunction", input as InputOf<"lambda", "CreateFunction">);
    await accepting(made, /^ResourceConflictException$/, isRepeated);
    await context.created(name);
    if (properties.ReservedConcurrentExecutions !== undefined) await setConcurrency(call, name, properties.ReservedConcurrentExecutions);
    const { FunctionArn = "" } = await untilReady(name, context);
    return { physicalId: name, attributes: { Arn: FunctionArn } };
  },
  update: async ({ properties }, { physicalId, properties: before }, context) => {
    const { call } = context;
    await untilReady(physicalId, context);
    const isNewCode = JSON.stringify([before.Code, before.Architectures]) !== JSON.stringify([properties.Code, properties.Architectures]);
    if (isNewCode) {
      const code = {
        FunctionName: physicalId,
        ...codeOf(properties),
        Architectures: properties.Architectures && [...properties.Architectures],
      };
      await call("lambda", "UpdateFunctionCode", code as InputOf<"lambda", "UpdateFunctionCode">);
      await untilReady(physicalId, context);
    }
    const dropped = Object.entries(defaultsFor(physicalId)).filter(
      ([name]) => Object.hasOwn(before, name) && !Object.hasOwn(properties, name),
    );
    const configuration = { ...Object.fromEntries(dropped), ...configurationOf(properties) };
    if (JSON.stringify(configuration) !== JSON.stringify(configurationOf(before))) {
      const input = { FunctionName: physicalId, ...configuration };
      await call("lambda", "UpdateFunctionConfiguration", input as InputOf<"lambda", "UpdateFunctionConfiguration">);
    }
    if (before.ReservedConcurrentExecutions !== properties.ReservedConcurrentExecutions)
      await setConcurrency(call, physicalId, properties.ReservedConcurrentExecutions);
    const { FunctionArn = "" } = await untilReady(physicalId, context);
    const { set, gone } = tagChanges(before.Tags, properties.Tags);
    if (gone.length > 0) await call("lambda", "UntagResource", { Resource: FunctionArn, TagKeys: gone });
    if (set.length > 0) await call("lambda", "TagResource", { Resource: FunctionArn, Tags: tagMap(set) });
    return { physicalId, attributes: { Arn: FunctionArn } };
  },
  remove: ({ physicalId }, { call }) =>
    accepting(call("lambda", "DeleteFunction", { FunctionName: physicalId }), /^ResourceNotFoundException$/),
});

const permission = resourceType({
  name: "AWS::Lambda::Permission",
  properties: {
    Action: required(replacing(text())),
    EventSourceToken: replacing(text()),
    FunctionName: required(replacing(text())),
    FunctionUrlAuthType: replacing(text()),
    Principal: required(replacing(text())),
    PrincipalOrgID: replacing(text()),
    SourceAccount: replacing(text()),
    SourceArn: replacing(text()),
  },
  create: async ({ properties, isRepeated }, { call, name }) => {
    const StatementId = name({ longest: 100 });
    const input = { ...properties, StatementId } as InputOf<"lambda", "AddPermission">;
    await accepting(call("lambda", "AddPermission", input), /^ResourceConflictException$/, isRepeated);
    return { physicalId: StatementId };
  },
  remove: ({ physicalId, properties: { FunctionName } }, { call }) =>
    accepting(call("lambda", "RemovePermission", { FunctionName, StatementId: physicalId }), /^ResourceNotFoundException$/),
});

const version = resourceType({
  name: "AWS::Lambda::Version",
  properties: { CodeSha256: replacing(text()), Description: replacing(text()), FunctionName: required(replacing(text())) },
  attributes: ["FunctionArn", "Version"],
  create: async ({ properties: { FunctionName, Description, CodeSha256 } }, { call }) => {
    const { FunctionArn = "", Version = "" } = await call("lambda", "PublishVersion", { FunctionName, Description, CodeSha256 });
    return { physicalId: FunctionArn, attributes: { FunctionArn, Version } };
  },
  remove: ({ physicalId }, { call }) =>
    accepting(call("lambda", "DeleteFunction", { FunctionName: physicalId }), /^ResourceNotFoundException$/),
});

const alias = resourceType({
  name: "AWS::Lambda::Alias",
  properties: {
    Description: text(),
    FunctionName: required(replacing(text())),
    FunctionVersion: required(text()),
    Name: required(replacing(text())),
  },
  attributes: ["AliasArn"],
  create: async ({ properties, isRepeated }, { call }) => {
    await accepting(call("lambda", "CreateAlias", properties), /^ResourceConflictException$/, isRepeated);
    const { FunctionName, Name } = properties;
    const { AliasArn = "" } = await call("lambda", "GetAlias", { FunctionName, Name });
    return { physicalId: AliasArn, attributes: { AliasArn } };
  },
  update: async ({ properties }, { physicalId, attributes }, { call }) => {
    await call("lambda", "UpdateAlias", { ...properties, Description: properties.Description ?? "" });
    return { physicalId, attributes };
  },
  remove: ({ properties: { FunctionName, Name } }, { call }) =>
    accepting(call("lambda", "DeleteAlias", { FunctionName, Name }), /^ResourceNotFoundException$/),
});

export const resourceTypes = [lambdaFunction, permission, version, alias];
