import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { region, spawnCloud, temporaryFolder } from "../../cloud.ts";
import { describe, newEcs, register, run, shell, untilStatus } from "./tasks-in.ts";

const docker = async (...args: string[]) => (await promisify(execFile)("docker", args)).stdout.trim();

/** Ids of all containers of the cloud in this data folder. */
const containersOf = async (dataPath: string): Promise<string[]> => {
  const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8")).trim();
  const found = await docker("ps", "-aq", "--filter", `label=tandem.cloud=${cloudId}`, "--filter", "label=tandem.role=container");
  return found.split("\n").filter((id) => id !== "");
};

const options = { "awslogs-group": "/tests", "awslogs-region": region, "awslogs-stream-prefix": "app", "awslogs-create-group": "true" };
const logConfiguration = { logDriver: "awslogs", options } as const;

test("kill -9 with a running task: it is adopted, and its log has each line once", { timeout: 120_000 }, async () => {
  const dataPath = await temporaryFolder();
  try {
    let cloud = await spawnCloud(dataPath);
    let ecs = await newEcs(cloud);
    const definition = await register(ecs, [
      await shell("i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); sleep 0.1; done", { logConfiguration }),
      await shell("trap 'exit 0' TERM; while :; do sleep 0.1; done", { name: "beside", essential: false }),
    ]);
    const task = await run(ecs, definition);
    await untilStatus(ecs, task, "RUNNING");
    for (let kills = 0; kills < 2; kills += 1) {
      await pause(700);
      await cloud.kill();
      await pause(300);
      cloud = await spawnCloud(dataPath);
      ecs = await newEcs(cloud);
    }
    assert.equal((await describe(ecs, task)).lastStatus, "RUNNING");
    const stopped = await untilStatus(ecs, task, "STOPPED");
    assert.equal(stopped.stopCode, "EssentialContainerExited");
    assert.equal(stopped.containers?.[0]?.exitCode, 0);
    const logStreamName = `app/main/${task.taskArn?.split("/").at(-1)}`;
    const { events } = await new CloudWatchLogsClient(cloud.client).send(
      new GetLogEventsCommand({ logGroupName: "/tests", logStreamName, startFromHead: true }),
    );
    assert.deepEqual(
      events?.map(({ message }) => message),
      Array.from({ length: 60 }, (_, index) => `line ${index}`),
    );
    assert.deepEqual(await containersOf(dataPath), []);
    await cloud[Symbol.asyncDispose]();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("a task whose containers vanished while the cloud was down is stopped, and says why", { timeout: 60_000 }, async () => {
  const dataPath = await temporaryFolder();
  try {
    let cloud = await spawnCloud(dataPath);
    let ecs = await newEcs(cloud);
    const task = await run(ecs, await register(ecs, [await shell("sleep 600")]));
    await untilStatus(ecs, task, "RUNNING");
    await cloud.kill();
    await docker("rm", "-f", ...(await containersOf(dataPath)));
    cloud = await spawnCloud(dataPath);
    ecs = await newEcs(cloud);
    const stopped = await untilStatus(ecs, task, "STOPPED");
    assert.equal(stopped.stoppedReason, "The task's containers are gone from the engine");
    assert.deepEqual(await containersOf(dataPath), []);
    await cloud[Symbol.asyncDispose]();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("kill -9 at any moment of a start or an end leaves no container that no task owns", { timeout: 120_000 }, async () => {
  const dataPath = await temporaryFolder();
  try {
    let cloud = await spawnCloud(dataPath);
    for (const afterMs of [5, 60, 150, 300, 500]) {
      const ecs = await newEcs(cloud);
      const task = await run(ecs, await register(ecs, [await shell("sleep 600", { stopTimeout: 1 })]));
      await pause(afterMs);
      await cloud.kill();
      cloud = await spawnCloud(dataPath);
      const again = await newEcs(cloud);
      await untilStatus(again, task, "RUNNING");
      await again.send(new StopTaskCommand({ task: task.taskArn }));
      await pause(afterMs * 4);
      await cloud.kill();
      cloud = await spawnCloud(dataPath);
      const stopped = await untilStatus(await newEcs(cloud), task, "STOPPED");
      assert.equal(stopped.stopCode, "UserInitiated");
      assert.deepEqual(await containersOf(dataPath), []);
    }
    await cloud[Symbol.asyncDispose]();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
