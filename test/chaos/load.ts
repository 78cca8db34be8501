import { createHash, randomBytes } from "node:crypto";
import { CloudFormationClient, UpdateStackCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient, RunTaskCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { TestCloud } from "../cloud.ts";
import { newImage, pushImage } from "../services/ecr/pushes.ts";
import type { Random } from "./random.ts";

export const Bucket = "chaos";
export const StackName = "chaos";
export const stream = { logGroupName: "/chaos", logStreamName: "stream" };
export const eventsABatch = 3;
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const partBytes = 5 << 20;

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A stack whose bucket and roles change with its version. */
export const template = (version: number): string =>
  `Resources:\n${[1, 2, 3]
    .map((index) => `  Role${index}: {Type: AWS::IAM::Role, Properties: {Path: /v${version}/, AssumeRolePolicyDocument: ${trust}}}`)
    .join("\n")}\nOutputs: {Version: {Value: v${version}}}\n`;

/** What was acknowledged, and what may or may not have been done when the cloud died. */
export type Ledger = {
  objects: Set<string>;
  deleted: Set<string>;
  /** A delete without an answer: there or not, both are right. */
  doubtful: Set<string>;
  batches: Set<number>;
  roles: Map<string, boolean>;
  images: Map<string, string>;
  tasks: Set<string>;
  stopped: Set<string>;
  events: Set<string>;
  stackVersion: number;
};

export const newLedger = (): Ledger => ({
  objects: new Set(),
  deleted: new Set(),
  doubtful: new Set(),
  batches: new Set(),
  roles: new Map(),
  images: new Map(),
  tasks: new Set(),
  stopped: new Set(),
  events: new Set(),
  stackVersion: 0,
});

type Load = { cloud: TestCloud; ledger: Ledger; random: Random; taskDefinition: string; round: string };

const writeObjects = async ({ cloud, ledger, random }: Load): Promise<void> => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true, maxAttempts: 1 });
  for (let count = 1; ; count += 1) {
    const Body = randomBytes(random.between(1, random.below(5) === 0 ? 300_000 : 3_000));
    const Key = sha256(Body);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    ledger.objects.add(Key);
    if (count % 3 > 0) continue;
    ledger.objects.delete(Key);
    ledger.doubtful.add(Key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    ledger.doubtful.delete(Key);
    ledger.deleted.add(Key);
  }
};

const writeInParts = async ({ cloud, ledger, random }: Load): Promise<void> => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true, maxAttempts: 1 });
  for (;;) {
    const whole = Buffer.alloc(partBytes + random.between(1, 9_000), randomBytes(64));
    const target = { Bucket, Key: sha256(whole) };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of [whole.subarray(0, partBytes), whole.subarray(partBytes)].entries()) {
      const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: index + 1, Body }));
      Parts.push({ PartNumber: index + 1, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    ledger.objects.add(target.Key);
  }
};

/** Numbers batches through all rounds; each is there whole or not at all. */
const writeEvents = async ({ cloud, ledger, round }: Load): Promise<void> => {
  const logs = new CloudWatchLogsClient({ ...cloud.client, maxAttempts: 1 });
  for (let batch = Number(round) * 1_000_000; ; batch += 1) {
    const timestamp = Date.now();
    const logEvents = Array.from({ length: eventsABatch }, (_, index) => ({ timestamp, message: `${batch} ${index}` }));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    ledger.batches.add(batch);
  }
};

const makeRoles = async ({ cloud, ledger, round }: Load): Promise<void> => {
  const iam = new IAMClient({ ...cloud.client, maxAttempts: 1 });
  for (let count = 0; ; count += 1) {
    const RoleName = `role-${round}-${count}`;
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    ledger.roles.set(RoleName, false);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: policy }));
    ledger.roles.set(RoleName, true);
  }
};

const pushImages = async ({ cloud, ledger, random, round }: Load): Promise<void> => {
  for (let count = 0; ; count += 1) {
    const tag = `${round}-${count}`;
    const image = newImage([randomBytes(random.between(100, 50_000))]);
    await pushImage(cloud.endpoint, "chaos", tag, image);
    ledger.images.set(tag, image.digest);
  }
};

/** A few: each is a container. Every second one is stopped again. */
const runTasks = async ({ cloud, ledger, taskDefinition }: Load): Promise<void> => {
  const ecs = new ECSClient({ ...cloud.client, maxAttempts: 1 });
  for (let count = 0; count < 4; count += 1) {
    const { tasks } = await ecs.send(new RunTaskCommand({ taskDefinition }));
    const arn = tasks?.[0]?.taskArn ?? "";
    ledger.tasks.add(arn);
    if (count % 2 === 0) continue;
    await ecs.send(new StopTaskCommand({ task: arn }));
    ledger.stopped.add(arn);
  }
};

const sendEvents = async ({ cloud, ledger, round }: Load): Promise<void> => {
  const lambda = new LambdaClient({ ...cloud.client, maxAttempts: 1 });
  for (let count = 0; count < 30; count += 1) {
    const id = `event-${round}-${count}`;
    await lambda.send(new InvokeCommand({ FunctionName: "chaos", InvocationType: "Event", Payload: JSON.stringify({ id }) }));
    ledger.events.add(id);
  }
};

const updateStack = async ({ cloud, ledger, random }: Load): Promise<void> => {
  const stacks = new CloudFormationClient({ ...cloud.client, maxAttempts: 1 });
  await new Promise((resolve) => setTimeout(resolve, random.below(600)));
  const version = ledger.stackVersion + 1;
  const TemplateBody = template(version);
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody, Capabilities: ["CAPABILITY_IAM"] }));
  ledger.stackVersion = version;
};

/** Errors that are not the connection's: the cloud said no to something right. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && "$fault" in error && "$response" in error && error.$response !== undefined;

/** All clients at once, each until its connection breaks. Answers with what was refused, which nothing should be. */
export const loadAll = async (load: Load): Promise<unknown[]> => {
  const refusals: unknown[] = [];
  const clients = [writeObjects, writeInParts, writeEvents, makeRoles, pushImages, runTasks, sendEvents, updateStack];
  const work = clients.map((client) => client(load).catch((error: unknown) => (isRefusal(error) ? refusals.push(error) : undefined)));
  await Promise.all(work);
  return refusals;
};
