import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { spawnCloud, temporaryFolder } from "../cloud.ts";
import { newEcs, register, run, shell, untilStatus, describe } from "../services/ecs/tasks-in.ts";
import { pushImage } from "../services/ecr/pushes.ts";
import { createFunction, invoke, lambdaOf } from "../services/lambda/function.ts";

const docker = async (...args: string[]) => (await promisify(execFile)("docker", args)).stdout.trim();

/** What each container of the cloud is: `container ecs-task`, `container function`, `sandbox`. */
const containersOf = async (dataPath: string): Promise<string[]> => {
  const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8")).trim();
  const format = '{{.Label "tandem.role"}} {{.Label "tandem.kind"}}';
  const lines = (await docker("ps", "-a", "--filter", `label=tandem.cloud=${cloudId}`, "--format", format)).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
};

/** A second `tandem up`, which is to be refused. */
const refused = async (...args: string[]) => {
  const child = spawn(join(import.meta.dirname, "../../bin/tandem"), ["up", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, said };
};

test("SIGTERM ends a cloud in seconds: functions' containers go, a task runs on and is adopted", { timeout: 60_000 }, async () => {
  const dataPath = await temporaryFolder();
  let cloud = await spawnCloud(dataPath);
  try {
    const lambda = lambdaOf(cloud);
    await createFunction(lambda, "stops", "export const handler = async () => 1;");
    await invoke(lambda, "stops");
    let ecs = await newEcs(cloud);
    const task = await run(ecs, await register(ecs, [await shell("sleep 600", { stopTimeout: 1 })]));
    await untilStatus(ecs, task, "RUNNING");

    const samePlace = await refused("--data", dataPath, "--port", "0");
    assert.notEqual(samePlace.code, 0);
    assert.match(samePlace.said, /is in use by process \d+\. Stop it, or choose another data folder with --data\./);
    const other = await temporaryFolder();
    const samePort = await refused("--data", other, "--port", String(cloud.port));
    await rm(other, { recursive: true, force: true });
    assert.notEqual(samePort.code, 0);
    assert.match(samePort.said, /Port \d+ is taken: by another cloud, perhaps/);
    for (const { said } of [samePlace, samePort]) assert.doesNotMatch(said, /^\s+at /m, "no stack is shown");

    const began = Date.now();
    await cloud[Symbol.asyncDispose]();
    assert.ok(Date.now() - began < 8_000, `it took ${Date.now() - began} ms`);
    assert.equal(cloud.process.exitCode, 0);
    assert.deepEqual((await containersOf(dataPath)).toSorted(), ["container ecs-task", "sandbox"]);

    cloud = await spawnCloud(dataPath);
    ecs = await newEcs(cloud);
    const adopted = await describe(ecs, task);
    assert.equal(adopted.lastStatus, "RUNNING");
    await ecs.send(new StopTaskCommand({ task: task.taskArn }));
    await untilStatus(ecs, task, "STOPPED");
  } finally {
    await cloud[Symbol.asyncDispose]();
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("reset leaves no container, no row of anyone's and, after collection, no blob", { timeout: 60_000 }, async () => {
  const dataPath = await temporaryFolder();
  const cloud = await spawnCloud(dataPath);
  try {
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "gone" }));
    await s3.send(new PutObjectCommand({ Bucket: "gone", Key: "large", Body: Buffer.alloc(400_000, "x") }));
    await pushImage(cloud.endpoint, "gone", "1");
    const lambda = lambdaOf(cloud);
    await createFunction(lambda, "gone", "export const handler = async () => 1;");
    await invoke(lambda, "gone");
    const ecs = await newEcs(cloud);
    const task = await run(ecs, await register(ecs, [await shell("sleep 600")]));
    await untilStatus(ecs, task, "RUNNING");
    const { status } = await fetch(`${cloud.endpoint}/_tandem/reset`, { method: "POST" });
    assert.equal(status, 200);
    for (const end = Date.now() + 20_000; ; await pause(100)) {
      const left = (await containersOf(dataPath)).filter((line) => line !== "sandbox");
      if (left.length === 0) break;
      assert.ok(Date.now() < end, left.join(", "));
    }
    await cloud[Symbol.asyncDispose]();
    assert.deepEqual(await containersOf(dataPath), []);

    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    {
      using database = new DatabaseSync(join(dataPath, "tandem.db"));
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
      const full = tables
        .map(({ name }) => ({ name, ...(database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number }) }))
        .filter(({ name, rows }) => rows > 0 && !/^sqlite_|migrations|outbox|facts|positions/.test(name));
      assert.deepEqual(full, []);
    }
    const store = await openSqliteStore({ dataPath, now: () => Date.now() + 10_000_000, blobGraceMs: 0 });
    await store.blobs.collect();
    await store.close();
    const blobs = await readdir(join(dataPath, "blobs"), { recursive: true, withFileTypes: true });
    assert.deepEqual(
      blobs.filter((entry) => entry.isFile()),
      [],
    );
    assert.deepEqual(await readdir(join(dataPath, "functions")), []);
  } finally {
    await cloud.kill();
    await rm(dataPath, { recursive: true, force: true });
  }
});
