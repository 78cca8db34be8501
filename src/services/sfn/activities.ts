import { activityArn, checkActivityArn } from "./arns.ts";
import { activityDoesNotExist, invalidName } from "./faults.ts";
import { quotas } from "./limits.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";
import { tagsOf } from "./state-machines.ts";
import { pendingTask } from "./task-tokens.ts";

export const CreateActivity: Sfn["CreateActivity"] = async ({ name, tags }, context) => {
  if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]+$/u.test(name)) throw invalidName(name);
  const { account, region, now } = context;
  const arn = activityArn(context, name);
  const { createdAt } = await context.activities.add({ arn, account, region, name, createdAt: now, tags: tagsOf(tags) });
  return { activityArn: arn, creationDate: new Date(createdAt) };
};

const requireActivity = async (arn: string, { activities }: SfnContext) => {
  const found = await activities.find(checkActivityArn(arn));
  if (!found) throw activityDoesNotExist(arn);
  return found;
};

export const DescribeActivity: Sfn["DescribeActivity"] = async (input, context) => {
  const { arn, name, createdAt } = await requireActivity(input.activityArn, context);
  return { activityArn: arn, name, creationDate: new Date(createdAt), encryptionConfiguration: { type: "AWS_OWNED_KEY" } };
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

/** Waits for a task for up to a minute; without one the answer has no token. A task whose execution no longer wants it is passed over. */
export const GetActivityTask: Sfn["GetActivityTask"] = async (input, context) => {
  const { arn } = await requireActivity(input.activityArn, context);
  const { taskRows, executions, workflows, workers, signal } = context;
  const over = AbortSignal.any([signal, AbortSignal.timeout(quotas.activityPollMs)]);
  while (!over.aborted) {
    const arrival = workers.wait(arn, quotas.activityPollMs, over);
    // oxlint-disable-next-line no-await-in-loop -- one task after the other
    const taken = await taskRows.take(arn);
    if (taken) {
      const pending = pendingTask(taken, await executions.find(taken.executionArn)); // oxlint-disable-line no-await-in-loop
      if (!pending) continue;
      const worker = input.workerName === undefined ? {} : { workerName: input.workerName };
      // oxlint-disable-next-line no-await-in-loop
      await workflows.tell(taken.executionArn, { kind: "taskStarted", key: taken.key, ...worker });
      return { taskToken: taken.token, input: pending.input };
    }
    await arrival; // oxlint-disable-line no-await-in-loop
  }
  return {};
};
