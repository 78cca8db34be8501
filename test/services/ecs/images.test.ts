import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { promisify } from "node:util";
import { DescribeTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { newCloud } from "../../cloud.ts";
import { shellImage } from "../../engine/test-image.ts";
import { newEcs, register, run, untilStatus } from "./tasks-in.ts";

const docker = (...args: string[]) => promisify(execFile)("docker", args);

/** Makes an image that exits with a code, and pushes it. */
const pushExit = async (reference: string, code: number): Promise<void> => {
  const building = promisify(execFile)("docker", ["build", "-q", "-t", reference, "-"], { env: { ...process.env, DOCKER_BUILDKIT: "0" } });
  building.child.stdin?.end(`FROM ${await shellImage()}\nENV CODE=${code}\nCMD ["sh", "-c", "exit $CODE"]\n`);
  await building;
  await docker("push", reference);
};

test("a task runs the image that AWS's name means in our registry, and follows a tag that moves", { timeout: 120_000 }, async (t) => {
  await using cloud = await newCloud();
  const reference = `localhost:${cloud.port}/team/app:1`;
  t.after(async () => {
    const { stdout } = await docker("image", "ls", "--format", "{{.ID}}", `*:${cloud.port}/**/*`);
    for (const id of new Set(stdout.split("\n").filter((line) => line !== ""))) await docker("rmi", "-f", id).catch(() => undefined);
    await docker("rmi", "-f", reference).catch(() => undefined);
  });
  const ecs = await newEcs(cloud);
  const image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app:1";
  const definition = await register(ecs, [{ name: "main", image, memory: 64 }]);
  for (const code of [21, 22]) {
    await pushExit(reference, code);
    const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
    assert.equal(stopped.containers?.[0]?.exitCode, code, stopped.stoppedReason);
    assert.equal(stopped.containers?.[0]?.image, image);
    assert.match(stopped.containers?.[0]?.imageDigest ?? "", /^sha256:/);
  }
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: definition }));
  assert.equal(taskDefinition?.containerDefinitions?.[0]?.image, image);
});

test("each change of a task is a fact with the task as AWS's event has it, in order", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [{ name: "main", image: await shellImage(), command: ["sh", "-c", "exit 0"], memory: 64 }]);
  const task = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  const database = new DatabaseSync(join(cloud.dataPath, "tandem.db"), { readOnly: true });
  const rows = database.prepare("SELECT subject, detail FROM facts WHERE topic = 'ecs.task-state-changed' ORDER BY id").all();
  database.close();
  const details = rows.map(({ detail }) => JSON.parse(String(detail)) as { lastStatus: string; version: number; createdAt: string });
  assert.ok(rows.every(({ subject }) => subject === task.taskArn));
  const states = [...new Set(details.map(({ lastStatus }) => lastStatus))];
  assert.deepEqual(states, ["PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]);
  assert.deepEqual(
    details.map(({ version }) => version),
    details.map((_, index) => index + 1),
  );
  assert.match(details[0]?.createdAt ?? "", /^\d{4}-\d\d-\d\dT/);
});
