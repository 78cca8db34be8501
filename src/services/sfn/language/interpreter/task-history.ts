import type { TaskResource } from "../resource.ts";
import type { TaskFailed } from "./events.ts";
import type { PendingTask } from "./execution.ts";
import { whole } from "./history.ts";
import type { Run } from "./run.ts";

/** The events of a task are named after what the task calls: a function, an activity, or any other service. */
type Service = TaskResource & { kind: "service" };
type Failed = { readonly error?: string; readonly cause?: string };

const called = ({ service, call }: Service) => ({ resourceType: service, resource: call });

export const recordScheduled = (run: Run, id: string, { task, roleArn }: { task: PendingTask; roleArn: string | undefined }): void => {
  const { resource, input, timeoutSeconds, heartbeatSeconds } = task;
  const timeout = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  const heartbeat = heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds };
  const credentials = roleArn === undefined ? {} : { taskCredentials: { roleArn } };
  const data = { input, inputDetails: whole };
  if (resource.kind === "lambda") {
    const details = { ...data, resource: resource.arn, ...timeout, ...credentials };
    run.record(id, "LambdaFunctionScheduled", { lambdaFunctionScheduledEventDetails: details });
  } else if (resource.kind === "activity") {
    run.record(id, "ActivityScheduled", { activityScheduledEventDetails: { ...data, resource: resource.arn, ...timeout, ...heartbeat } });
  } else {
    const { region } = run.execution.origin;
    const details = { ...called(resource), region, parameters: input, ...timeout, ...heartbeat, ...credentials };
    run.record(id, "TaskScheduled", { taskScheduledEventDetails: details });
  }
};

export const recordStarted = (run: Run, id: string, resource: TaskResource, workerName?: string): void => {
  if (resource.kind === "lambda") run.record(id, "LambdaFunctionStarted");
  else if (resource.kind === "activity") {
    run.record(id, "ActivityStarted", { activityStartedEventDetails: workerName === undefined ? {} : { workerName } });
  } else run.record(id, "TaskStarted", { taskStartedEventDetails: called(resource) });
};

export const recordSubmitted = (run: Run, id: string, resource: Service, output: string): void => {
  run.record(id, "TaskSubmitted", { taskSubmittedEventDetails: { ...called(resource), output, outputDetails: whole } });
};

export const recordSucceeded = (run: Run, id: string, resource: TaskResource, output: string): void => {
  const details = { output, outputDetails: whole };
  if (resource.kind === "lambda") run.record(id, "LambdaFunctionSucceeded", { lambdaFunctionSucceededEventDetails: details });
  else if (resource.kind === "activity") run.record(id, "ActivitySucceeded", { activitySucceededEventDetails: details });
  else run.record(id, "TaskSucceeded", { taskSucceededEventDetails: { ...called(resource), ...details } });
};

export const recordFailed = (
  run: Run,
  id: string,
  { resource, at, reason }: { resource: TaskResource; at: TaskFailed["at"]; reason: Failed },
): void => {
  if (resource.kind === "lambda") {
    if (at === "schedule") run.record(id, "LambdaFunctionScheduleFailed", { lambdaFunctionScheduleFailedEventDetails: reason });
    else if (at === "start") run.record(id, "LambdaFunctionStartFailed", { lambdaFunctionStartFailedEventDetails: reason });
    else run.record(id, "LambdaFunctionFailed", { lambdaFunctionFailedEventDetails: reason });
  } else if (resource.kind === "activity") {
    if (at === "schedule") run.record(id, "ActivityScheduleFailed", { activityScheduleFailedEventDetails: reason });
    else run.record(id, "ActivityFailed", { activityFailedEventDetails: reason });
  } else {
    const details = { ...called(resource), ...reason };
    if (at === "start") run.record(id, "TaskStartFailed", { taskStartFailedEventDetails: details });
    else if (at === "submit") run.record(id, "TaskSubmitFailed", { taskSubmitFailedEventDetails: details });
    else run.record(id, "TaskFailed", { taskFailedEventDetails: details });
  }
};

export const recordTimedOut = (run: Run, id: string, resource: TaskResource): void => {
  const reason = { error: "States.Timeout" };
  if (resource.kind === "lambda") run.record(id, "LambdaFunctionTimedOut", { lambdaFunctionTimedOutEventDetails: reason });
  else if (resource.kind === "activity") run.record(id, "ActivityTimedOut", { activityTimedOutEventDetails: reason });
  else run.record(id, "TaskTimedOut", { taskTimedOutEventDetails: { ...called(resource), ...reason } });
};
