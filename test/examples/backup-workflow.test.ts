import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { extract } from "tar-stream";
import { newCloud } from "../cloud.ts";
import { start, untilEnded } from "../services/sfn/service/machines-in.ts";
import { deployExample } from "./examples-in.ts";

const instances: Record<string, Record<string, string>> = {
  "db-1": { "instance.json": '{ "backup": "snapshot" }', "data/rows.csv": "1,one\n2,two\n" },
  "web-1": { "instance.json": '{ "backup": "image" }', "www/index.html": "<h1>Hello</h1>", "www/robots.txt": "User-agent: *\n" },
  "web-2": { "instance.json": '{ "backup": "image" }' },
};

const filesOf = async (archive: Uint8Array): Promise<Record<string, string>> => {
  const files: Record<string, string> = {};
  const entries = extract();
  entries.end(gunzipSync(archive));
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === "file") files[entry.header.name.replace("./", "")] = Buffer.concat(chunks).toString();
  }
  return files;
};

test("the backup workflow makes a snapshot or an image of each instance", { timeout: 600_000 }, async () => {
  await using cloud = await newCloud();
  const { BucketName: Bucket = "", BackupArn = "" } = await deployExample(cloud, "backup-workflow");
  const [s3, sfn] = [new S3Client({ ...cloud.client, forcePathStyle: true }), new SFNClient(cloud.client)];
  const none = await untilEnded(sfn, await start(sfn, BackupArn, {}, "nothing-yet"));
  assert.deepEqual([none.status, none.error], ["FAILED", "NoInstances"], none.cause);

  for (const [name, files] of Object.entries(instances))
    for (const [path, Body] of Object.entries(files))
      await s3.send(new PutObjectCommand({ Bucket, Key: `instances/${name}/${path}`, Body })); // oxlint-disable-line no-await-in-loop
  const ended = await untilEnded(sfn, await start(sfn, BackupArn, {}, "nightly"));
  assert.equal(ended.status, "SUCCEEDED", `${ended.error}: ${ended.cause}`);
  assert.deepEqual(JSON.parse(ended.output ?? "null"), {
    count: 3,
    backups: [
      { instance: "db-1", type: "snapshot", key: "backups/nightly/db-1/" },
      { instance: "web-1", type: "image", key: "backups/nightly/web-1.tar.gz" },
      { instance: "web-2", type: "image", key: "backups/nightly/web-2.tar.gz" },
    ],
  });

  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "backups/" }));
  assert.deepEqual(
    Contents.map(({ Key }) => Key),
    ["db-1/data/rows.csv", "db-1/instance.json", "web-1.tar.gz", "web-2.tar.gz"].map((key) => `backups/nightly/${key}`),
  );
  const read = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `backups/nightly/${Key}` }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  assert.equal(Buffer.from(await read("db-1/data/rows.csv")).toString(), "1,one\n2,two\n");
  assert.deepEqual(await filesOf(await read("web-1.tar.gz")), instances["web-1"]);
  for (const client of [s3, sfn]) client.destroy();
});
