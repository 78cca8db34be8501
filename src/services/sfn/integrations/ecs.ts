import type { Task } from "@aws-sdk/client-ecs";
import type { InputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { callTarget, operationOf, refused, tell } from "./call.ts";
import type { Job } from "./job.ts";
import { toInput } from "./shapes.ts";
import { TaskFault } from "./task-fault.ts";

type Started = { cluster: string | undefined; taskArn: string };

const pollMs = [50, 100, 250, 500, 1000] as const;

/** `arn:aws:states:::ecs:runTask`, `.waitForTaskToken`, and `.sync`, which waits until the task has stopped. */
export const runEcsTask = async (job: Job): Promise<Json> => {
  if (job.resource.pattern === "sync")
    return untilStopped(job.known === undefined ? await start(job) : (JSON.parse(job.known) as Started), job);
  const answer = await callTarget(job);
  if (job.resource.pattern === "token") refuseFailures(answer);
  return answer;
};

const start = async (job: Job): Promise<Started> => {
  const { cluster } = toInput(operationOf(job).input, job.input, job.naming) as InputOf<"ecs", "RunTask">;
  const answer = await callTarget({ ...job, input: { ...job.input, StartedBy: "AWS Step Functions" } });
  const [taskArn] = refuseFailures(answer);
  if (taskArn === undefined) throw new TaskFault("AmazonECS.Unknown", JSON.stringify(answer));
  const started = { cluster, taskArn };
  await job.started(JSON.stringify(started), answer);
  return started;
};

/** What could not be placed is told in an answer that is none to a request response, but fails a task that waits. */
const refuseFailures = (answer: Json): string[] => {
  const { Failures = [], Tasks = [] } = answer as { Failures?: Json[]; Tasks?: { TaskArn?: string }[] };
  if (Failures.length > 0) throw new TaskFault("AmazonECS.Unknown", JSON.stringify(answer));
  return Tasks.flatMap(({ TaskArn }) => TaskArn ?? []);
};

const untilStopped = async ({ cluster, taskArn }: Started, job: Job): Promise<Json> => {
  for (let polls = 0; ; polls++) {
    if (job.signal.aborted) {
      await job.call("ecs", "StopTask", { cluster, task: taskArn, reason: "The execution no longer waits for it." });
      throw new TaskFault("States.TaskFailed", "The task was stopped.");
    }
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const { tasks: [task] = [] } = await job.call("ecs", "DescribeTasks", { cluster, tasks: [taskArn] }).catch(refused(job));
    if (task === undefined) throw new TaskFault("States.TaskFailed", `The task ${taskArn} is gone.`);
    if (task.lastStatus === "STOPPED") return ended(task, job); // oxlint-disable-line no-await-in-loop
    // oxlint-disable-next-line no-await-in-loop
    await job.pause(pollMs[Math.min(polls, pollMs.length - 1)] ?? 1000);
  }
};

const ended = async (task: Task, job: Job): Promise<Json> => {
  const { Tasks: [told = {}] = [] } = (await tell(job, "DescribeTasks", { tasks: [task] })) as { Tasks?: Json[] };
  const containers = task.containers ?? [];
  const hasFailed = task.stopCode !== "EssentialContainerExited" || containers.some(({ exitCode }) => exitCode !== 0);
  if (hasFailed) throw new TaskFault("States.TaskFailed", JSON.stringify(told));
  return told;
};
