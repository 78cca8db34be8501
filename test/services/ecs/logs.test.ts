import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { RunTaskCommand } from "@aws-sdk/client-ecs";
import { newCloud, region } from "../../cloud.ts";
import { newEcs, register, run, shell, untilStatus } from "./tasks-in.ts";

const logConfiguration = {
  logDriver: "awslogs" as const,
  options: { "awslogs-group": "/app", "awslogs-region": region, "awslogs-stream-prefix": "web" },
};

test("a task whose log group is not there does not start, in ECS's words", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const stopped = await untilStatus(ecs, await run(ecs, await register(ecs, [await shell("true", { logConfiguration })])), "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.match(
    stopped.stoppedReason ?? "",
    /^ResourceInitializationError: failed to validate logger args: .*ResourceNotFoundException: The specified log group does not exist/,
  );
});

test("all that a task wrote is in its log stream by the time it is stopped, each line once and in order", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/app" }));
  const container = await shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", { logConfiguration });
  const task = await untilStatus(ecs, await run(ecs, await register(ecs, [container])), "STOPPED");
  const logStreamName = `web/main/${task.taskArn?.split("/").at(-1)}`;
  const lines: (string | undefined)[] = [];
  for (let nextToken: string | undefined; ;) {
    const page = await logs.send(new GetLogEventsCommand({ logGroupName: "/app", logStreamName, startFromHead: true, nextToken }));
    lines.push(...(page.events ?? []).map(({ message }) => message));
    if (page.nextForwardToken === nextToken) break;
    nextToken = page.nextForwardToken;
  }
  assert.equal(lines.length, 5000);
  assert.deepEqual(
    lines,
    lines.map((_, index) => `line ${index}`),
  );
});

test("ten tasks that start together all run to their end", { timeout: 120_000 }, async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("exit 8")]);
  const { tasks = [] } = await ecs.send(new RunTaskCommand({ taskDefinition: definition, count: 10 }));
  assert.equal(tasks.length, 10);
  for (const task of tasks) {
    const stopped = await untilStatus(ecs, task, "STOPPED");
    assert.equal(stopped.containers?.[0]?.exitCode, 8, stopped.stoppedReason);
  }
});
