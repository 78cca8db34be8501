import { ECSClient, RunTaskCommand } from "@aws-sdk/client-ecs";
import { AppError } from "./app-error.ts";
import { runningFunction } from "./reference.ts";
import type { RunOptions, StartedTask } from "./task.ts";

type Deployed = { name: string; taskDefinition: string; cluster: string; subnets: readonly string[] };

/** Loaded when a task is first started: the SDK's client is most of a function's code. */
export const runTask = async (
  { name, taskDefinition, cluster, subnets }: Deployed,
  { environment = {}, overrides = {} }: RunOptions,
): Promise<StartedTask> => {
  const { command, cpu, memory } = overrides;
  const client = new ECSClient();
  const startedBy = runningFunction();
  try {
    const { tasks, failures } = await client.send(
      new RunTaskCommand({
        cluster,
        taskDefinition,
        launchType: "FARGATE",
        ...(startedBy === undefined ? {} : { startedBy }),
        networkConfiguration: { awsvpcConfiguration: { subnets: [...subnets], assignPublicIp: "ENABLED" } },
        overrides: {
          containerOverrides: [
            {
              name,
              environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
              ...(command ? { command: [...command] } : {}),
              ...(cpu === undefined ? {} : { cpu }),
              ...(memory === undefined ? {} : { memory }),
            },
          ],
        },
      }),
    );
    const taskArn = tasks?.[0]?.taskArn;
    if (taskArn !== undefined) return { taskArn };
    throw new AppError(`The task ${name} was not started: ${failures?.[0]?.reason ?? "no reason was given"}.`);
  } finally {
    client.destroy();
  }
};
