import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeMapRunCommand, ListMapRunsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { spawnCloud, temporaryFolder } from "../../../cloud.ts";
import { create, start, untilEnded } from "./machines-in.ts";

const count = 3000;
const Bucket = "lines";

const definition = (ExecutionType: string) => ({
  Each: {
    Type: "Map",
    MaxConcurrency: 300,
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSONL" },
      Parameters: { Bucket, Key: "numbers.jsonl" },
    },
    ItemBatcher: { MaxItemsPerBatch: 2 },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType },
      StartAt: "Pause",
      States: { Pause: { Type: "Wait", Seconds: 1, Next: "Sum" }, Sum: { Type: "Pass", OutputPath: "$.Items", End: true } },
    },
    ResultWriter: {
      Resource: "arn:aws:states:::s3:putObject",
      Parameters: { Bucket, Prefix: ExecutionType },
      WriterConfig: { Transformation: "FLATTEN", OutputType: "JSONL" },
    },
    End: true,
  },
});

test("a map run goes on after kill -9, and again: each item has one child and one result, in its order", async () => {
  const dataPath = await temporaryFolder();
  let cloud = await spawnCloud(dataPath, { args: ["--engine", "memory"] });
  const { port } = cloud;
  try {
    const client = new SFNClient({ ...cloud.client, maxAttempts: 20 });
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
    const lines = Array.from({ length: count }, (_, index) => `${index}\n`).join("");
    await s3.send(new PutObjectCommand({ Bucket, Key: "numbers.jsonl", Body: lines }));
    const started = await Promise.all(
      ["STANDARD", "EXPRESS"].map(async (type) => start(client, await create(client, `killed-${type}`, definition(type)))),
    );
    for (const milliseconds of [700, 1900, 1100]) {
      await pause(milliseconds);
      await cloud.kill();
      cloud = await spawnCloud(dataPath, { port, args: ["--engine", "memory"] });
    }
    for (const arn of started) {
      const { status, output = "" } = await untilEnded(client, arn);
      assert.equal(status, "SUCCEEDED");
      const { mapRuns: [run, ...others] = [] } = await client.send(new ListMapRunsCommand({ executionArn: arn }));
      assert.equal(others.length, 0);
      const { itemCounts, executionCounts, ...told } = await client.send(new DescribeMapRunCommand({ mapRunArn: run?.mapRunArn }));
      assert.equal(told.status, "SUCCEEDED");
      assert.equal(itemCounts?.succeeded, count);
      assert.equal(itemCounts?.total, count);
      assert.equal(executionCounts?.running, 0);
      assert.equal(itemCounts?.resultsWritten, count);
      const { ResultWriterDetails } = JSON.parse(output) as { ResultWriterDetails: { Key: string } };
      const Key = ResultWriterDetails.Key.replace("manifest.json", "SUCCEEDED_0.jsonl");
      const results = await s3.send(new GetObjectCommand({ Bucket, Key }));
      assert.equal(await results.Body?.transformToString(), lines);
    }
  } finally {
    await cloud[Symbol.asyncDispose]();
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("Express children that a crash ends when the whole dataset has been given are given their items again", async () => {
  const dataPath = await temporaryFolder();
  let cloud = await spawnCloud(dataPath, { args: ["--engine", "memory"] });
  const { port } = cloud;
  try {
    const client = new SFNClient({ ...cloud.client, maxAttempts: 20 });
    const processor = { StartAt: "Pause", States: { Pause: { Type: "Wait", Seconds: 3, End: true } } };
    const ItemProcessor = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" }, ...processor };
    const arn = await start(client, await create(client, "given", { Each: { Type: "Map", ItemProcessor, End: true } }), [1, 2, 3, 4, 5]);
    await pause(1_000);
    await cloud.kill();
    cloud = await spawnCloud(dataPath, { port, args: ["--engine", "memory"] });
    const { status, output } = await untilEnded(client, arn);
    assert.equal(status, "SUCCEEDED");
    assert.equal(output, "[1,2,3,4,5]");
  } finally {
    await cloud[Symbol.asyncDispose]();
    await rm(dataPath, { recursive: true, force: true });
  }
});
