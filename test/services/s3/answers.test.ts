import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

let cloud: TestCloud;
let s3: S3Client;
const Bucket = "answers";

before(async () => {
  cloud = await newCloud();
  s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "bytes" }));
});
after(async () => {
  s3.destroy();
  await cloud[Symbol.asyncDispose]();
});

test("a head, a list and a copy say the same whole second", async () => {
  const { LastModified: headed } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "a" }));
  assert.deepEqual(Contents?.[0]?.LastModified, headed);
  const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }));
  assert.equal(CopyObjectResult?.LastModified?.getUTCMilliseconds(), 0);
});

test("answers carry the headers by which S3 is told", async () => {
  const { headers } = await fetch(`${cloud.endpoint}/${Bucket}/a`);
  assert.equal(headers.get("server"), "AmazonS3");
  assert.ok(headers.get("x-amz-id-2"));
  assert.ok((await fetch(`${cloud.endpoint}/${Bucket}/none`)).headers.get("x-amz-id-2"));
});

test("a bucket outside us-east-1 answers with its whole address", async () => {
  const client = new S3Client({ ...cloud.client, region: "eu-west-1", forcePathStyle: true });
  const { Location } = await client.send(
    new CreateBucketCommand({ Bucket: "answers-eu", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
  );
  assert.equal(Location, "http://answers-eu.s3.amazonaws.com/");
  client.destroy();
});

test("an expected owner that is no account is said to be none", async () => {
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: "a", ExpectedBucketOwner: "me" })), {
    name: "InvalidBucketOwnerAWSAccountID",
    message: "The value of the expected bucket owner parameter must be an AWS account ID",
  });
});

test("the retention of an object in a bucket without locks is a wrong request", async () => {
  await assert.rejects(s3.send(new GetObjectRetentionCommand({ Bucket, Key: "a" })), {
    name: "InvalidRequest",
    message: "Bucket is missing Object Lock Configuration",
  });
});

test("a method that a resource does not have is named with it", async () => {
  for (const [method, path, type] of [
    ["PATCH", `/${Bucket}/a`, "OBJECT"],
    ["POST", `/${Bucket}/a`, "OBJECT"],
    ["PATCH", `/${Bucket}`, "BUCKET"],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other says which failed
    const response = await fetch(cloud.endpoint + path, { method });
    assert.equal(response.status, 405);
    // oxlint-disable-next-line no-await-in-loop
    assert.match(await response.text(), new RegExp(`<Method>${method}</Method><ResourceType>${type}</ResourceType>`));
  }
});

/** As a client would presign it; the cloud does not verify here. */
const presigned = (expiresIn: number, signedAt: Date): URL => {
  const url = new URL(`${cloud.endpoint}/${Bucket}/a`);
  const timestamp = signedAt.toISOString().replace(/[-:]|\.\d+/g, "");
  const query = {
    Algorithm: "AWS4-HMAC-SHA256",
    Credential: `test/${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`,
    Date: timestamp,
    Expires: String(expiresIn),
    SignedHeaders: "host",
    Signature: "0".repeat(64),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(`X-Amz-${name}`, value);
  return url;
};

test("a presigned address ends when it says, verified or not", async () => {
  assert.equal((await fetch(presigned(60, new Date()))).status, 200);
  const old = await fetch(presigned(60, new Date(Date.now() - 61_000)));
  assert.equal(old.status, 403);
  assert.match(
    await old.text(),
    /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message><X-Amz-Expires>60<\/X-Amz-Expires><Expires>/,
  );
  const wrong = presigned(60, new Date());
  wrong.searchParams.set("X-Amz-Expires", "604801");
  const refused = await fetch(wrong);
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /<Code>AuthorizationQueryParametersError<\/Code>/);
});

test("a body in gzip is kept as it came, signed or not", async () => {
  const packed = gzipSync("text");
  const url = `${cloud.endpoint}/${Bucket}/packed`;
  assert.equal((await fetch(url, { method: "PUT", body: packed, headers: { "content-encoding": "gzip" } })).status, 200);
  const { Body, ContentEncoding } = await s3.send(new GetObjectCommand({ Bucket, Key: "packed" }));
  assert.equal(ContentEncoding, "gzip");
  assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), packed);
});

test("metadata beyond ASCII comes back encoded, as AWS documents it", async () => {
  const { hostname, port } = new URL(cloud.endpoint);
  const value = Buffer.from("ÄMÄZÕÑ S3", "utf8").toString("latin1");
  const path = `/${Bucket}/metadata`;
  await new Promise<void>((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method: "PUT", headers: { "x-amz-meta-nonascii": value, "content-length": 0 } },
      (answer) => {
        answer.resume().once("end", () => resolve());
      },
    );
    sent.once("error", reject).end();
  });
  const { headers } = await fetch(cloud.endpoint + path, { method: "HEAD" });
  assert.equal(headers.get("x-amz-meta-nonascii"), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
});
