import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ECSClient, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import type { Task } from "@aws-sdk/client-ecs";
import { IAMClient, ListRolePoliciesCommand, paginateListRoles } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { spawnCloud, temporaryFolder } from "../cloud.ts";
import type { SpawnedCloud } from "../cloud.ts";
import { newEcs, register, shell } from "../services/ecs/tasks-in.ts";
import { createFunction, lambdaOf } from "../services/lambda/function.ts";
import { Bucket, eventsABatch, loadAll, newLedger, sha256, StackName, stream, template } from "./load.ts";
import type { Ledger } from "./load.ts";
import { newRandom, seedOfRun } from "./random.ts";

const rounds = 3;
const docker = async (...args: string[]) => (await promisify(execFile)("docker", args)).stdout.trim();

const until = async <T>(what: string, find: () => Promise<T | undefined | false>, limitMs = 20_000): Promise<T> => {
  for (const end = Date.now() + limitMs; ; await pause(150)) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `not within ${limitMs} ms: ${what}`);
  }
};

const prepare = async (cloud: SpawnedCloud): Promise<string> => {
  const { client } = cloud;
  const logs = new CloudWatchLogsClient(client);
  await new S3Client({ ...client, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: stream.logGroupName }));
  await logs.send(new CreateLogStreamCommand(stream));
  await new CloudFormationClient(client).send(
    new CreateStackCommand({ StackName, TemplateBody: template(0), Capabilities: ["CAPABILITY_IAM"] }),
  );
  await createFunction(lambdaOf(cloud), "chaos", `export const handler = async ({ id }) => console.log("handled " + id + ".");`);
  await checkStack(cloud, newLedger());
  return register(await newEcs(cloud), [await shell("trap 'exit 0' TERM; while :; do sleep 0.1; done", { stopTimeout: 1 })]);
};

const checkObjects = async ({ client }: SpawnedCloud, { objects, deleted, doubtful }: Ledger) => {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const found = new Set<string>();
  for await (const { Contents } of paginateListObjectsV2({ client: s3 }, { Bucket }))
    for (const { Key = "" } of Contents ?? []) found.add(Key);
  assert.deepEqual(
    [...objects].filter((key) => !found.has(key)),
    [],
    "acknowledged objects are missing",
  );
  assert.deepEqual(
    [...deleted].filter((key) => found.has(key)),
    [],
    "deleted objects are back",
  );
  const keys = [...found].values();
  const read = async () => {
    for (const Key of keys) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      assert.equal(sha256((await Body?.transformToByteArray()) ?? new Uint8Array()), Key, "an object is not whole");
      // What was only under way may be there; from now on it is known.
      doubtful.delete(Key);
      objects.add(Key);
    }
  };
  await Promise.all(Array.from({ length: 6 }, read));
  for (const key of doubtful) deleted.add(key);
  doubtful.clear();
};

const checkEvents = async ({ client, dataPath }: SpawnedCloud, { batches, events }: Ledger) => {
  const logs = new CloudWatchLogsClient(client);
  const read = async (logGroupName: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName }))
      for (const { message = "" } of page.events ?? []) lines.push(message);
    return lines;
  };
  const parts = Map.groupBy(await read(stream.logGroupName), (line) => Number(line.split(" ")[0]));
  assert.deepEqual(
    [...batches].filter((batch) => !parts.has(batch)),
    [],
    "acknowledged batches are missing",
  );
  assert.deepEqual(
    [...parts.values()].filter((lines) => lines.length !== eventsABatch),
    [],
    "a batch is there in part, or twice",
  );
  const missing = async (): Promise<string[]> => {
    const lines = (await read("/aws/lambda/chaos").catch(() => [])).join("\n");
    return [...events].filter((id) => !lines.includes(`handled ${id}.`));
  };
  const waiting = (): number => {
    using database = new DatabaseSync(join(dataPath, "tandem.db"), { readOnly: true });
    return Number(database.prepare("SELECT count(*) AS events FROM lambda_events").get()?.["events"]);
  };
  await until("no accepted event waits", async () => waiting() === 0);
  assert.deepEqual(await missing(), [], "accepted events were not handled, or what they said is lost");
};

const checkRoles = async ({ client }: SpawnedCloud, { roles }: Ledger) => {
  const iam = new IAMClient(client);
  const found = new Set<string>();
  for await (const { Roles } of paginateListRoles({ client: iam }, {})) for (const { RoleName = "" } of Roles ?? []) found.add(RoleName);
  assert.deepEqual(
    [...roles.keys()].filter((name) => !found.has(name)),
    [],
  );
  for (const [RoleName, hasPolicy] of [...roles].slice(-10)) {
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    if (hasPolicy) assert.deepEqual(PolicyNames, ["inline"]);
  }
};

type Manifest = { config: { digest: string }; layers: { digest: string }[] };

const checkImages = async ({ endpoint }: SpawnedCloud, { images }: Ledger) => {
  for (const [tag, digest] of images) {
    const answer = await fetch(`${endpoint}/v2/chaos/manifests/${tag}`);
    assert.equal(answer.headers.get("docker-content-digest"), digest);
    const { config, layers } = (await answer.json()) as Manifest;
    for (const blob of [config, ...layers]) {
      const got = await fetch(`${endpoint}/v2/chaos/blobs/${blob.digest}`);
      assert.equal(`sha256:${sha256(await got.bytes())}`, blob.digest);
    }
  }
};

const checkStack = async ({ client }: SpawnedCloud, ledger: Ledger) => {
  const stacks = new CloudFormationClient(client);
  const stack = await until("the stack comes to rest", async () => {
    const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName }));
    return /^(CREATE|UPDATE)_COMPLETE$/.test(Stacks?.[0]?.StackStatus ?? "") && Stacks?.[0];
  });
  const version = Number(stack.Outputs?.[0]?.OutputValue?.slice(1));
  // The update whose answer was lost may have begun.
  assert.ok(version === ledger.stackVersion || version === ledger.stackVersion + 1, `version ${version}, not ${ledger.stackVersion}`);
  ledger.stackVersion = version;
};

const tasksOf = async ({ client }: SpawnedCloud, { tasks }: Ledger): Promise<Task[]> => {
  if (tasks.size === 0) return [];
  const found = await new ECSClient(client).send(new DescribeTasksCommand({ tasks: [...tasks] }));
  assert.deepEqual(found.failures, []);
  return found.tasks ?? [];
};

const checkTasks = async (cloud: SpawnedCloud, ledger: Ledger) => {
  const settled = await until("tasks are running or stopped", async () => {
    const tasks = await tasksOf(cloud, ledger);
    return tasks.every(({ lastStatus, desiredStatus }) => lastStatus === desiredStatus) && tasks;
  });
  for (const { taskArn = "", lastStatus, stoppedReason, stopCode } of settled) {
    assert.equal(lastStatus, ledger.stopped.has(taskArn) ? "STOPPED" : lastStatus);
    if (lastStatus === "STOPPED") assert.ok(stoppedReason ?? stopCode, `${taskArn} stopped without a reason`);
  }
};

/** Containers of the cloud by the task they are for; those of functions and sandboxes made ahead have other kinds. */
const containersOf = async ({ dataPath }: SpawnedCloud, kind?: string): Promise<string[]> => {
  const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8")).trim();
  const kinds = kind === undefined ? [] : ["--filter", `label=tandem.kind=${kind}`, "--filter", "label=tandem.role=container"];
  const found = await docker("ps", "-a", "--filter", `label=tandem.cloud=${cloudId}`, ...kinds, "--format", '{{.Label "tandem.task"}}');
  return found.split("\n").filter((id) => id !== "");
};

const checkContainers = async (cloud: SpawnedCloud) =>
  until("each task's container belongs to a task that is not stopped", async () => {
    const ids = await containersOf(cloud, "ecs-task");
    if (ids.length === 0) return true;
    const { tasks } = await new ECSClient(cloud.client).send(new DescribeTasksCommand({ tasks: ids }));
    return ids.every((id) => tasks?.some(({ taskArn, lastStatus }) => taskArn?.endsWith(id) && lastStatus !== "STOPPED"));
  });

const checkFiles = async (dataPath: string) => {
  assert.deepEqual(await readdir(join(dataPath, "blobs", "temporary")), []);
  assert.deepEqual(
    (await readdir(join(dataPath, "functions"))).filter((name) => name.startsWith(".")),
    [],
  );
};

const check = async (cloud: SpawnedCloud, ledger: Ledger) => {
  await checkFiles(cloud.dataPath);
  await Promise.all([checkObjects, checkEvents, checkRoles, checkImages, checkStack, checkTasks].map((each) => each(cloud, ledger)));
  await checkContainers(cloud);
  await new STSClient(cloud.client).send(new GetCallerIdentityCommand({}));
};

/** Objects, batches of events, roles, images, tasks, asynchronous invocations: what was acknowledged of each. */
const kindsOf = ({ objects, batches, roles, images, tasks, events }: Ledger) => [objects, batches, roles, images, tasks, events];

const finish = async (cloud: SpawnedCloud, ledger: Ledger) => {
  const ecs = new ECSClient(cloud.client);
  // A task whose acknowledgement the kill cut off may run too.
  for (const task of (await ecs.send(new ListTasksCommand({}))).taskArns ?? []) {
    ledger.tasks.add(task);
    await ecs.send(new StopTaskCommand({ task }));
  }
  await until("all tasks are stopped", async () => (await tasksOf(cloud, ledger)).every(({ lastStatus }) => lastStatus === "STOPPED"));
  await cloud[Symbol.asyncDispose]();
  await until("no container is left", async () => (await containersOf(cloud)).length === 0);
};

test("a cloud killed at random moments under the load of every service keeps what it acknowledged", { timeout: 120_000 }, async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`TANDEM_TEST_SEED=${seed}`);
  const random = newRandom(seed);
  const dataPath = await temporaryFolder();
  const ledger = newLedger();
  let cloud = await spawnCloud(dataPath);
  try {
    const taskDefinition = await prepare(cloud);
    for (let round = 1; round <= rounds; round += 1) {
      const work = loadAll({ cloud, ledger, random, taskDefinition, round: String(round) });
      await pause(random.between(500, 2_500));
      // A busy machine may not have come to each kind of work in so short a time.
      if (round === rounds) await until("each kind of work was acknowledged", async () => kindsOf(ledger).every(({ size }) => size > 0));
      await cloud.kill();
      assert.deepEqual(await work, [], `refused with seed ${seed}`);
      cloud = await spawnCloud(dataPath);
      await check(cloud, ledger);
    }
    t.diagnostic(JSON.stringify(kindsOf(ledger).map(({ size }) => size)));
    await finish(cloud, ledger);
  } finally {
    await cloud.kill();
    await rm(dataPath, { recursive: true, force: true });
  }
});
