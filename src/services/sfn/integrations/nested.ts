import type { OutputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { executionArn, parseMachineArn } from "../arns.ts";
import { callTarget, refused, tell } from "./call.ts";
import type { Job } from "./job.ts";
import { metadataOf } from "./metadata.ts";
import { sorted } from "./shapes.ts";
import { TaskFault } from "./task-fault.ts";

const pollMs = [20, 50, 100, 250, 500, 1000] as const;

/** `arn:aws:states:::states:startExecution`, `.waitForTaskToken`, and `.sync` and `.sync:2`, which wait for its end. */
export const startNested = async (job: Job): Promise<Json> => {
  if (job.known !== undefined) return untilEnded(job.known, job);
  const answer = await begin(job);
  if (job.resource.pattern !== "sync") return answer;
  const { ExecutionArn: arn } = answer as { ExecutionArn: string };
  await job.started(arn, answer);
  return untilEnded(arn, job);
};

/** One without a name is named by the task: done again after a crash, the task finds the execution that it has begun, which may have ended. */
const begin = async (job: Job): Promise<Json> => {
  if ("Name" in job.input) return callTarget(job);
  try {
    return await callTarget({ ...job, input: { ...job.input, Name: job.onceId } });
  } catch (error) {
    const { StateMachineArn: machine } = job.input;
    if (!(error instanceof TaskFault) || !error.error.endsWith(".ExecutionAlreadyExistsException") || typeof machine !== "string")
      throw error;
    const arn = executionArn(parseMachineArn(machine).machineArn, job.onceId);
    const { startDate } = await job.call("sfn", "DescribeExecution", { executionArn: arn }).catch(refused(job));
    return sorted({ ...(await tell(job, "StartExecution", { executionArn: arn, startDate })), ...metadataOf(job) });
  }
};

const untilEnded = async (executionArn: string, job: Job): Promise<Json> => {
  for (let polls = 0; ; polls++) {
    if (job.signal.aborted) {
      await job.call("sfn", "StopExecution", { executionArn });
      throw new TaskFault("States.TaskFailed", "The nested execution was stopped.");
    }
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const found = await job.call("sfn", "DescribeExecution", { executionArn }).catch(refused(job));
    if (found.status !== "RUNNING") return ended(found, job); // oxlint-disable-line no-await-in-loop
    // oxlint-disable-next-line no-await-in-loop
    await job.pause(pollMs[Math.min(polls, pollMs.length - 1)] ?? 1000);
  }
};

/** What `.sync` tells as texts, `.sync:2` tells as values; a failure's cause has texts always. */
const ended = async (found: OutputOf<"sfn", "DescribeExecution">, job: Job): Promise<Json> => {
  const told = await tell(job, "DescribeExecution", found);
  if (found.status !== "SUCCEEDED") throw new TaskFault("States.TaskFailed", JSON.stringify(told));
  if (!job.resource.call.endsWith(":2")) return told;
  const values = Object.entries({ Input: found.input, Output: found.output }).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, JSON.parse(text) as Json] as const],
  );
  return { ...told, ...Object.fromEntries(values) };
};
