import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { ChecksumType } from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";

const Bucket = "films";
const Key = "reel one.mp4";
const partBytes = 5 * 1024 * 1024;
const first = Buffer.alloc(partBytes, "first part ");
const last = Buffer.from("and the rest");

const newBucket = async () => {
  const cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  return { client, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
};

const begin = async (client: S3Client, type?: ChecksumType) => {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ContentType: "video/mp4",
      Metadata: { reel: "1" },
      ChecksumAlgorithm: "CRC32",
      ...(type ? { ChecksumType: type } : {}),
    }),
  );
  return { Bucket, Key, UploadId };
};

const upload = async (client: S3Client, at: { Bucket: string; Key: string; UploadId: string | undefined }, bodies: readonly Buffer[]) => {
  const parts = [];
  for (const [index, Body] of bodies.entries()) {
    const { ETag, ChecksumCRC32 } = await client.send(
      new UploadPartCommand({ ...at, PartNumber: index + 1, Body, ChecksumAlgorithm: "CRC32" }),
    );
    parts.push({ PartNumber: index + 1, ETag, ChecksumCRC32 });
  }
  return parts;
};

test("a multipart upload becomes one object whose tag is the md5 of its parts' tags", async () => {
  await using bucket = await newBucket();
  const { client } = bucket;
  const at = await begin(client);
  const Parts = await upload(client, at, [first, last]);
  assert.deepEqual(
    (await client.send(new ListPartsCommand(at))).Parts?.map(({ Size }) => Size),
    [first.length, last.length],
  );
  const done = await client.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
  const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();
  assert.equal(done.ETag, `"${md5(Buffer.concat([md5(first), md5(last)])).toString("hex")}-2"`);
  assert.match(done.ChecksumCRC32 ?? "", /-2$/);
  assert.equal(done.ChecksumType, "COMPOSITE");
  const got = await client.send(new GetObjectCommand({ Bucket, Key }));
  assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), Buffer.concat([first, last]));
  assert.equal(got.ContentType, "video/mp4");
  assert.deepEqual(got.Metadata, { reel: "1" });
  const part = await client.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }));
  assert.equal(await part.Body?.transformToString(), "and the rest");
  assert.equal(part.PartsCount, 2);
  const across = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${partBytes - 3}-${partBytes + 2}` }));
  assert.equal(await across.Body?.transformToString(), `${first.subarray(-3).toString()}and`);
  assert.equal((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
  const again = await client.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
  assert.equal(again.ETag, done.ETag, "completing again, as after a lost answer, answers the same");
});

test("a whole-object CRC32 of a multipart upload is that of all its bytes", async () => {
  await using bucket = await newBucket();
  const { client } = bucket;
  const at = await begin(client, "FULL_OBJECT");
  const Parts = await upload(client, at, [first, first, last]);
  const done = await client.send(new CompleteMultipartUploadCommand({ ...at, ChecksumType: "FULL_OBJECT", MultipartUpload: { Parts } }));
  const expected = Buffer.alloc(4);
  expected.writeUInt32BE(crc32(Buffer.concat([first, first, last])));
  assert.equal(done.ChecksumCRC32, expected.toString("base64"));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.equal(head.ChecksumCRC32, expected.toString("base64"));
  assert.equal(head.ChecksumType, "FULL_OBJECT");
});

test("parts can be copied from ranges of objects, and a copy of the result is one plain object", async () => {
  await using bucket = await newBucket();
  const { client } = bucket;
  await client.send(new PutObjectCommand({ Bucket, Key: "source", Body: Buffer.concat([first, last]) }));
  await client.send(new PutObjectCommand({ Bucket, Key: "small", Body: "0123456789" }));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC64NVME" }));
  const at = { Bucket, Key, UploadId };
  const one = await client.send(
    new UploadPartCopyCommand({ ...at, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: `bytes=7-${partBytes + 6}` }),
  );
  const two = await client.send(
    new UploadPartCopyCommand({ ...at, PartNumber: 2, CopySource: `${Bucket}/small`, CopySourceRange: "bytes=2-4" }),
  );
  const Parts = [one, two].map(({ CopyPartResult }, index) => ({ PartNumber: index + 1, ETag: CopyPartResult?.ETag }));
  await client.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
  const expected = Buffer.concat([Buffer.concat([first, last]).subarray(7, partBytes + 7), Buffer.from("234")]);
  await client.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent(Key)}` }));
  for (const name of [Key, "copy"]) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key: name }));
    assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), expected);
  }
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
  assert.equal(head.ETag, `"${createHash("md5").update(expected).digest("hex")}"`);
});

test("wrong uses of multipart uploads are refused in AWS's words", async () => {
  await using bucket = await newBucket();
  const { client } = bucket;
  const at = await begin(client);
  const Parts = await upload(client, at, [Buffer.from("too small"), last]);
  const complete = (parts: typeof Parts) => client.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts: parts } }));
  await assert.rejects(complete(Parts), {
    name: "EntityTooSmall",
    message: "Your proposed upload is smaller than the minimum allowed size",
  });
  await assert.rejects(complete(Parts.toReversed()), { name: "InvalidPartOrder" });
  await assert.rejects(complete([{ ...Parts[1], PartNumber: 2, ETag: '"0123"' } as (typeof Parts)[0]]), { name: "InvalidPart" });
  await assert.rejects(complete([]), { name: "MalformedXML" });
  await assert.rejects(client.send(new UploadPartCommand({ ...at, PartNumber: 10_001, Body: "x" })), {
    name: "InvalidArgument",
    message: "Part number must be an integer between 1 and 10000, inclusive",
  });
  await assert.rejects(client.send(new UploadPartCommand({ ...at, UploadId: "nonsense", PartNumber: 1, Body: "x" })), {
    name: "NoSuchUpload",
  });
  await client.send(new AbortMultipartUploadCommand(at));
  await assert.rejects(client.send(new AbortMultipartUploadCommand(at)), { name: "NoSuchUpload" });
  await assert.rejects(client.send(new HeadObjectCommand({ Bucket, Key })), { name: "NotFound" });
});
