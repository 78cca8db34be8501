import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runMachine, machineOf } from "./driver.ts";
import type { Json } from "#services/sfn/language/json.ts";
import { SeededChance } from "#services/sfn/language/interpreter/chance.ts";
import type { MapRunSpec, ReaderSpec } from "#services/sfn/language/interpreter/map-run-spec.ts";
import { batchesOf } from "#services/sfn/language/map-run/batch.ts";
import { csvRows } from "#services/sfn/language/map-run/csv.ts";
import { selectItem } from "#services/sfn/language/map-run/item.ts";
import { planMapRun } from "#services/sfn/language/map-run/plan.ts";
import { itemsInState, readItems } from "#services/sfn/language/map-run/read.ts";
import {
  collectedResult,
  destination,
  manifest,
  resultFile,
  writtenResult,
  type ChildResult,
} from "#services/sfn/language/map-run/results.ts";
import { exceedsTolerance } from "#services/sfn/language/map-run/tally.ts";

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const spec = (changes: Partial<ReaderSpec>): ReaderSpec => ({
  resource: "arn:aws:states:::s3:getObject",
  arguments: {},
  inputType: "CSV",
  headerLocation: "FIRST_ROW",
  headers: undefined,
  delimiter: "COMMA",
  maxItems: undefined,
  manifestType: undefined,
  itemsPointer: undefined,
  loadAndFlatten: false,
  ...changes,
});

const read = async (changes: Partial<ReaderSpec>, text: string, size = 3) =>
  (await Array.fromAsync(readItems(spec(changes), pieces(text, size), "s3://b/k"))).map(({ value }) => value);

const distributed = (state: object) => ({
  StartAt: "M",
  States: {
    M: {
      Type: "Map",
      End: true,
      ...state,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
        StartAt: "P",
        States: { P: { Type: "Pass", End: true } },
      },
    },
  },
});

const specOf = async (definition: object, input: unknown): Promise<MapRunSpec> => {
  let found: MapRunSpec | undefined;
  await runMachine(definition, {
    input,
    mapRuns: ({ key, spec: given }) => {
      found = given;
      return [{ kind: "mapRunSucceeded", key, output: "[]" }];
    },
  });
  assert.ok(found);
  return found;
};

test("CSV is read with its header, given headers, quotes and other delimiters", async () => {
  assert.deepEqual(await read({}, 'id,name\r\n1,"a, ""b"""\n2,\n\n3,"x\ny"'), [
    { id: "1", name: 'a, "b"' },
    { id: "2", name: "" },
    { id: "3", name: "x\ny" },
  ]);
  assert.deepEqual(await read({ headerLocation: "GIVEN", headers: ["a", "b"], delimiter: "PIPE" }, "1|2\n3|4"), [
    { a: "1", b: "2" },
    { a: "3", b: "4" },
  ]);
  assert.deepEqual(await read({ maxItems: 1 }, "a\n1\n2"), [{ a: "1" }]);
  await assert.rejects(read({}, "a,a\n1,2"), { error: "States.ItemReaderFailed" });
});

test("CSV rows survive being written, quoted and read in pieces", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", " ") });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      async (rows, size) => {
        const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")).join("\n");
        assert.deepEqual(await Array.fromAsync(csvRows(pieces(text, size), ",")), rows);
      },
    ),
  );
});

test("JSON, JSON lines and manifests are read", async () => {
  assert.deepEqual(await read({ inputType: "JSON" }, '[1,{"a":2}]'), [1, { a: 2 }]);
  assert.deepEqual(await read({ inputType: "JSON", itemsPointer: "/data/list" }, '{"data":{"list":[1,2]}}'), [1, 2]);
  assert.deepEqual(await read({ inputType: "JSONL" }, '{"a":1}\n\n{"a":2}'), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await read({ inputType: "MANIFEST" }, '{"files":[{"key":"x"}]}'), [{ key: "x" }]);
  await assert.rejects(read({ inputType: "JSON" }, "5"), {
    error: "States.ItemReaderFailed",
    cause: "Attempting to map over non-iterable node.",
  });
  await assert.rejects(read({ inputType: "JSONL" }, "{"), { error: "States.ItemReaderFailed" });
});

test("the settings of a map run are evaluated once", async () => {
  const found = await specOf(
    distributed({
      MaxConcurrencyPath: "$.c",
      ToleratedFailurePercentagePath: "$.p",
      Label: "frames",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", MaxItemsPath: "$.m" },
        Parameters: { "Bucket.$": "$.b", Key: "k" },
      },
      ItemBatcher: { MaxItemsPerBatch: 3, BatchInput: { "shared.$": "$.b" } },
      ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { "Bucket.$": "$.b", Prefix: "out" } },
    }),
    { c: 7, p: 12.5, m: 10, b: "bucket" },
  );
  assert.deepEqual(
    [found.concurrency, found.toleratedFailurePercentage, found.toleratedFailureCount, found.label, found.executionType],
    [7, 12.5, undefined, "frames", "EXPRESS"],
  );
  assert.deepEqual([found.reader?.arguments, found.reader?.maxItems, found.items], [{ Bucket: "bucket", Key: "k" }, 10, undefined]);
  assert.deepEqual(found.batcher, { maxItems: 3, maxBytes: undefined, batchInput: { shared: "bucket" } });
  assert.deepEqual(found.writer?.arguments, { Bucket: "bucket", Prefix: "out" });
});

test("items are selected without the parent execution", async () => {
  const definition = distributed({
    ItemsPath: "$.items",
    ItemSelector: { "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "o.$": "$.other", "s.$": "$$.Map.Item.Source" },
  });
  const found = await specOf(definition, { items: ["a", "b"], other: 1 });
  const machine = machineOf(definition);
  const items = itemsInState(JSON.parse(found.items ?? "[]") as string[]);
  const selected = [];
  for (const item of items) selected.push(await selectItem(machine, found, { item, nowMs: 0, chance: new SeededChance("x") }));
  assert.deepEqual(selected, [
    { v: "a", i: 0, o: 1, s: "STATE_DATA" },
    { v: "b", i: 1, o: 1, s: "STATE_DATA" },
  ]);
});

const numbered = (values: Json[], first = 0) => values.map((value, at) => ({ index: first + at, value }));

test("batches hold at most so many items and bytes", async () => {
  const batches = await Array.fromAsync(batchesOf({ maxItems: 2, maxBytes: undefined, batchInput: { b: 1 } }, numbered([1, 2, 3])));
  assert.deepEqual(batches, [
    { input: '{"BatchInput":{"b":1},"Items":[1,2]}', firstItem: 0, items: 2 },
    { input: '{"BatchInput":{"b":1},"Items":[3]}', firstItem: 2, items: 1 },
  ]);
  const spec = { maxItems: undefined, maxBytes: 20, batchInput: undefined };
  const sized = await Array.fromAsync(batchesOf(spec, numbered(["aaaa", "bbbb", "é", "", "f"])));
  assert.deepEqual(
    sized.map(({ input }) => input),
    ['{"Items":["aaaa"]}', '{"Items":["bbbb"]}', '{"Items":["é",""]}', '{"Items":["f"]}'],
  );
  assert.deepEqual(await Array.fromAsync(batchesOf(undefined, numbered([{ a: 1 }], 7))), [{ input: '{"a":1}', firstItem: 7, items: 1 }]);
});

test("a gap in the items closes a batch", async () => {
  const items = [...numbered([0, 1, 2]), ...numbered([7, 8, 9], 7)];
  const batches = await Array.fromAsync(batchesOf({ maxItems: 4, maxBytes: undefined, batchInput: undefined }, items));
  assert.deepEqual(batches, [
    { input: '{"Items":[0,1,2]}', firstItem: 0, items: 3 },
    { input: '{"Items":[7,8,9]}', firstItem: 7, items: 3 },
  ]);
});

test("failures are tolerated up to either threshold", () => {
  const exceeds = (toleratedFailureCount: number | undefined, toleratedFailurePercentage: number | undefined, failed: number, total = 10) =>
    exceedsTolerance({ toleratedFailureCount, toleratedFailurePercentage }, { failed, total });
  assert.equal(exceeds(undefined, undefined, 0), false);
  assert.equal(exceeds(undefined, undefined, 1), true);
  assert.equal(exceeds(2, undefined, 2), false);
  assert.equal(exceeds(2, undefined, 3), true);
  assert.equal(exceeds(undefined, 20, 2), false);
  assert.equal(exceeds(undefined, 20, 3), true);
  assert.equal(exceeds(5, 20, 3), true);
});

test("results are collected, or written with a manifest", () => {
  const child = (index: number, changes: Partial<ChildResult> = {}): ChildResult => ({
    executionArn: `arn:${index}`,
    name: `n${index}`,
    stateMachineArn: "arn:machine",
    status: "SUCCEEDED",
    startedAt: 0,
    stoppedAt: 1_000,
    input: "{}",
    output: `[${index}]`,
    error: undefined,
    cause: undefined,
    ...changes,
  });
  const failed = child(3, { status: "FAILED", output: undefined, error: "E", cause: "c" });
  assert.deepEqual(collectedResult([child(1), failed, child(2)], undefined), [[1], [2]]);
  const format = (transformation: "NONE" | "COMPACT" | "FLATTEN", outputType: "JSON" | "JSONL" = "JSON") => ({
    transformation,
    outputType,
  });
  assert.equal(resultFile([child(1), child(2)], format("FLATTEN")), "[1,2]");
  assert.equal(resultFile([child(1), child(2)], format("COMPACT", "JSONL")), "[1]\n[2]\n");
  const [record] = JSON.parse(resultFile([child(1)], format("NONE"))) as Record<string, unknown>[];
  assert.deepEqual([record?.["Output"], record?.["Status"], record?.["StartDate"]], ["[1]", "SUCCEEDED", "1970-01-01T00:00:00.000Z"]);
  assert.match(resultFile([failed], format("FLATTEN")), /"Error":"E"/);
  const to = destination(
    { resource: "arn:aws:states:::s3:putObject", arguments: { Bucket: "b", Prefix: "out/" }, ...format("NONE") },
    "run",
  );
  assert.deepEqual(to, { bucket: "b", prefix: "out/run/" });
  assert.deepEqual(writtenResult("arn:run", to.bucket, to.prefix), {
    MapRunArn: "arn:run",
    ResultWriterDetails: { Bucket: "b", Key: "out/run/manifest.json" },
  });
  assert.deepEqual(manifest("arn:run", "b", { succeeded: [{ Key: "k", Size: 1 }], failed: [], pending: [] }), {
    DestinationBucket: "b",
    MapRunArn: "arn:run",
    ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: "k", Size: 1 }] },
  });
});

test("a map run keeps within its concurrency and ends when all children have", () => {
  const given = { concurrency: 3, toleratedFailureCount: undefined, toleratedFailurePercentage: 50 };
  const progress = { exhausted: false, started: 0, ended: 0, items: 0, failedItems: 0 };
  assert.deepEqual(planMapRun(given, progress), { kind: "start", most: 3 });
  assert.deepEqual(planMapRun(given, { ...progress, started: 3, ended: 1 }), { kind: "start", most: 1 });
  assert.deepEqual(planMapRun(given, { ...progress, started: 3 }), { kind: "await" });
  assert.deepEqual(planMapRun(given, { ...progress, exhausted: true, started: 3, ended: 2, items: 3 }), { kind: "await" });
  assert.deepEqual(planMapRun(given, { ...progress, exhausted: true, started: 3, ended: 3, items: 3, failedItems: 1 }), {
    kind: "succeed",
  });
  assert.deepEqual(planMapRun(given, { ...progress, exhausted: true, started: 3, ended: 2, items: 3, failedItems: 2 }), { kind: "fail" });
  assert.deepEqual(
    planMapRun({ ...given, toleratedFailurePercentage: undefined }, { ...progress, started: 1, ended: 1, items: 1, failedItems: 1 }),
    { kind: "fail" },
  );
});
