import assert from "node:assert/strict";
import { test } from "node:test";
import { Readable } from "node:stream";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as sts from "@aws-sdk/client-sts";
import * as s3 from "@aws-sdk/client-s3";
import type { IssuedCredentials } from "#wire/context.ts";
import { programs, run } from "../programs.ts";
import { openGateway } from "./test-gateway.ts";
import type { TestService } from "./test-gateway.ts";

const issued: IssuedCredentials = {
  account: "123456789012",
  arn: "arn:aws:iam::123456789012:user/u",
  userId: "AIDAX",
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "right/secret+key",
};
const right = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secretAccessKey };

const services: TestService[] = [
  {
    binding: { name: "sts", signingNames: ["sts"], hostNames: ["sts"], protocols: ["awsQuery"], apiVersion: "2011-06-15" },
    sdk: sts,
    operations: { GetCallerIdentity: async (_input: never, context: { caller: { arn: string } }) => ({ Arn: context.caller.arn }) },
  },
  {
    binding: {
      name: "dynamodb",
      signingNames: ["dynamodb"],
      hostNames: ["dynamodb"],
      protocols: ["awsJson1_0"],
      targetPrefix: "DynamoDB_20120810",
    },
    sdk: dynamodb,
    operations: { ListTables: async () => ({ TableNames: ["t"] }) },
  },
  {
    binding: {
      name: "s3",
      signingNames: ["s3"],
      hostNames: ["s3"],
      protocols: ["restXml"],
      isS3: true,
      xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
    },
    sdk: s3,
    operations: {
      GetObject: async ({ Key }: { Key: string }) => ({ Body: Readable.from([Key]) }),
      PutObject: async ({ Body }: { Body: Readable }) => ({
        ETag: String((await Array.fromAsync(Body)).reduce((size, chunk: Buffer) => size + chunk.length, 0)),
      }),
    },
  },
];

const open = () => openGateway(services, { auth: true, findCredentials: async (id) => (id === issued.accessKeyId ? issued : undefined) });

test("a right signature is taken, a wrong secret, an unknown key and no signature are refused in each service's words", async () => {
  await using gateway = await open();
  const settings = { ...gateway.client, credentials: right };
  assert.equal((await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Arn, issued.arn);
  assert.deepEqual((await new dynamodb.DynamoDBClient(settings).send(new dynamodb.ListTablesCommand({}))).TableNames, ["t"]);
  const wrong = { ...settings, credentials: { ...right, secretAccessKey: "wrong" } };
  await assert.rejects(new STSClient(wrong).send(new GetCallerIdentityCommand({})), { name: "SignatureDoesNotMatch" });
  const unknown = { ...settings, credentials: { ...right, accessKeyId: "AKIANOBODY" } };
  await assert.rejects(new STSClient(unknown).send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });
  await assert.rejects(new dynamodb.DynamoDBClient(unknown).send(new dynamodb.ListTablesCommand({})), {
    name: "UnrecognizedClientException",
  });
  await assert.rejects(new s3.S3Client({ ...unknown, forcePathStyle: true }).send(new s3.GetObjectCommand({ Bucket: "b", Key: "k" })), {
    name: "InvalidAccessKeyId",
  });
  const bare = await fetch(`${gateway.endpoint}/bucket/key`);
  assert.equal(bare.status, 403);
});

test("S3 keys of any spelling are signed and verified, in path and virtual-host style", async () => {
  await using gateway = await open();
  const client = new s3.S3Client({ ...gateway.client, credentials: right, forcePathStyle: true });
  for (const Key of ["a b", "ü/é+%20", "x//y", "q?&=#", "-._~!'()*"]) {
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: "bucket", Key }));
    assert.equal(await Body?.transformToString(), Key);
  }
});

test("a body that differs from what was signed is refused", async () => {
  await using gateway = await open();
  const client = new s3.S3Client({ ...gateway.client, credentials: right, forcePathStyle: true });
  const put = await client.send(new s3.PutObjectCommand({ Bucket: "b", Key: "k", Body: "x".repeat(100_000) }));
  assert.equal(put.ETag, "100000");
  client.middlewareStack.add(
    (next) => async (args) => {
      (args.request as { body: unknown }).body = "y".repeat(100_000);
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "tamper" },
  );
  await assert.rejects(client.send(new s3.PutObjectCommand({ Bucket: "b", Key: "k", Body: "x".repeat(100_000) })));
});

test("a presigned URL works until it expires, and not with another key", async () => {
  await using gateway = await open();
  const environment = {
    PATH: process.env["PATH"] ?? "",
    AWS_ACCESS_KEY_ID: right.accessKeyId,
    AWS_SECRET_ACCESS_KEY: right.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const presign = (...args: string[]) =>
    run(programs.oldAws, ["--endpoint-url", gateway.endpoint, "s3", "presign", "s3://bucket/some key.txt", ...args], environment);
  const url = (await presign()).trim();
  assert.equal(await (await fetch(url)).text(), "some key.txt");
  assert.equal((await fetch(url.replace("some", "other"))).status, 403);
  const short = (await presign("--expires-in", "1")).trim();
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  assert.match(await (await fetch(short)).text(), /Request has expired/);
});
