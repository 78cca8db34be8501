import { activityArn, checkActivityArn } from "./arns.ts";
import type { TaskRecord } from "./execution-rows.ts";
import { encryptionOf } from "./check-settings.ts";
import { activityAlreadyExists, activityDoesNotExist, tooManyWorkers } from "./faults.ts";
import { quotas } from "./limits.ts";
import { checkName } from "./names.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";
import { tagsOf } from "./tags.ts";
import { pendingTask } from "./task-tokens.ts";

export const CreateActivity: Sfn["CreateActivity"] = async ({ name, tags, encryptionConfiguration }, context) => {
  checkName(name);
  const { account, region, now } = context;
  const arn = activityArn(context, name);
  const encryption = encryptionConfiguration && encryptionOf(encryptionConfiguration);
  const wanted = { arn, account, region, name, createdAt: now, tags: tagsOf(arn, tags), encryption };
  const found = await context.activities.add(wanted);
  if (JSON.stringify(found.encryption ?? ownedKey) !== JSON.stringify(encryption ?? ownedKey)) throw activityAlreadyExists(arn);
  return { activityArn: arn, creationDate: new Date(found.createdAt) };
};

const ownedKey = { type: "AWS_OWNED_KEY" } as const;

const requireActivity = async (arn: string, { activities }: SfnContext) => {
  const found = await activities.find(checkActivityArn(arn));
  if (!found) throw activityDoesNotExist(arn);
  return found;
};

export const DescribeActivity: Sfn["DescribeActivity"] = async (input, context) => {
  const { arn, name, createdAt, encryption = ownedKey } = await requireActivity(input.activityArn, context);
  return { activityArn: arn, name, creationDate: new Date(createdAt), encryptionConfiguration: encryption };
};

export const DeleteActivity: Sfn["DeleteActivity"] = async (input, { activities }) => {
  await activities.remove(checkActivityArn(input.activityArn));
  return {};
};

export const ListActivities: Sfn["ListActivities"] = async (input, context) => {
  const at = pageOf(input);
  const { page, nextToken } = cut(await context.activities.list(context, at), at);
  const activities = page.map(({ arn, name, createdAt }) => ({ activityArn: arn, name, creationDate: new Date(createdAt) }));
  return { activities, ...(nextToken === undefined ? {} : { nextToken }) };
};

/** Waits for a task for up to a minute; without one the answer has no token. */
export const GetActivityTask: Sfn["GetActivityTask"] = async (input, context) => {
  const { arn } = await requireActivity(input.activityArn, context);
  if (context.workers.waiting(arn) >= quotas.activityPollers) throw tooManyWorkers();
  const answered = new AbortController();
  const over = AbortSignal.any([context.signal, AbortSignal.timeout(quotas.activityPollMs), answered.signal]);
  try {
    while (!over.aborted) {
      const arrival = context.workers.wait(arn, quotas.activityPollMs, over);
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      const task = await take(arn, input.workerName, context);
      if (task) return task;
      await arrival; // oxlint-disable-line no-await-in-loop
    }
    return {};
  } finally {
    answered.abort();
  }
};

const atOnce = 20;

/** The task that has waited longest. One whose execution no longer wants it is passed over. */
const take = async (activity: string, workerName: string | undefined, context: SfnContext) => {
  const { taskRows, workers } = context;
  for (;;) {
    const limit = workers.claimed() + atOnce;
    const queued = await taskRows.queued(activity, limit); // oxlint-disable-line no-await-in-loop -- one look after the other
    for (const task of queued) {
      if (!workers.claim(task.token)) continue;
      try {
        const input = await handOut(task, workerName, context); // oxlint-disable-line no-await-in-loop
        if (input !== undefined) return { taskToken: task.token, input };
      } finally {
        workers.release(task.token);
      }
    }
    if (queued.length < limit) return undefined;
  }
};

/** The execution hears of the worker first: what a crash cuts off in between goes to another worker. */
const handOut = async (task: TaskRecord, workerName: string | undefined, { taskRows, executions, workflows }: SfnContext) => {
  // It may have been handed out since the list was read.
  if (!(await taskRows.isQueued(task.token))) return undefined;
  const pending = pendingTask(task, await executions.find(task.executionArn));
  const worker = workerName === undefined ? {} : { workerName };
  if (pending) await workflows.tell(task.executionArn, { kind: "taskStarted", key: task.key, ...worker });
  await taskRows.setTaken(task.token);
  return pending?.input;
};
