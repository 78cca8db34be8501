import assert from "node:assert/strict";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { spawnCloud, temporaryFolder } from "../../cloud.ts";
import type { SpawnedCloud } from "../../cloud.ts";

const Bucket = "crashes";
const clientOf = (cloud: SpawnedCloud) => new S3Client({ ...cloud.client, forcePathStyle: true, maxAttempts: 1 });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Writes until the cloud dies; each key is its content's hash, so that whatever is found can be checked. */
const write = async (client: S3Client, acknowledged: Set<string>, sizeBytes: () => number): Promise<void> => {
  for (;;) {
    const Body = randomBytes(sizeBytes());
    const Key = sha256(Body);
    try {
      if (Body.length > 5 << 20) await writeInParts(client, Key, Body);
      else await client.send(new PutObjectCommand({ Bucket, Key, Body }));
    } catch {
      return;
    }
    acknowledged.add(Key);
  }
};

const writeInParts = async (client: S3Client, Key: string, Body: Buffer): Promise<void> => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC32" }));
  const Parts = await Promise.all(
    [Body.subarray(0, 5 << 20), Body.subarray(5 << 20)].map(async (part, index) => {
      const sent = await client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body: part, ChecksumAlgorithm: "CRC32" }),
      );
      return { PartNumber: index + 1, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
    }),
  );
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
};

test("after kill -9 during uploads all that was acknowledged is there, and nothing that is half", async () => {
  const dataPath = await temporaryFolder();
  const acknowledged = new Set<string>();
  try {
    for (let round = 0; round < 3; round++) {
      const cloud = await spawnCloud(dataPath);
      const client = clientOf(cloud);
      if (round === 0) await client.send(new CreateBucketCommand({ Bucket }));
      const sizes = [
        () => randomInt(1, 4000),
        () => randomInt(1, 4000),
        () => randomInt(20_000, 400_000),
        () => (5 << 20) + randomInt(1, 100_000),
      ];
      const writers = Promise.all(sizes.map((size) => write(client, acknowledged, size)));
      await pause(randomInt(400, 900));
      await cloud.kill();
      await writers;
      client.destroy();
    }
    await using cloud = await spawnCloud(dataPath);
    const client = clientOf(cloud);
    const found = new Set<string>();
    let ContinuationToken: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await client.send(
        new ListObjectsV2Command({ Bucket, ...(ContinuationToken ? { ContinuationToken } : {}) }),
      );
      for (const { Key = "" } of page.Contents ?? []) found.add(Key);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    assert.ok(acknowledged.size > 20, `only ${acknowledged.size} writes in three rounds`);
    assert.deepEqual(
      [...acknowledged].filter((key) => !found.has(key)),
      [],
    );
    for (const Key of found) {
      const got = await client.send(new GetObjectCommand({ Bucket, Key }));
      assert.equal(sha256((await got.Body?.transformToByteArray()) ?? new Uint8Array()), Key);
    }
    assert.deepEqual(await readdir(join(dataPath, "blobs", "temporary")), []);
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
