import assert from "node:assert/strict";
import { test } from "node:test";
import { ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { newCloud } from "../../cloud.ts";
import { newEcs, register, run, shell, until, untilStatus } from "./tasks-in.ts";

test("a task runs in a container, ends with its exit code, and says so", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("exit 3")]);
  const task = await run(ecs, definition, { startedBy: "me" });
  assert.equal(task.lastStatus, "PENDING");
  const stopped = await untilStatus(ecs, task, "STOPPED");
  assert.equal(stopped.stopCode, "EssentialContainerExited");
  assert.equal(stopped.stoppedReason, "Essential container in task exited");
  assert.equal(stopped.containers?.[0]?.exitCode, 3);
  const times = [stopped.createdAt, stopped.pullStartedAt, stopped.pullStoppedAt, stopped.startedAt, stopped.stoppingAt, stopped.stoppedAt];
  assert.deepEqual(
    times,
    times.toSorted((a, b) => (a?.getTime() ?? 0) - (b?.getTime() ?? 0)),
  );
  assert.ok(times.every((time) => time !== undefined));
});

test("StopTask ends a running task with the reason that was given", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("trap 'exit 7' TERM; while :; do sleep 0.1; done")]);
  const task = await run(ecs, definition);
  await untilStatus(ecs, task, "RUNNING");
  const listed = await ecs.send(new ListTasksCommand({ family: "test" }));
  assert.deepEqual(listed.taskArns, [task.taskArn]);
  const { task: stopping } = await ecs.send(new StopTaskCommand({ task: task.taskArn, reason: "enough" }));
  assert.equal(stopping?.desiredStatus, "STOPPED");
  const stopped = await untilStatus(ecs, task, "STOPPED");
  assert.equal(stopped.stopCode, "UserInitiated");
  assert.equal(stopped.stoppedReason, "enough");
  assert.equal(stopped.containers?.[0]?.exitCode, 7);
  await assert.rejects(ecs.send(new StopTaskCommand({ task: "0".repeat(32) })), {
    name: "InvalidParameterException",
    message: "The referenced task was not found.",
  });
});

test("an image that is nowhere fails the task in ECS's words", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const image = `localhost:${cloud.port}/nothing:1`;
  const task = await run(ecs, await register(ecs, [{ name: "main", image, memory: 64 }]));
  const stopped = await until(ecs, task, ({ lastStatus }) => lastStatus === "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.match(
    stopped.stoppedReason ?? "",
    /^CannotPullContainerError: failed to resolve ref localhost:\d+\/nothing:1: The repository with name 'nothing' does not exist/,
  );
  assert.equal(stopped.startedAt, undefined);
});
