import { taskArn, taskId } from "./arns.ts";
import { findCluster } from "./clusters.ts";
import { describeTask } from "./describe-task.ts";
import type { Ecs, EcsContext, TaskRecord } from "./ecs.ts";
import { invalidParameter, taskNotFound } from "./faults.ts";
import { maxTasksDescribed } from "./limits.ts";
import { keyToken, limitOf, readKeyToken } from "./paging.ts";

const isIn = (task: TaskRecord | undefined, { account, region }: EcsContext, cluster: string): task is TaskRecord =>
  task !== undefined && task.account === account && task.region === region && task.cluster === cluster;

export const StopTask: Ecs["StopTask"] = async (input, context) => {
  const cluster = await findCluster(input.cluster, context);
  const found = await context.tasks.find(taskId(input.task));
  if (!isIn(found, context, cluster.name)) throw taskNotFound();
  const reason = input.reason ?? "Task stopped by user";
  const task = await context.tasks.requestStop(found.id, { code: "UserInitiated", reason, at: context.now });
  context.look(found.id);
  return { task: describeTask(task ?? found) };
};

export const DescribeTasks: Ecs["DescribeTasks"] = async (input, context) => {
  const cluster = await findCluster(input.cluster, context);
  if (input.tasks.length === 0) throw invalidParameter("Tasks cannot be empty.");
  if (input.tasks.length > maxTasksDescribed) throw invalidParameter(`Tasks cannot be more than ${maxTasksDescribed}.`);
  const ids = input.tasks.map(taskId);
  const found = new Map(
    (await context.tasks.findMany(ids)).filter((task) => isIn(task, context, cluster.name)).map((task) => [task.id, task]),
  );
  const hasTags = input.include?.includes("TAGS") ?? false;
  return {
    tasks: [...found.values()].map((task) => ({ ...describeTask(task), ...(hasTags ? {} : { tags: [] }) })),
    failures: ids
      .filter((id) => !found.has(id))
      .map((id) => ({ arn: taskArn({ account: context.account, region: context.region, cluster: cluster.name, id }), reason: "MISSING" })),
  };
};

export const ListTasks: Ecs["ListTasks"] = async (input, context) => {
  const { account, region, tasks } = context;
  const cluster = await findCluster(input.cluster, context);
  if (input.serviceName !== undefined) throw invalidParameter("Service not found.");
  const limit = limitOf(input.maxResults);
  const ids = await tasks.list({
    account,
    region,
    cluster: cluster.name,
    family: input.family,
    startedBy: input.startedBy,
    launchType: input.launchType ?? (input.containerInstance === undefined ? undefined : "EC2"),
    desiredStatus: input.desiredStatus === "STOPPED" ? "STOPPED" : "RUNNING",
    after: readKeyToken(input.nextToken),
    limit: limit + 1,
  });
  const shown = ids.slice(0, limit);
  return {
    taskArns: shown.map((id) => taskArn({ account, region, cluster: cluster.name, id })),
    ...keyToken(shown.at(-1), ids.length > limit),
  };
};
