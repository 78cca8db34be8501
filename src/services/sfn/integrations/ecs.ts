import type { Task } from "@aws-sdk/client-ecs";
import type { InputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { callSdk, lookUp, toInput, toOutput } from "./sdk-call.ts";
import { TaskFault } from "./task-fault.ts";
import type { Job } from "./tasks.ts";

type Started = { cluster: string | undefined; taskArn: string };

const pollMs = [50, 100, 250, 500, 1000] as const;

/** `arn:aws:states:::ecs:runTask`, and `.sync`, which waits until the task has stopped. */
export const runEcsTask = async (job: Job): Promise<Json> => {
  if (job.action !== "runTask") throw new TaskFault("States.Runtime", `The action ${job.action} of ecs is not supported.`);
  if (!job.isSync) return callSdk("ecs", job);
  const known = job.known === undefined ? undefined : (JSON.parse(job.known) as Started);
  return untilStopped(known ?? (await start(job)), job);
};

const start = async (job: Job): Promise<Started> => {
  const { operation } = await lookUp("ecs", "runTask");
  const input = toInput(operation.input, job.input) as InputOf<"ecs", "RunTask">;
  const answer = await callSdk("ecs", job, (result) => result);
  const [task] = (answer as { Tasks?: { TaskArn?: string }[] }).Tasks ?? [];
  if (task?.TaskArn === undefined) throw new TaskFault("States.TaskFailed", JSON.stringify(answer));
  const started = { cluster: input.cluster, taskArn: task.TaskArn };
  await job.started(JSON.stringify(started), answer);
  return started;
};

const untilStopped = async ({ cluster, taskArn }: Started, job: Job): Promise<Json> => {
  for (let polls = 0; ; polls++) {
    if (job.signal.aborted) {
      await job.call("ecs", "StopTask", { cluster, task: taskArn, reason: "The execution no longer waits for it." });
      throw new TaskFault("States.TaskFailed", "The task was stopped.");
    }
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const { tasks: [task] = [] } = await job.call("ecs", "DescribeTasks", { cluster, tasks: [taskArn] });
    if (task === undefined) throw new TaskFault("States.TaskFailed", `The task ${taskArn} is gone.`);
    if (task.lastStatus === "STOPPED") return ended(task); // oxlint-disable-line no-await-in-loop
    // oxlint-disable-next-line no-await-in-loop
    await job.pause(pollMs[Math.min(polls, pollMs.length - 1)] ?? 1000);
  }
};

const ended = async (task: Task): Promise<Json> => {
  const { operation } = await lookUp("ecs", "describeTasks");
  const { Tasks: [told = {}] = [] } = (await toOutput(operation.output, { tasks: [task] })) as { Tasks?: Json[] };
  const containers = task.containers ?? [];
  const hasFailed = task.stopCode !== "EssentialContainerExited" || containers.some(({ exitCode }) => exitCode !== 0);
  if (hasFailed) throw new TaskFault("States.TaskFailed", JSON.stringify(told));
  return told;
};
