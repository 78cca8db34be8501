import type { Constraints } from "#wire/check.ts";

const arn = { minLength: 1, maxLength: 256 };
/** ARNs with a name, an execution's or a Map state's behind that of the state machine. */
const longArn = { minLength: 1, maxLength: 2000 };
const name = { minLength: 1, maxLength: 80 };
const data = { maxBytes: 262_144, hidden: true };
const definition = { minLength: 1, maxLength: 1_048_576, hidden: true };
const description = { maxLength: 256 };
const type = { enum: ["STANDARD", "EXPRESS"] };
const reason = { error: { maxLength: 256, hidden: true }, cause: { maxLength: 32_768, hidden: true } };
const includedData = { enum: ["ALL_DATA", "METADATA_ONLY"] };
const taskToken = { minLength: 1, maxLength: 2048 };
const traceHeader = { maxLength: 256 };
const tags = { "tags.key": { minLength: 1, maxLength: 128 }, "tags.value": { maxLength: 256 } };
const page = { maxResults: { min: 0, max: 1000 }, nextToken: { minLength: 1, maxLength: 1024 } };
const longPage = { ...page, nextToken: { minLength: 1, maxLength: 3096 } };
const encryption = {
  "encryptionConfiguration.type": { enum: ["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"] },
  "encryptionConfiguration.kmsKeyId": { minLength: 1, maxLength: 2048 },
  "encryptionConfiguration.kmsDataKeyReusePeriodSeconds": { min: 60, max: 900 },
};
const settings = {
  "loggingConfiguration.level": { enum: ["ALL", "ERROR", "FATAL", "OFF"] },
  "loggingConfiguration.destinations.cloudWatchLogsLogGroup.logGroupArn": { minLength: 1, maxLength: 256 },
  ...encryption,
};
const routing = {
  "routingConfiguration.stateMachineVersionArn": arn,
  "routingConfiguration.weight": { min: 0, max: 100 },
};

/** Members whose limits AWS's API reference states. */
export const constraints: Readonly<Record<string, Constraints>> = {
  CreateStateMachine: { name, definition, type, roleArn: arn, versionDescription: description, ...tags, ...settings },
  UpdateStateMachine: { stateMachineArn: arn, definition, roleArn: arn, versionDescription: description, ...settings },
  DescribeStateMachine: { stateMachineArn: arn, includedData },
  DescribeStateMachineForExecution: { executionArn: longArn, includedData },
  DeleteStateMachine: { stateMachineArn: arn },
  ListStateMachines: page,
  ValidateStateMachineDefinition: { definition, type, severity: { enum: ["ERROR", "WARNING"] }, maxResults: { min: 0, max: 100 } },
  PublishStateMachineVersion: { stateMachineArn: arn, description },
  ListStateMachineVersions: { stateMachineArn: arn, ...page },
  DeleteStateMachineVersion: { stateMachineVersionArn: longArn },
  CreateStateMachineAlias: { name, description, ...routing },
  UpdateStateMachineAlias: { stateMachineAliasArn: arn, description, ...routing },
  DescribeStateMachineAlias: { stateMachineAliasArn: arn },
  DeleteStateMachineAlias: { stateMachineAliasArn: arn },
  ListStateMachineAliases: { stateMachineArn: arn, ...page },
  StartExecution: { stateMachineArn: arn, name, input: data, traceHeader },
  StartSyncExecution: { stateMachineArn: arn, name, input: data, traceHeader, includedData },
  DescribeExecution: { executionArn: longArn, includedData },
  StopExecution: { executionArn: longArn, ...reason },
  RedriveExecution: { executionArn: longArn, clientToken: { minLength: 1, maxLength: 64, pattern: /^[!-~]+$/ } },
  ListExecutions: {
    stateMachineArn: arn,
    mapRunArn: longArn,
    statusFilter: { enum: ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] },
    redriveFilter: { enum: ["REDRIVEN", "NOT_REDRIVEN"] },
    ...longPage,
  },
  GetExecutionHistory: { executionArn: longArn, ...longPage },
  DescribeMapRun: { mapRunArn: longArn },
  ListMapRuns: { executionArn: longArn, ...longPage },
  UpdateMapRun: {
    mapRunArn: longArn,
    maxConcurrency: { min: 0 },
    toleratedFailureCount: { min: 0 },
    toleratedFailurePercentage: { min: 0, max: 100 },
  },
  TestState: {
    definition,
    roleArn: arn,
    input: data,
    inspectionLevel: { enum: ["INFO", "DEBUG", "TRACE"] },
    variables: data,
    stateName: name,
    context: data,
    "mock.result": data,
    "mock.errorOutput.error": reason.error,
    "mock.errorOutput.cause": reason.cause,
    "mock.fieldValidationMode": { enum: ["STRICT", "PRESENT", "NONE"] },
    "stateConfiguration.retrierRetryCount": { min: 0 },
    "stateConfiguration.errorCausedByState": name,
    "stateConfiguration.mapIterationFailureCount": { min: 0 },
    "stateConfiguration.mapItemReaderData": data,
  },
  CreateActivity: { name, ...tags, ...encryption },
  DescribeActivity: { activityArn: arn },
  DeleteActivity: { activityArn: arn },
  ListActivities: page,
  GetActivityTask: { activityArn: arn, workerName: name },
  SendTaskSuccess: { taskToken, output: data },
  SendTaskFailure: { taskToken, ...reason },
  SendTaskHeartbeat: { taskToken },
  TagResource: { resourceArn: arn, ...tags },
  UntagResource: { resourceArn: arn, tagKeys: { minLength: 1, maxLength: 128 } },
  ListTagsForResource: { resourceArn: arn },
};

const dayMs = 86_400_000;

export const quotas = {
  historyEvents: 25_000,
  standardSeconds: 31_536_000,
  expressSeconds: 300,
  /** A finished execution is kept, and its name taken, for so long. */
  retentionMs: 90 * dayMs,
  redriveMs: 14 * dayMs,
  redrives: 1000,
  redriveTokenMs: 900_000,
  tags: 50,
  versions: 1000,
  aliases: 100,
  activityPollers: 1000,
  activityPollMs: 60_000,
  defaultPage: 100,
} as const;
