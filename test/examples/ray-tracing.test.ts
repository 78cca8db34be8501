import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeMapRunCommand, ListExecutionsCommand, ListMapRunsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { zip } from "../../src/cli/app/zip.ts";
import { newCloud } from "../cloud.ts";
import { untilEnded } from "../services/sfn/service/machines-in.ts";
import { deployExample, exampleFolder } from "./examples-in.ts";

const zipOf = async (folder: string): Promise<Buffer> => {
  const names = await readdir(folder);
  return zip(await Promise.all(names.map(async (name) => ({ name: `scene/${name}`, content: await readFile(join(folder, name)) }))));
};

/** Width and height, from the first chunk of a PNG. */
const sizeOf = (png: Buffer): number[] => {
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
};

/** A GIF has one control extension for each of its pictures: `21 f9 04`. */
const picturesIn = (gif: Buffer): number => gif.toString("latin1").split("\x21\xf9\x04").length - 1;

test("a zipped scene becomes a film: a container for each frame, and one that puts them together", { timeout: 600_000 }, async () => {
  await using cloud = await newCloud();
  const { BucketName: Bucket = "", RenderArn: stateMachineArn = "" } = await deployExample(cloud, "ray-tracing");
  const [s3, sfn] = [new S3Client({ ...cloud.client, forcePathStyle: true }), new SFNClient(cloud.client)];
  const Body = await zipOf(join(exampleFolder("ray-tracing"), "scene"));
  await s3.send(new PutObjectCommand({ Bucket, Key: "ball.zip", Body }));

  // The upload alone starts it.
  let executionArn: string | undefined;
  while (executionArn === undefined) {
    const { executions: [started] = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn })); // oxlint-disable-line no-await-in-loop
    executionArn = started?.executionArn;
    await pause(50); // oxlint-disable-line no-await-in-loop
  }
  const ended = await untilEnded(sfn, executionArn);
  assert.equal(ended.status, "SUCCEEDED", `${ended.error}: ${ended.cause}`);
  const folder = `work/${ended.name}`;
  assert.deepEqual(JSON.parse(ended.output ?? ""), { frames: 6, film: `${folder}/film.gif`, sheet: `${folder}/sheet.png` });
  const { mapRuns: [run] = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const { itemCounts, status } = await sfn.send(new DescribeMapRunCommand({ mapRunArn: run?.mapRunArn }));
  assert.deepEqual([status, itemCounts?.total, itemCounts?.succeeded], ["SUCCEEDED", 6, 6]);

  const read = async (Key: string) => {
    const { Body: content } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await content?.transformToByteArray()) ?? []);
  };
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${folder}/pictures/` }));
  const pictures = await Promise.all(Contents.map(({ Key = "" }) => read(Key)));
  assert.deepEqual(
    pictures.map(sizeOf),
    Array.from({ length: 6 }, () => [160, 120]),
  );
  assert.equal(new Set(pictures.map((picture) => picture.toString("base64"))).size, 6, "the ball moves");
  assert.equal(picturesIn(await read(`${folder}/film.gif`)), 6);
  assert.deepEqual(sizeOf(await read(`${folder}/sheet.png`)), [3 * 168, 2 * 128]);
  for (const client of [s3, sfn]) client.destroy();
});
