import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudAddress } from "#config";
import { CliError } from "../cli-error.ts";
import { seconds } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { newFunctionWatch } from "./watch-functions.ts";
import { newTaskWatch } from "./watch-tasks.ts";

/** The frame at one second is wanted: the app reads that from the name. */
export const sampleName = "sample_00-01.mp4";

type Wanted = { folder: string; bucket: string; stackName: string; output: string };
type Access = { address: CloudAddress; terminal: Terminal };

const pollMs = 40;
const patienceMs = 180_000;

/** Uploads the sample and tells what happens until its thumbnail is there and the second function has said so. */
export const runDemo = async (
  { folder, bucket, stackName, output }: Wanted,
  access: Access,
): Promise<{ sizeBytes: number; ms: number }> => {
  const { address, terminal } = access;
  const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ ...address, forcePathStyle: true });
  const thumbnail = `${sampleName}.jpg`;
  const functions = await newFunctionWatch(access, { stackName, names: ["onNewVideo", "onNewThumbnail"] });
  const tasks = await newTaskWatch(access, stackName);
  const video = await readFile(join(folder, sampleName));
  const startedAt = performance.now();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: sampleName, Body: video, ContentType: "video/mp4" }));
  terminal.step("upload", `${sampleName} (${video.length} bytes) to s3://${bucket}`, { bucket, key: sampleName });
  let writtenAt: number | undefined;
  for (;;) {
    await Promise.all([functions.look(), tasks.look()]);
    if (writtenAt === undefined && (await exists(s3, { Bucket: bucket, Key: thumbnail }))) {
      writtenAt = performance.now() - startedAt;
      terminal.step("object", `${thumbnail} written, ${seconds(writtenAt)} after the upload`, {
        key: thumbnail,
        ms: Math.round(writtenAt),
      });
    }
    if (writtenAt !== undefined && functions.said("*** New thumbnail") && tasks.ended()) break;
    if (tasks.failure() !== undefined) throw new CliError(`The task failed: ${tasks.failure()}\n${await tasks.output()}`);
    if (performance.now() - startedAt > patienceMs)
      throw new CliError(`No thumbnail within ${patienceMs / 1000} seconds.\n${functions.lines().join("\n")}\n${await tasks.output()}`);
    await sleep(pollMs);
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: thumbnail }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  await writeFile(output, bytes);
  s3.destroy();
  return { sizeBytes: bytes.length, ms: writtenAt };
};

const exists = async (s3: import("@aws-sdk/client-s3").S3Client, at: { Bucket: string; Key: string }): Promise<boolean> => {
  const { HeadObjectCommand, S3ServiceException } = await import("@aws-sdk/client-s3");
  return s3.send(new HeadObjectCommand(at)).then(
    () => true,
    (error: unknown) => {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
      throw error;
    },
  );
};
