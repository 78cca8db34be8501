import { parseCloudAddress } from "#config";
import type { CloudAddress } from "#config";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";
import { table } from "../terminal.ts";

const usage = `status [OPTIONS]
  Whether a cloud answers, its services, stacks, functions, and the tasks that run.
  --endpoint URL, --region NAME, --json`;

type Health = { version?: string; services?: Record<string, string> };
type StackLine = { stack: string; status: string };
type FunctionLine = { function: string; runtime: string; memoryMib: number };
type TaskLine = { task: string; definition: string; status: string; cluster: string };

export const status: Command = {
  usage,
  run: async (args, terminal) => {
    const { values } = readArguments(args, { options: cloudOptions, usage });
    const address = parseCloudAddress(values);
    const { version, services = {} } = await health(address.endpoint);
    const has = (name: string) => Object.hasOwn(services, name);
    const [stacks, functions, tasks] = await Promise.all([
      has("cloudformation") ? listStacks(address) : [],
      has("lambda") ? listFunctions(address) : [],
      has("ecs") ? listTasks(address) : [],
    ]);
    terminal.result({ endpoint: address.endpoint, version, services, stacks, functions, tasks }, () =>
      [
        `Tandem ${version ?? ""} answers at ${terminal.bold(address.endpoint)} (${address.region})`,
        `services   ${Object.keys(services).join(" ")}`,
        ...section(
          "stacks",
          stacks.map((each) => [each.stack, each.status]),
        ),
        ...section(
          "functions",
          functions.map((each) => [each.function, each.runtime, `${each.memoryMib} MiB`]),
        ),
        ...section(
          "tasks",
          tasks.map((each) => [each.task, each.definition, each.status, each.cluster]),
        ),
      ].join("\n"),
    );
    return 0;
  },
};

const section = (title: string, rows: string[][]): string[] =>
  rows.length === 0 ? [`${title.padEnd(10)} none`] : [title, table(rows.map((row) => ["", ...row]))];

const health = async (endpoint: string): Promise<Health> => {
  const response = await fetch(`${endpoint}/_tandem/health`);
  const body = response.ok ? ((await response.json().catch(() => undefined)) as Health | undefined) : undefined;
  if (!body) throw new CliError(`What answers at ${endpoint} is not Tandem (status ${response.status}). Give another --endpoint.`);
  return body;
};

const listStacks = async (address: CloudAddress): Promise<StackLine[]> => {
  const { CloudFormationClient, paginateDescribeStacks } = await import("@aws-sdk/client-cloudformation");
  const lines: StackLine[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: new CloudFormationClient(address) }, {}))
    lines.push(...Stacks.map(({ StackName = "", StackStatus = "" }) => ({ stack: StackName, status: StackStatus })));
  return lines;
};

const listFunctions = async (address: CloudAddress): Promise<FunctionLine[]> => {
  const { LambdaClient, paginateListFunctions } = await import("@aws-sdk/client-lambda");
  const lines: FunctionLine[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client: new LambdaClient(address) }, {}))
    for (const { FunctionName = "", Runtime, MemorySize = 0 } of Functions)
      lines.push({ function: FunctionName, runtime: Runtime ?? "image", memoryMib: MemorySize });
  return lines;
};

const listTasks = async (address: CloudAddress): Promise<TaskLine[]> => {
  const { DescribeTasksCommand, ECSClient, paginateListClusters, paginateListTasks } = await import("@aws-sdk/client-ecs");
  const client = new ECSClient(address);
  const lines: TaskLine[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client }, {}))
    for (const cluster of clusterArns)
      for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster })) {
        if (taskArns.length === 0) continue;
        const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
        for (const { taskArn, taskDefinitionArn, lastStatus = "" } of tasks)
          lines.push({ task: lastPart(taskArn), definition: lastPart(taskDefinitionArn), status: lastStatus, cluster: lastPart(cluster) });
      }
  return lines;
};

const lastPart = (arn = ""): string => arn.slice(arn.lastIndexOf("/") + 1);
