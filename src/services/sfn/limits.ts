import type { Constraints } from "#wire/check.ts";

const arn = { minLength: 1, maxLength: 256 };
const name = { minLength: 1, maxLength: 80 };
const payload = { maxLength: 262_144 };
const definition = { minLength: 1, maxLength: 1_048_576 };
const page = { min: 0, max: 1000 };
const type = { enum: ["STANDARD", "EXPRESS"] };
const reason = { error: { maxLength: 256 }, cause: { maxLength: 32_768 } };

/** Members whose limits AWS's API reference states. */
export const constraints: Readonly<Record<string, Constraints>> = {
  CreateStateMachine: { name, definition, type, roleArn: arn, versionDescription: { maxLength: 256 } },
  UpdateStateMachine: { stateMachineArn: arn, definition, roleArn: arn, versionDescription: { maxLength: 256 } },
  DescribeStateMachine: { stateMachineArn: arn },
  DeleteStateMachine: { stateMachineArn: arn },
  ListStateMachines: { maxResults: page },
  ValidateStateMachineDefinition: { definition, type, severity: { enum: ["ERROR", "WARNING"] }, maxResults: { min: 0, max: 100 } },
  StartExecution: { stateMachineArn: arn, name, input: payload },
  StartSyncExecution: { stateMachineArn: arn, name, input: payload },
  DescribeExecution: { executionArn: arn },
  StopExecution: { executionArn: arn, ...reason },
  ListExecutions: {
    stateMachineArn: arn,
    maxResults: page,
    statusFilter: { enum: ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] },
    redriveFilter: { enum: ["REDRIVEN", "NOT_REDRIVEN"] },
  },
  GetExecutionHistory: { executionArn: arn, maxResults: page },
  TestState: {
    definition,
    roleArn: arn,
    input: payload,
    inspectionLevel: { enum: ["INFO", "DEBUG", "TRACE"] },
    variables: payload,
    stateName: name,
    context: payload,
    "mock.result": payload,
    "mock.errorOutput.error": reason.error,
    "mock.errorOutput.cause": reason.cause,
    "mock.fieldValidationMode": { enum: ["STRICT", "PRESENT", "NONE"] },
    "stateConfiguration.retrierRetryCount": { min: 0 },
    "stateConfiguration.errorCausedByState": name,
    "stateConfiguration.mapIterationFailureCount": { min: 0 },
    "stateConfiguration.mapItemReaderData": payload,
  },
  CreateActivity: { name },
  DescribeActivity: { activityArn: arn },
  DeleteActivity: { activityArn: arn },
  ListActivities: { maxResults: page },
  GetActivityTask: { activityArn: arn, workerName: { minLength: 1, maxLength: 80 } },
  SendTaskSuccess: { taskToken: { minLength: 1, maxLength: 2048 }, output: payload },
  SendTaskFailure: { taskToken: { minLength: 1, maxLength: 2048 }, ...reason },
  SendTaskHeartbeat: { taskToken: { minLength: 1, maxLength: 2048 } },
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
  tags: 50,
  activityPollMs: 60_000,
  defaultPage: 100,
} as const;
