import { setTimeout as pause } from "node:timers/promises";
import { CreateClusterCommand, DescribeTasksCommand, ECSClient, RegisterTaskDefinitionCommand, RunTaskCommand } from "@aws-sdk/client-ecs";
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, RunTaskCommandInput, Task } from "@aws-sdk/client-ecs";
import type { TestCloud } from "../../cloud.ts";
import { shellImage } from "../../engine/test-image.ts";

export const newEcs = async (cloud: Pick<TestCloud, "client">): Promise<ECSClient> => {
  const ecs = new ECSClient(cloud.client);
  await ecs.send(new CreateClusterCommand({}));
  return ecs;
};

/** A container of the test image that runs a line of shell. */
export const shell = async (script: string, more: Partial<ContainerDefinition> = {}): Promise<ContainerDefinition> => ({
  name: "main",
  image: await shellImage(),
  command: ["sh", "-c", script],
  memory: 64,
  ...more,
});

export const register = async (
  ecs: ECSClient,
  containerDefinitions: ContainerDefinition[],
  more: Partial<RegisterTaskDefinitionCommandInput> = {},
): Promise<string> => {
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand({ family: "test", containerDefinitions, ...more }));
  return taskDefinition?.taskDefinitionArn ?? "";
};

export const run = async (ecs: ECSClient, taskDefinition: string, more: Partial<RunTaskCommandInput> = {}): Promise<Task> => {
  const { tasks, failures } = await ecs.send(new RunTaskCommand({ taskDefinition, ...more }));
  const [task] = tasks ?? [];
  if (!task) throw new Error(`No task was started: ${JSON.stringify(failures)}`);
  return task;
};

export const describe = async (ecs: ECSClient, { taskArn, clusterArn }: Task): Promise<Task> => {
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: clusterArn, tasks: [taskArn ?? ""] }));
  const [task] = tasks ?? [];
  if (!task) throw new Error(`The task ${taskArn} is not there.`);
  return task;
};

/** Waits until the task is as it should be, and answers with it. */
export const until = async (ecs: ECSClient, task: Task, isReached: (task: Task) => boolean, limitMs = 60_000): Promise<Task> => {
  for (const end = Date.now() + limitMs; ; await pause(50)) {
    const seen = await describe(ecs, task);
    if (isReached(seen)) return seen;
    if (Date.now() > end) throw new Error(`The task stays ${seen.lastStatus}: ${JSON.stringify(seen)}`);
  }
};

export const untilStatus = (ecs: ECSClient, task: Task, status: string): Promise<Task> =>
  until(ecs, task, ({ lastStatus }) => lastStatus === status);
