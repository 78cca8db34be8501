import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { FilterLogEventsCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { newCloud, region } from "./cloud.ts";
import type { TestCloud } from "./cloud.ts";
import { awsCliImage } from "./ingress/tools-image.ts";
import { newEcs, register, run, untilStatus } from "./services/ecs/tasks-in.ts";

/** Unmodified programs in tasks: no endpoint option, credentials from the task's role. */

const prepare = async (cloud: TestCloud) => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "films" }));
  await s3.send(new PutObjectCommand({ Bucket: "films", Key: "in.mp4", Body: "a film" }));
  return s3;
};

const runIn = async (cloud: TestCloud, image: string, script: string) => {
  const ecs = await newEcs(cloud);
  const options = { "awslogs-group": "/copies", "awslogs-region": region, "awslogs-stream-prefix": "t", "awslogs-create-group": "true" };
  const container = { name: "main", image, entryPoint: ["sh", "-c"], command: [script], memory: 256 };
  const definition = await register(ecs, [{ ...container, logConfiguration: { logDriver: "awslogs", options } }], {
    taskRoleArn: "arn:aws:iam::000000000000:role/copier",
  });
  const task = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  const { events } = await new CloudWatchLogsClient(cloud.client).send(new FilterLogEventsCommand({ logGroupName: "/copies" }));
  const output = (events ?? []).map(({ message }) => message).join("\n");
  assert.equal(task.containers?.[0]?.exitCode, 0, output);
  return { task, output };
};

const contentOf = async (s3: S3Client, key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket: "films", Key: key }))).Body?.transformToString();

test("Debian's AWS CLI 2.9 in a task copies an object, as its task's role", { timeout: 180_000 }, async () => {
  await using cloud = await newCloud();
  const s3 = await prepare(cloud);
  const copy = "aws s3 cp s3://films/in.mp4 ./x && aws s3 cp ./x s3://films/out.jpg";
  const { task, output } = await runIn(cloud, await awsCliImage(), `${copy} && aws sts get-caller-identity --query Arn --output text`);
  assert.equal(await contentOf(s3, "out.jpg"), "a film");
  const id = task.taskArn?.split("/").at(-1);
  assert.ok(output.includes(`arn:aws:sts::000000000000:assumed-role/copier/${id}`), output);
});

test("a program with the AWS SDK for JavaScript in a task copies an object, and knows where it runs", { timeout: 120_000 }, async () => {
  await using cloud = await newCloud();
  const s3 = await prepare(cloud);
  const program = `
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const s3 = new S3Client({});
const { Body } = await s3.send(new GetObjectCommand({ Bucket: "films", Key: "in.mp4" }));
await s3.send(new PutObjectCommand({ Bucket: "films", Key: "node.jpg", Body: await Body.transformToByteArray() }));
const at = process.env.ECS_CONTAINER_METADATA_URI_V4;
const container = await (await fetch(at)).json();
const task = await (await fetch(at + "/task")).json();
console.log(JSON.stringify([container.Name, task.TaskARN, task.Family, task.Containers.length]));`;
  const script = `cat > /var/runtime/copy.mjs <<'E'\n${program}\nE\nunset AWS_ENDPOINT_URL\nexec node /var/runtime/copy.mjs`;
  const { task, output } = await runIn(cloud, "tandem/runtime:nodejs24.x", script);
  assert.equal(await contentOf(s3, "node.jpg"), "a film");
  assert.deepEqual(JSON.parse(output), ["main", task.taskArn, "test", 1]);
});
