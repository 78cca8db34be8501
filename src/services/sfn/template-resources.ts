import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import type { InputOf } from "#wire/operation.ts";
import { Fault } from "#wire/fault.ts";
import {
  accepting,
  document,
  flag,
  integer,
  list,
  map,
  replacing,
  required,
  resourceType,
  struct,
  tagChanges,
  tags,
  text,
} from "../resource-type.ts";
import type { ResourceContext, ValuesOf } from "../resource-type.ts";
import { activityArn, machineArn } from "./arns.ts";
import { refuseExisting } from "./template-existing.ts";
import { versionResourceTypes } from "./template-versions.ts";

const encryption = struct({ KmsDataKeyReusePeriodSeconds: integer(), KmsKeyId: text(), Type: required(text()) });

const machineProperties = {
  Definition: document(),
  DefinitionS3Location: struct({ Bucket: required(text()), Key: required(text()), Version: text() }),
  DefinitionString: text(),
  DefinitionSubstitutions: map(text()),
  EncryptionConfiguration: encryption,
  LoggingConfiguration: struct({
    Destinations: list(struct({ CloudWatchLogsLogGroup: struct({ LogGroupArn: text() }) })),
    IncludeExecutionData: flag(),
    Level: text(),
  }),
  RoleArn: required(text()),
  StateMachineName: replacing(text()),
  StateMachineType: replacing(text()),
  Tags: tags(),
  TracingConfiguration: struct({ Enabled: flag() }),
};

type MachineValues = ValuesOf<typeof machineProperties>;

const read = async ({ Bucket, Key, Version }: NonNullable<MachineValues["DefinitionS3Location"]>, call: ResourceContext["call"]) => {
  const { Body } = await call("s3", "GetObject", { Bucket, Key, ...(Version === undefined ? {} : { VersionId: Version }) });
  return (Body instanceof Readable ? await buffer(Body) : Buffer.from(Body ?? new Uint8Array())).toString("utf8");
};

/** Keys may have any characters that a brace does not end. */
const substitute = (definition: string, substitutions: NonNullable<MachineValues["DefinitionSubstitutions"]>): string =>
  definition.replaceAll(/\$\{([^{}]+)\}/g, (all, name: string) => (Object.hasOwn(substitutions, name) ? String(substitutions[name]) : all));

/** What lies in a bucket may be YAML. */
const toJson = async (definition: string): Promise<string> => {
  try {
    JSON.parse(definition);
    return definition;
  } catch {
    const { parse } = await import("yaml");
    try {
      return JSON.stringify(parse(definition));
    } catch {
      throw new Fault("InvalidRequest", "Invalid StateMachine definition: it must be a JSON or YAML file.", 400);
    }
  }
};

/** The definition as text, with `${name}` replaced by what the template substitutes. */
const definitionOf = async (values: MachineValues, call: ResourceContext["call"]): Promise<string> => {
  const { Definition, DefinitionString, DefinitionS3Location, DefinitionSubstitutions = {} } = values;
  const sources = [Definition, DefinitionString, DefinitionS3Location].filter((source) => source !== undefined);
  if (sources.length !== 1)
    throw new Fault("InvalidRequest", "Exactly one of Definition, DefinitionString and DefinitionS3Location must be specified.", 400);
  if (DefinitionS3Location !== undefined) return toJson(substitute(await read(DefinitionS3Location, call), DefinitionSubstitutions));
  return substitute(DefinitionString ?? JSON.stringify(Definition), DefinitionSubstitutions);
};

const encryptionOf = (values: ValuesOf<{ Encryption: typeof encryption }>["Encryption"]) =>
  values && {
    encryptionConfiguration: {
      type: values.Type,
      kmsKeyId: values.KmsKeyId,
      kmsDataKeyReusePeriodSeconds: values.KmsDataKeyReusePeriodSeconds,
    },
  };

const settingsOf = ({ LoggingConfiguration: logging, TracingConfiguration: tracing, EncryptionConfiguration }: MachineValues) => ({
  ...encryptionOf(EncryptionConfiguration),
  ...(logging && {
    loggingConfiguration: {
      level: logging.Level ?? "OFF",
      includeExecutionData: logging.IncludeExecutionData ?? false,
      destinations: (logging.Destinations ?? []).map(({ CloudWatchLogsLogGroup: group }) => ({
        cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
      })),
    },
  }),
  ...(tracing && { tracingConfiguration: { enabled: tracing.Enabled ?? false } }),
});

const toTags = (values: MachineValues["Tags"]) => (values ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));

const changeTags = async (arn: string, [before, after]: [MachineValues["Tags"], MachineValues["Tags"]], call: ResourceContext["call"]) => {
  const { set, gone } = tagChanges(before, after);
  if (gone.length > 0) await call("sfn", "UntagResource", { resourceArn: arn, tagKeys: gone });
  if (set.length > 0) await call("sfn", "TagResource", { resourceArn: arn, tags: toTags(set) });
};

const describe = async (arn: string, call: ResourceContext["call"]) => {
  const { name = "", revisionId = "INITIAL" } = await call("sfn", "DescribeStateMachine", {
    stateMachineArn: arn,
    includedData: "METADATA_ONLY",
  });
  return { physicalId: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId } };
};

const stateMachine = resourceType({
  name: "AWS::StepFunctions::StateMachine",
  properties: machineProperties,
  attributes: ["Arn", "Name", "StateMachineRevisionId"],
  create: async ({ properties, isRepeated }, context) => {
    const { call, region, accountId: account } = context;
    const { StateMachineName, StateMachineType, RoleArn, Tags } = properties;
    const name = StateMachineName ?? context.name({ longest: 80 });
    const arn = machineArn({ region, account }, name);
    if (!isRepeated)
      await refuseExisting(arn, call("sfn", "DescribeStateMachine", { stateMachineArn: arn, includedData: "METADATA_ONLY" }));
    const input = {
      name,
      type: StateMachineType ?? "STANDARD",
      definition: await definitionOf(properties, call),
      roleArn: RoleArn,
      tags: toTags(Tags),
      ...settingsOf(properties),
    };
    await call("sfn", "CreateStateMachine", input as InputOf<"sfn", "CreateStateMachine">);
    return describe(arn, call);
  },
  update: async ({ properties }, { physicalId, properties: before }, { call }) => {
    const input = {
      stateMachineArn: physicalId,
      definition: await definitionOf(properties, call),
      roleArn: properties.RoleArn,
      ...settingsOf(properties),
    };
    await call("sfn", "UpdateStateMachine", input as InputOf<"sfn", "UpdateStateMachine">);
    await changeTags(physicalId, [before.Tags, properties.Tags], call);
    return describe(physicalId, call);
  },
  remove: ({ physicalId }, { call }) =>
    accepting(call("sfn", "DeleteStateMachine", { stateMachineArn: physicalId }), /^StateMachineDoesNotExist$/),
});

const activity = resourceType({
  name: "AWS::StepFunctions::Activity",
  properties: { EncryptionConfiguration: replacing(encryption), Name: required(replacing(text())), Tags: tags() },
  attributes: ["Arn", "Name"],
  create: async ({ properties: { Name, Tags, EncryptionConfiguration }, isRepeated }, { call, region, accountId: account }) => {
    const arn = activityArn({ region, account }, Name);
    if (!isRepeated) await refuseExisting(arn, call("sfn", "DescribeActivity", { activityArn: arn }));
    const input = { name: Name, tags: toTags(Tags), ...encryptionOf(EncryptionConfiguration) };
    await call("sfn", "CreateActivity", input as InputOf<"sfn", "CreateActivity">);
    return { physicalId: arn, attributes: { Arn: arn, Name } };
  },
  update: async ({ properties }, { physicalId, properties: before, attributes }, { call }) => {
    await changeTags(physicalId, [before.Tags, properties.Tags], call);
    return { physicalId, attributes };
  },
  remove: ({ physicalId }, { call }) => accepting(call("sfn", "DeleteActivity", { activityArn: physicalId }), /^ActivityDoesNotExist$/),
});

export const resourceTypes = [activity, stateMachine, ...versionResourceTypes];
