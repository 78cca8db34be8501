import { Fault } from "#wire/fault.ts";
import type { OutputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { TaskFault } from "./task-fault.ts";
import type { Job } from "./tasks.ts";

const pollMs = [20, 50, 100, 250, 500, 1000] as const;

/** `arn:aws:states:::states:startExecution`, and `.sync` and `.sync:2`, which wait for its end. */
export const startNested = async (job: Job): Promise<Json> => {
  if (job.action !== "startExecution") throw new TaskFault("States.Runtime", `The action ${job.action} of states is not supported.`);
  if (job.known !== undefined) return untilEnded(job.known, job);
  const { StateMachineArn, Input, Name } = job.input;
  if (typeof StateMachineArn !== "string")
    throw new TaskFault("StepFunctions.ValidationException", "The field 'StateMachineArn' is required.");
  const input = Input === undefined ? "{}" : typeof Input === "string" ? Input : JSON.stringify(Input);
  const name = typeof Name === "string" ? { name: Name } : {};
  const answer = await job.call("sfn", "StartExecution", { stateMachineArn: StateMachineArn, input, ...name }).catch(refused);
  const told = { ExecutionArn: answer.executionArn ?? "", StartDate: answer.startDate?.getTime() ?? 0 };
  if (!job.isSync) return told;
  await job.started(told.ExecutionArn, told);
  return untilEnded(told.ExecutionArn, job);
};

const refused = (error: unknown): never => {
  if (!(error instanceof Fault)) throw error;
  throw new TaskFault(
    `StepFunctions.${error.code}Exception`.replace(/ExceptionException$/, "Exception"),
    `${error.message} (Service: AWSStepFunctions; Status Code: ${error.status ?? 400}; Error Code: ${error.code})`,
  );
};

const untilEnded = async (executionArn: string, job: Job): Promise<Json> => {
  for (let polls = 0; ; polls++) {
    if (job.signal.aborted) {
      await job.call("sfn", "StopExecution", { executionArn });
      throw new TaskFault("States.TaskFailed", "The nested execution was stopped.");
    }
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const found = await job.call("sfn", "DescribeExecution", { executionArn });
    if (found.status !== "RUNNING") {
      const told = describe(found, job.suffixed.endsWith(":2"));
      if (found.status !== "SUCCEEDED") throw new TaskFault("States.TaskFailed", JSON.stringify(told));
      return told;
    }
    // oxlint-disable-next-line no-await-in-loop
    await job.pause(pollMs[Math.min(polls, pollMs.length - 1)] ?? 1000);
  }
};

const describe = (found: OutputOf<"sfn", "DescribeExecution">, asJson: boolean): Json => {
  const text = (data: string | undefined): Json => (asJson && data !== undefined ? (JSON.parse(data) as Json) : (data ?? null));
  return {
    ...(found.cause === undefined ? {} : { Cause: found.cause }),
    ...(found.error === undefined ? {} : { Error: found.error }),
    ExecutionArn: found.executionArn ?? "",
    Input: text(found.input),
    InputDetails: { Included: true },
    Name: found.name ?? "",
    ...(found.output === undefined ? {} : { Output: text(found.output), OutputDetails: { Included: true } }),
    RedriveCount: found.redriveCount ?? 0,
    StartDate: found.startDate?.getTime() ?? 0,
    StateMachineArn: found.stateMachineArn ?? "",
    Status: found.status ?? "",
    StopDate: found.stopDate?.getTime() ?? 0,
  };
};
