import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from "@aws-sdk/client-sfn";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../../cloud.ts";
import { create, start, untilEnded } from "./machines-in.ts";

const pass = { StartAt: "Echo", States: { Echo: { Type: "Pass", End: true } } };

/** A distributed Map with these fields and what its children do. */
const map = (fields: Record<string, unknown>, processor: Record<string, unknown> = pass, ExecutionType = "STANDARD") => ({
  Type: "Map",
  ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, ...processor },
  End: true,
  ...fields,
});

const failsAtTwo = {
  StartAt: "Look",
  States: {
    Look: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 2, Next: "Refuse" }], Default: "Echo" },
    Refuse: { Type: "Fail", Error: "Two", Cause: "not two" },
    Echo: { Type: "Pass", End: true },
  },
};

test("distributed Maps", async (t) => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  const Bucket = "datasets";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const text = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? "";
  const runOf = async (executionArn: string) => {
    const { mapRuns: [run] = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
    return client.send(new DescribeMapRunCommand({ mapRunArn: run?.mapRunArn }));
  };
  const events = async (executionArn: string) => (await client.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [];
  const childrenOf = async (mapRunArn: string | undefined) =>
    (await client.send(new ListExecutionsCommand({ mapRunArn }))).executions ?? [];

  for (const type of ["STANDARD", "EXPRESS"])
    await t.test(`a Map over the state's own data has a child of type ${type} for each item, and their outputs in order`, async () => {
      const machine = await create(client, `over-items-${type}`, { Each: map({ Label: "Each" }, pass, type) });
      const arn = await start(client, machine, [1, "two", { three: 3 }]);
      const { status, output } = await untilEnded(client, arn);
      assert.equal(status, "SUCCEEDED");
      assert.equal(output, '[1,"two",{"three":3}]');
      const { mapRunArn, itemCounts, executionCounts, ...run } = await runOf(arn);
      assert.equal(run.status, "SUCCEEDED");
      assert.match(mapRunArn ?? "", new RegExp(`^arn:aws:states:us-east-1:000000000000:mapRun:over-items-${type}/Each:[0-9a-f-]{36}$`));
      assert.equal(itemCounts?.total, 3);
      assert.equal(executionCounts?.succeeded, 3);
      assert.equal(run.maxConcurrency, 0);
      const children = await childrenOf(mapRunArn);
      assert.deepEqual(new Set(children.map((child) => child.stateMachineArn)), new Set([`${machine}/Each`]));
      assert.ok(children.every((child) => child.itemCount === 1 && child.mapRunArn === mapRunArn));
      const types = (await events(arn)).map((event) => event.type);
      assert.deepEqual(types, [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
      ]);
    });

  await t.test("a child is an execution of its own, which knows its map run", async () => {
    const machine = await create(client, "known", { Each: map({ Label: "Each" }) });
    const arn = await start(client, machine, [7]);
    await untilEnded(client, arn);
    const { mapRunArn } = await runOf(arn);
    const [child] = await childrenOf(mapRunArn);
    const found = await client.send(new DescribeExecutionCommand({ executionArn: child?.executionArn }));
    assert.equal(found.mapRunArn, mapRunArn);
    assert.equal(found.input, "7");
    const of = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn: child?.executionArn }));
    assert.equal(of.mapRunArn, mapRunArn);
    assert.equal(of.label, "Each");
    assert.deepEqual(
      (await events(child?.executionArn ?? "")).map((event) => event.type),
      ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
    );
  });

  await t.test("of Express executions those can be described that a map run has started", async () => {
    const machine = await create(client, "known-express", { Each: map({ Label: "Each" }, failsAtTwo, "EXPRESS") });
    const arn = await start(client, machine, [1, 2]);
    await untilEnded(client, arn);
    const { mapRunArn } = await runOf(arn);
    const children = await childrenOf(mapRunArn);
    const found = await Promise.all(children.map(({ executionArn }) => client.send(new DescribeExecutionCommand({ executionArn }))));
    assert.deepEqual(
      new Map(found.map(({ input, status, error, redriveStatus, mapRunArn: of }) => [input, [status, error, redriveStatus, of]])),
      new Map([
        ["1", ["SUCCEEDED", undefined, "NOT_REDRIVABLE", mapRunArn]],
        ["2", ["FAILED", "Two", "REDRIVABLE_BY_MAP_RUN", mapRunArn]],
      ]),
    );
    const executionArn = children[0]?.executionArn ?? "";
    await assert.rejects(client.send(new GetExecutionHistoryCommand({ executionArn })), { name: "InvalidArn" });
    await assert.rejects(client.send(new DescribeExecutionCommand({ executionArn: executionArn.replace("/Each", "") })), {
      name: "InvalidArn",
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
  });

  await t.test("a CSV object is read in batches, selected, and its results are written to files that a manifest names", async () => {
    await put("people.csv", `name,age\n${Array.from({ length: 25 }, (_, index) => `n${index},${index}`).join("\n")}\n`);
    const machine = await create(client, "csv", {
      Each: map({
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
          Parameters: { Bucket, "Key.$": "$.key" },
        },
        ItemSelector: { "who.$": "$$.Map.Item.Value.name", "index.$": "$$.Map.Item.Index" },
        ItemBatcher: { MaxItemsPerBatch: 10 },
        ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket, Prefix: "results" } },
      }),
    });
    const arn = await start(client, machine, { key: "people.csv" });
    const { status, output = "" } = await untilEnded(client, arn);
    assert.equal(status, "SUCCEEDED");
    const { mapRunArn, itemCounts, executionCounts } = await runOf(arn);
    const told = JSON.parse(output) as { MapRunArn: string; ResultWriterDetails: { Bucket: string; Key: string } };
    assert.equal(told.MapRunArn, mapRunArn);
    assert.equal(itemCounts?.total, 25);
    assert.equal(executionCounts?.total, 3);
    assert.equal(itemCounts?.resultsWritten, 25);
    assert.equal(executionCounts?.resultsWritten, 3);
    const manifest = JSON.parse(await text(told.ResultWriterDetails.Key)) as {
      ResultFiles: { SUCCEEDED: { Key: string; Size: number }[] };
    };
    const [file] = manifest.ResultFiles.SUCCEEDED;
    const results = await text(file?.Key ?? "");
    assert.equal(Buffer.byteLength(results), file?.Size);
    const outputs = (JSON.parse(results) as { Output: string }[]).map((each) => JSON.parse(each.Output) as { Items: { who: string }[] });
    assert.deepEqual(
      outputs.map(({ Items }) => Items.length),
      [10, 10, 5],
    );
    assert.deepEqual(outputs[2]?.Items[4], { who: "n24", index: 24 });
  });

  await t.test("a listing of objects is a dataset", async () => {
    for (const name of ["a", "b", "c"]) await put(`listed/${name}`, name);
    const machine = await create(client, "listing", {
      Each: map({
        ItemReader: { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { Bucket, Prefix: "listed/" } },
        ItemSelector: { "key.$": "$$.Map.Item.Value.Key" },
      }),
    });
    const { output } = await untilEnded(client, await start(client, machine));
    assert.deepEqual(JSON.parse(output ?? ""), [{ key: "listed/a" }, { key: "listed/b" }, { key: "listed/c" }]);
  });

  await t.test("a dataset that is not there fails the Map with States.ItemReaderFailed", async () => {
    const reader = { Resource: "arn:aws:states:::s3:getObject", ReaderConfig: { InputType: "JSON" }, Parameters: { Bucket, Key: "none" } };
    const machine = await create(client, "no-dataset", { Each: map({ ItemReader: reader }) });
    const arn = await start(client, machine);
    const { status, error, cause } = await untilEnded(client, arn);
    assert.equal(status, "FAILED");
    assert.equal(error, "States.ItemReaderFailed");
    assert.match(cause ?? "", /NoSuchKey/);
    assert.equal((await runOf(arn)).status, "FAILED");
  });

  await t.test("a failed child fails the Map that tolerates none, and the run's other children are aborted", async () => {
    const slow = { ...failsAtTwo, States: { ...failsAtTwo.States, Echo: { Type: "Wait", Seconds: 60, End: true } } };
    const machine = await create(client, "intolerant", { Each: map({}, slow) });
    const arn = await start(client, machine, [1, 2, 3]);
    const { status, error, cause } = await untilEnded(client, arn);
    assert.equal(status, "FAILED");
    assert.equal(error, "States.ExceedToleratedFailureThreshold");
    assert.equal(cause, "The specified tolerated failure threshold was exceeded");
    const { executionCounts, status: how } = await runOf(arn);
    assert.equal(how, "FAILED");
    assert.equal(executionCounts?.failed, 1);
    assert.equal(executionCounts?.aborted, 2);
    assert.equal(executionCounts?.running, 0);
  });

  await t.test(
    "a run that failed has its results written too, and one without a bucket fails for its own reason however much came out",
    async () => {
      const writer = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket, Prefix: "failed" } };
      const written = await create(client, "failed-written", { Each: map({ MaxConcurrency: 1, ResultWriter: writer }, failsAtTwo) });
      const arn = await start(client, written, [1, 2]);
      assert.equal((await untilEnded(client, arn)).error, "States.ExceedToleratedFailureThreshold");
      const { itemCounts } = await runOf(arn);
      assert.equal(itemCounts?.resultsWritten, 2);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "failed/" }));
      assert.deepEqual(
        Contents.map(({ Key = "" }) => Key.slice(Key.lastIndexOf("/") + 1)),
        ["FAILED_0.json", "SUCCEEDED_0.json", "manifest.json"],
      );
      const large = {
        StartAt: "Look",
        States: {
          Look: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "Refuse" }], Default: "Echo" },
          Refuse: { Type: "Fail", Error: "Two" },
          Echo: { Type: "Pass", End: true },
        },
      };
      const items = [1, 3, 2].map((n) => ({ n, text: "x".repeat(80_000) }));
      const much = await create(client, "failed-much", { Each: map({ MaxConcurrency: 1 }, large) });
      assert.equal((await untilEnded(client, await start(client, much, items))).error, "States.ExceedToleratedFailureThreshold");
    },
  );

  await t.test("failures that are tolerated leave a gap in the result", async () => {
    const machine = await create(client, "tolerant", { Each: map({ ToleratedFailurePercentage: 40 }, failsAtTwo) });
    const arn = await start(client, machine, [1, 2, 3]);
    const { status, output } = await untilEnded(client, arn);
    assert.equal(status, "SUCCEEDED");
    assert.equal(output, "[1,3]");
    const { toleratedFailurePercentage, executionCounts } = await runOf(arn);
    assert.equal(toleratedFailurePercentage, 40);
    assert.equal(executionCounts?.failed, 1);
  });

  await t.test("MaxConcurrency holds for the whole run, and UpdateMapRun lifts it", async () => {
    const waits = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 2, End: true } } };
    const machine = await create(client, "narrow", { Each: map({ MaxConcurrency: 2 }, waits) });
    const arn = await start(
      client,
      machine,
      Array.from({ length: 12 }, (_, index) => index),
    );
    let run = await runOf(arn);
    while ((run.executionCounts?.running ?? 0) < 2) run = await runOf(arn);
    assert.equal(run.executionCounts?.running, 2);
    assert.equal(run.itemCounts?.pending, 10);
    await client.send(new UpdateMapRunCommand({ mapRunArn: run.mapRunArn, maxConcurrency: 100 }));
    while ((run.executionCounts?.running ?? 0) < 10) run = await runOf(arn);
    assert.equal((await untilEnded(client, arn)).status, "SUCCEEDED");
    assert.equal((await runOf(arn)).maxConcurrency, 100);
    const update = (input: object) => client.send(new UpdateMapRunCommand({ mapRunArn: run.mapRunArn, ...input }));
    await assert.rejects(update({ maxConcurrency: 1 }), { name: "ValidationException", reason: "CANNOT_UPDATE_COMPLETED_MAP_RUN" });
    assert.equal((await runOf(arn)).maxConcurrency, 100);
    await assert.rejects(update({}), { name: "ValidationException", reason: "MISSING_REQUIRED_PARAMETER" });
    await assert.rejects(update({ maxConcurrency: -1, toleratedFailureCount: -1, toleratedFailurePercentage: 101 }), {
      name: "ValidationException",
      message: /^3 validation errors detected: /,
    });
  });

  for (const type of ["STANDARD", "EXPRESS"])
    await t.test(`stopping the execution aborts the run and its children of type ${type}`, async () => {
      const waits = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 200, End: true } } };
      const machine = await create(client, `stopped-${type}`, { Each: map({}, waits, type) });
      const arn = await start(client, machine, [1, 2, 3]);
      while (((await runOf(arn).catch(() => undefined))?.executionCounts?.running ?? 0) < 3);
      await client.send(new StopExecutionCommand({ executionArn: arn }));
      let run = await runOf(arn);
      while (run.executionCounts?.aborted !== 3) run = await runOf(arn);
      assert.equal(run.status, "ABORTED");
      assert.equal(run.executionCounts?.running, 0);
    });

  for (const type of ["STANDARD", "EXPRESS"])
    await t.test(`a redrive runs again the children of type ${type} that did not succeed, in the same map run`, async () => {
      await put("flag.json", "[2]");
      const reader = {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Parameters: { Bucket, Key: "items.json" },
      };
      await put("items.json", "[1,2,3]");
      const looks = {
        StartAt: "Look",
        States: {
          Look: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:s3:getObject",
            Parameters: { Bucket, "Key.$": `States.Format('${type}-{}', $)` },
            ResultSelector: { "found.$": "$.Body" },
            End: true,
          },
        },
      };
      for (const number of [1, 3]) await put(`${type}-${number}`, String(number));
      const machine = await create(client, `redriven-${type}`, {
        Each: map({ ItemReader: reader, ToleratedFailureCount: 0 }, looks, type),
      });
      const arn = await start(client, machine);
      assert.equal((await untilEnded(client, arn)).error, "States.ExceedToleratedFailureThreshold");
      const before = await runOf(arn);
      await put(`${type}-2`, "2");
      await client.send(new RedriveExecutionCommand({ executionArn: arn }));
      const { status, output } = await untilEnded(client, arn);
      assert.equal(status, "SUCCEEDED");
      assert.equal(output, '[{"found":"1"},{"found":"2"},{"found":"3"}]');
      const after = await runOf(arn);
      assert.equal(after.mapRunArn, before.mapRunArn);
      assert.equal(after.redriveCount, 1);
      assert.equal(after.executionCounts?.succeeded, 3);
      assert.ok((await events(arn)).some(({ type }) => type === "MapRunRedriven"));
    });

  await t.test("a failed child is redriven by its map run alone, and a Map state's ARN starts nothing", async () => {
    const machine = await create(client, "by-map-run", { Each: map({ Label: "Each" }, failsAtTwo) });
    const arn = await start(client, machine, [2]);
    await untilEnded(client, arn);
    const [child] = await childrenOf((await runOf(arn)).mapRunArn);
    const executionArn = child?.executionArn;
    const { redriveStatus } = await client.send(new DescribeExecutionCommand({ executionArn }));
    assert.equal(redriveStatus, "REDRIVABLE_BY_MAP_RUN");
    await assert.rejects(client.send(new RedriveExecutionCommand({ executionArn })), { name: "ExecutionNotRedrivable" });
    await assert.rejects(start(client, `${machine}/Each`), { name: "ValidationException", reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS" });
    await assert.rejects(client.send(new DescribeMapRunCommand({ mapRunArn: arn })), { name: "InvalidArn" });
    const none = arn.replace(":execution:", ":mapRun:").replace("by-map-run:", "by-map-run/Each:");
    await assert.rejects(client.send(new DescribeMapRunCommand({ mapRunArn: none })), { name: "ResourceNotFound" });
  });

  await t.test("an empty dataset gives an empty result", async () => {
    const machine = await create(client, "empty", { Each: map({}) });
    assert.equal((await untilEnded(client, await start(client, machine, []))).output, "[]");
  });

  await t.test("results in JSON lines are what each child answered, flattened", async () => {
    const machine = await create(client, "lines", {
      Each: map({
        ResultWriter: {
          Resource: "arn:aws:states:::s3:putObject",
          Parameters: { Bucket, Prefix: "lines" },
          WriterConfig: { Transformation: "FLATTEN", OutputType: "JSONL" },
        },
      }),
    });
    await untilEnded(client, await start(client, machine, [[1, 2], [3]]));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "lines/" }));
    const key = Contents.map(({ Key = "" }) => Key).find((each) => each.endsWith("SUCCEEDED_0.jsonl"));
    assert.equal(await text(key ?? ""), "1\n2\n3\n");
  });
});
