// Minutes of steady load by the clients of every service, with what the process holds at intervals: `node bench/soak.ts [seconds]`.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient, RunTaskCommand } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { spawnCloud, temporaryFolder } from "../test/cloud.ts";
import type { SpawnedCloud } from "../test/cloud.ts";
import { newEcs, register, shell } from "../test/services/ecs/tasks-in.ts";
import { createFunction, invoke, lambdaOf } from "../test/services/lambda/function.ts";

const seconds = Number(process.argv[2] ?? 200);
const intervalMs = Math.max(5_000, (seconds * 1_000) / 10);
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const steps = {
  StartAt: "First",
  States: {
    First: { Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:listBuckets", Next: "Rest" },
    Rest: { Type: "Wait", Seconds: 1, Next: "Second" },
    Second: { Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:listBuckets", Next: "Third" },
    Third: { Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:listBuckets", End: true },
  },
};

/** Each makes what it makes again under the same few names, so that whatever grows is a leak; executions are kept, as on AWS. */
const prepare = async (cloud: SpawnedCloud): Promise<Record<string, { everyMs: number; once: (count: number) => Promise<unknown> }>> => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(cloud.client);
  const iam = new IAMClient(cloud.client);
  const lambda = lambdaOf(cloud);
  const ecs: ECSClient = await newEcs(cloud);
  const stream = { logGroupName: "/soak", logStreamName: "stream" };
  await s3.send(new CreateBucketCommand({ Bucket: "soak" }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: stream.logGroupName }));
  await logs.send(new CreateLogStreamCommand(stream));
  await createFunction(lambda, "soak", "export const handler = async (event) => event;");
  const workflows = new SFNClient(cloud.client);
  const roleArn = "arn:aws:iam::000000000000:role/soak";
  const { stateMachineArn } = await workflows.send(
    new CreateStateMachineCommand({ name: "soak", roleArn, definition: JSON.stringify(steps) }),
  );
  const taskDefinition = await register(ecs, [await shell("true")]);
  const body = Buffer.alloc(3_000, "soak");
  return {
    objects: {
      everyMs: 10,
      once: async (count) => {
        const target = { Bucket: "soak", Key: `key-${count % 20}` };
        await s3.send(new PutObjectCommand({ ...target, Body: body }));
        await (await s3.send(new GetObjectCommand(target))).Body?.transformToByteArray();
        await s3.send(new DeleteObjectCommand(target));
      },
    },
    events: {
      everyMs: 100,
      once: () => logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message: "an event" }] })),
    },
    roles: {
      everyMs: 50,
      once: async () => {
        await iam.send(new CreateRoleCommand({ RoleName: "soak", AssumeRolePolicyDocument: trust }));
        await iam.send(new DeleteRoleCommand({ RoleName: "soak" }));
      },
    },
    invocations: { everyMs: 20, once: (n) => invoke(lambda, "soak", { n }) },
    asynchronous: { everyMs: 200, once: (n) => invoke(lambda, "soak", { n }, { InvocationType: "Event" }) },
    executions: { everyMs: 50, once: () => workflows.send(new StartExecutionCommand({ stateMachineArn })) },
    tasks: { everyMs: 5_000, once: () => ecs.send(new RunTaskCommand({ taskDefinition })) },
  };
};

/** The launcher starts the cloud in a process of its own, or is it: the largest of the family. */
const memoryOf = (pid: number): { pid: number; rssMb: number } => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").map(Number);
  const family = [pid, ...children.filter((child) => child > 0)];
  const sizes = family.map((each) => {
    const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1];
    return { pid: each, rssMb: Math.round(Number(rss ?? 0) / 1_024) };
  });
  return sizes.reduce((most, one) => (one.rssMb > most.rssMb ? one : most));
};

const rowsOf = (dataPath: string): [string, number][] => {
  using database = new DatabaseSync(join(dataPath, "tandem.db"), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  return tables.map(({ name }) => [name, (database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number }).rows]);
};

const measure = (cloud: SpawnedCloud, atSeconds: number, done: Record<string, number>): Map<string, number> => {
  const { pid, rssMb } = memoryOf(cloud.process.pid ?? 0);
  const files = readdirSync(`/proc/${pid}/fd`).length;
  const threads = readdirSync(`/proc/${pid}/task`).length;
  const rows = new Map(rowsOf(cloud.dataPath));
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  console.log([`${atSeconds} s`, `${rssMb} MB`, `${files} files`, `${threads} threads`, `${total} rows`, JSON.stringify(done)].join("  "));
  return rows;
};

const dataPath = await temporaryFolder();
const cloud = await spawnCloud(dataPath);
try {
  const clients = await prepare(cloud);
  const done: Record<string, number> = {};
  const began = Date.now();
  const end = began + seconds * 1_000;
  const work = Object.entries(clients).map(async ([name, { everyMs, once }]) => {
    for (let count = 0; Date.now() < end; count += 1) {
      await once(count);
      done[name] = count + 1;
      await pause(everyMs);
    }
  });
  const watch = async () => {
    const first = measure(cloud, 0, done);
    while (Date.now() + intervalMs <= end) {
      await pause(intervalMs);
      measure(cloud, Math.round((Date.now() - began) / 1_000), done);
    }
    return first;
  };
  const [first] = await Promise.all([watch(), ...work]);
  for (const [name, rows] of measure(cloud, seconds, done))
    if (rows > (first.get(name) ?? 0) + 20) console.log(`grew: ${name} from ${first.get(name) ?? 0} to ${rows} rows`);
} finally {
  await cloud[Symbol.asyncDispose]();
  rmSync(dataPath, { recursive: true, force: true });
}
