import type { State } from "../definition.ts";

/** Details of an event that holds data; nothing is truncated here, the API does that. */
type DataDetails = { readonly truncated: boolean };
type Failed = { readonly error?: string; readonly cause?: string };
type Called = { readonly resourceType: string; readonly resource: string };
type Output = { readonly output: string; readonly outputDetails: DataDetails };
type Input = { readonly input: string; readonly inputDetails: DataDetails };
type Credentials = { readonly taskCredentials?: { readonly roleArn?: string } };

/** The details of each kind of event, by the member that holds them in a HistoryEvent. */
export type Details = {
  readonly executionStartedEventDetails: Input & {
    readonly roleArn: string;
    readonly stateMachineAliasArn?: string;
    readonly stateMachineVersionArn?: string;
  };
  readonly executionSucceededEventDetails: Output;
  readonly executionFailedEventDetails: Failed;
  readonly executionAbortedEventDetails: Failed;
  readonly executionTimedOutEventDetails: Failed;
  readonly executionRedrivenEventDetails: { readonly redriveCount: number };
  readonly stateEnteredEventDetails: Input & { readonly name: string };
  readonly stateExitedEventDetails: Output & {
    readonly name: string;
    readonly assignedVariables?: Readonly<Record<string, string>>;
    readonly assignedVariablesDetails?: DataDetails;
  };
  readonly evaluationFailedEventDetails: Failed & { readonly location?: string; readonly state: string };
  readonly taskScheduledEventDetails: Called &
    Credentials & {
      readonly region: string;
      readonly parameters: string;
      readonly timeoutInSeconds?: number;
      readonly heartbeatInSeconds?: number;
    };
  readonly taskStartedEventDetails: Called;
  readonly taskStartFailedEventDetails: Called & Failed;
  readonly taskSubmittedEventDetails: Called & Output;
  readonly taskSubmitFailedEventDetails: Called & Failed;
  readonly taskSucceededEventDetails: Called & Output;
  readonly taskFailedEventDetails: Called & Failed;
  readonly taskTimedOutEventDetails: Called & Failed;
  readonly lambdaFunctionScheduledEventDetails: Input & Credentials & { readonly resource: string; readonly timeoutInSeconds?: number };
  readonly lambdaFunctionScheduleFailedEventDetails: Failed;
  readonly lambdaFunctionStartFailedEventDetails: Failed;
  readonly lambdaFunctionSucceededEventDetails: Output;
  readonly lambdaFunctionFailedEventDetails: Failed;
  readonly lambdaFunctionTimedOutEventDetails: Failed;
  readonly activityScheduledEventDetails: Input & {
    readonly resource: string;
    readonly timeoutInSeconds?: number;
    readonly heartbeatInSeconds?: number;
  };
  readonly activityScheduleFailedEventDetails: Failed;
  readonly activityStartedEventDetails: { readonly workerName?: string };
  readonly activitySucceededEventDetails: Output;
  readonly activityFailedEventDetails: Failed;
  readonly activityTimedOutEventDetails: Failed;
  readonly mapStateStartedEventDetails: { readonly length: number };
  readonly mapIterationStartedEventDetails: { readonly name: string; readonly index: number };
  readonly mapIterationSucceededEventDetails: { readonly name: string; readonly index: number };
  readonly mapIterationFailedEventDetails: { readonly name: string; readonly index: number };
  readonly mapIterationAbortedEventDetails: { readonly name: string; readonly index: number };
  readonly mapRunStartedEventDetails: { readonly mapRunArn: string };
  readonly mapRunFailedEventDetails: Failed;
  readonly mapRunRedrivenEventDetails: { readonly mapRunArn: string; readonly redriveCount: number };
};

type StateType = State["type"];

/** Every kind of event that GetExecutionHistory tells. */
export type HistoryEventType =
  | `Execution${"Started" | "Succeeded" | "Failed" | "Aborted" | "TimedOut" | "Redriven"}`
  | `${StateType}StateEntered`
  | `${Exclude<StateType, "Fail">}StateExited`
  | `${"Task" | "Wait" | "Map" | "Parallel"}StateAborted`
  | `${"Map" | "Parallel"}State${"Started" | "Succeeded" | "Failed"}`
  | `MapIteration${"Started" | "Succeeded" | "Failed" | "Aborted"}`
  | `MapRun${"Started" | "Succeeded" | "Failed" | "Aborted" | "Redriven"}`
  | `Task${"Scheduled" | "Started" | "StartFailed" | "Submitted" | "SubmitFailed" | "Succeeded" | "Failed" | "TimedOut"}`
  | `LambdaFunction${"Scheduled" | "ScheduleFailed" | "Started" | "StartFailed" | "Succeeded" | "Failed" | "TimedOut"}`
  | `Activity${"Scheduled" | "ScheduleFailed" | "Started" | "Succeeded" | "Failed" | "TimedOut"}`
  | "EvaluationFailed";

/** An event as GetExecutionHistory answers it, its time in milliseconds. */
export type HistoryEvent = {
  readonly timestamp: number;
  readonly type: HistoryEventType;
  readonly id: number;
  readonly previousEventId: number;
} & Partial<Details>;

export const whole: DataDetails = { truncated: false };
