import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const clientOf = (cloud: TestCloud) => new S3Client({ ...cloud.client, forcePathStyle: true });
const Bucket = "photos";

const withBucket = async (cloud: TestCloud) => {
  const client = clientOf(cloud);
  await client.send(new CreateBucketCommand({ Bucket }));
  return client;
};

test("an object comes back with its bytes, headers and metadata", async () => {
  await using cloud = await newCloud();
  const client = await withBucket(cloud);
  const put = await client.send(
    new PutObjectCommand({
      Bucket,
      Key: "summer/beach 1+2.jpg",
      Body: "sand",
      ContentType: "image/jpeg",
      CacheControl: "max-age=60",
      Metadata: { place: "Rugen" },
      StorageClass: "STANDARD_IA",
    }),
  );
  assert.equal(put.ETag, '"88336b5bb2a1cc21bac7cf33fd451270"');
  const got = await client.send(new GetObjectCommand({ Bucket, Key: "summer/beach 1+2.jpg" }));
  assert.equal(await got.Body?.transformToString(), "sand");
  assert.equal(got.ContentType, "image/jpeg");
  assert.equal(got.CacheControl, "max-age=60");
  assert.equal(got.StorageClass, "STANDARD_IA");
  assert.deepEqual(got.Metadata, { place: "Rugen" });
  assert.equal(got.ETag, put.ETag);
});

test("a large object comes back whole and in ranges", async () => {
  await using cloud = await newCloud();
  const client = await withBucket(cloud);
  const Body = Buffer.alloc(1_000_003, "0123456789");
  await client.send(new PutObjectCommand({ Bucket, Key: "large", Body }));
  const whole = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
  assert.deepEqual(Buffer.from((await whole.Body?.transformToByteArray()) ?? []), Body);
  const part = await client.send(new GetObjectCommand({ Bucket, Key: "large", Range: "bytes=-5" }));
  assert.equal(await part.Body?.transformToString(), "89012");
  assert.equal(part.ContentRange, "bytes 999998-1000002/1000003");
  assert.equal(part.$metadata.httpStatusCode, 206);
});

test("HeadObject, DeleteObject and DeleteObjects", async () => {
  await using cloud = await newCloud();
  const client = await withBucket(cloud);
  for (const Key of ["a", "b", "c"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  assert.equal((await client.send(new HeadObjectCommand({ Bucket, Key: "a" }))).ContentLength, 1);
  await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await assert.rejects(client.send(new HeadObjectCommand({ Bucket, Key: "a" })), { name: "NotFound" });
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key: "a" })), {
    name: "NoSuchKey",
    message: "The specified key does not exist.",
  });
  const deleted = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "b" }, { Key: "not there" }] } }));
  assert.deepEqual(
    deleted.Deleted?.map(({ Key }) => Key),
    ["b", "not there"],
  );
  assert.deepEqual(
    (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key),
    ["c"],
  );
});
