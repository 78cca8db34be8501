import type { ECSClient, Task } from "@aws-sdk/client-ecs";
import type { CloudAddress } from "#config";
import { seconds } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";

type Access = { address: CloudAddress; terminal: Terminal };

export type TaskWatch = {
  /** Tells what has become of the app's tasks since the last look. */
  look(): Promise<void>;
  ended(): boolean;
  failure(): string | undefined;
  /** What the tasks wrote. */
  output(): Promise<string>;
};

/** Follows the tasks of the cluster that a stack made. */
export const newTaskWatch = async ({ address, terminal }: Access, stackName: string): Promise<TaskWatch> => {
  const { DescribeTasksCommand, ECSClient: Client } = await import("@aws-sdk/client-ecs");
  const client = new Client(address);
  const cluster = await clusterOf(address, stackName);
  const told = new Map<string, Set<string>>();
  let latest: readonly Task[] = [];
  const say = (task: Task, status: string, more: string): void => {
    const id = task.taskArn?.split("/").at(-1) ?? "";
    const statuses = told.get(id) ?? new Set<string>();
    if (statuses.has(status)) return;
    told.set(id, statuses.add(status));
    terminal.step("task", `${status}${more}`, { task: id, status });
  };
  const tell = (task: Task): void => {
    const { createdAt, startedAt, lastStatus = "" } = task;
    const since = (at: Date | undefined) => (at && createdAt ? at.getTime() - createdAt.getTime() : 0);
    if (["PROVISIONING", "PENDING"].includes(lastStatus)) say(task, lastStatus, "");
    if (!startedAt) return lastStatus === "STOPPED" ? say(task, lastStatus, `: ${task.stoppedReason ?? ""}`) : undefined;
    // A look may come after the state: the times are the task's own.
    say(task, "PENDING", "");
    say(task, "RUNNING", `, ${seconds(since(startedAt))} after it was asked for`);
    if (lastStatus === "STOPPED")
      say(task, lastStatus, `, exit code ${task.containers?.[0]?.exitCode ?? "none"}: ${task.stoppedReason ?? ""}`);
  };
  return {
    look: async () => {
      const arns = await listTasks(client, cluster);
      if (arns.length === 0) return;
      latest = (await client.send(new DescribeTasksCommand({ cluster, tasks: arns }))).tasks ?? [];
      for (const task of latest) tell(task);
    },
    ended: () => latest.length > 0 && latest.every(({ lastStatus }) => lastStatus === "STOPPED"),
    failure: () => latest.map(failureOf).find((reason) => reason !== undefined),
    output: () => outputOf(address, `/ecs/${stackName}-ffmpegTask`),
  };
};

const failureOf = ({ lastStatus, containers = [], stoppedReason = "" }: Task): string | undefined => {
  if (lastStatus !== "STOPPED" || (containers.length > 0 && containers.every(({ exitCode }) => exitCode === 0))) return undefined;
  return [stoppedReason, ...containers.map(({ name, exitCode, reason }) => `${name} exit code ${exitCode ?? "none"} ${reason ?? ""}`)].join(
    "; ",
  );
};

const listTasks = async (client: ECSClient, cluster: string): Promise<string[]> => {
  const { ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const lists = await Promise.all(
    (["RUNNING", "STOPPED"] as const).map((desiredStatus) => client.send(new ListTasksCommand({ cluster, desiredStatus }))),
  );
  return lists.flatMap(({ taskArns = [] }) => taskArns);
};

const clusterOf = async (address: CloudAddress, stackName: string): Promise<string> => {
  const { CloudFormationClient, DescribeStackResourcesCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(address);
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: stackName }));
  client.destroy();
  return StackResources.find(({ ResourceType }) => ResourceType === "AWS::ECS::Cluster")?.PhysicalResourceId ?? "default";
};

const outputOf = async (address: CloudAddress, logGroupName: string): Promise<string> => {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(address);
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName }));
  client.destroy();
  return events.map(({ message = "" }) => message.trimEnd()).join("\n");
};
