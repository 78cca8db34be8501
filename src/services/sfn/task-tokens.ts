import type { ExecutionRecord, TaskRecord } from "./execution-rows.ts";
import { invalidOutput, invalidToken, taskTimedOut } from "./faults.ts";
import type { PendingTask } from "./language/interpreter/execution.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

/** The task that a token was given for, while its execution waits for it. */
export const pendingTask = ({ key, token }: TaskRecord, found: ExecutionRecord | undefined): PendingTask | undefined => {
  const thread = found?.execution.threads[key.slice(0, key.indexOf("-"))];
  if (found?.execution.status !== "RUNNING" || thread?.phase.kind !== "task") return undefined;
  return thread.phase.task.token === token ? thread.phase.task : undefined;
};

const requireTask = async (token: string, { taskRows, executions }: SfnContext): Promise<TaskRecord> => {
  const task = await taskRows.find(token);
  if (!task) throw invalidToken();
  if (!pendingTask(task, await executions.find(task.executionArn))) throw taskTimedOut();
  return task;
};

export const SendTaskSuccess: Sfn["SendTaskSuccess"] = async ({ taskToken, output }, context) => {
  try {
    JSON.parse(output);
  } catch (error) {
    throw invalidOutput((error as SyntaxError).message);
  }
  const { executionArn, key } = await requireTask(taskToken, context);
  await context.workflows.tell(executionArn, { kind: "taskSucceeded", key, output });
  return {};
};

export const SendTaskFailure: Sfn["SendTaskFailure"] = async ({ taskToken, error, cause }, context) => {
  const { executionArn, key } = await requireTask(taskToken, context);
  const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  await context.workflows.tell(executionArn, { kind: "taskFailed", key, ...reason });
  return {};
};

export const SendTaskHeartbeat: Sfn["SendTaskHeartbeat"] = async ({ taskToken }, context) => {
  const { executionArn, key } = await requireTask(taskToken, context);
  await context.workflows.tell(executionArn, { kind: "taskHeartbeat", key });
  return {};
};
