import assert from "node:assert/strict";
import { test } from "node:test";
import { runMachine, machineOf } from "./driver.ts";
import { sourceOf } from "./object-source.ts";
import type { Json } from "#services/sfn/language/json.ts";
import { SeededChance } from "#services/sfn/language/interpreter/chance.ts";
import type { MapRunSpec } from "#services/sfn/language/interpreter/map-run-spec.ts";
import { batchesOf } from "#services/sfn/language/map-run/batch.ts";
import { datasetOf } from "#services/sfn/language/map-run/dataset.ts";
import { selectItem } from "#services/sfn/language/map-run/item.ts";
import { planMapRun } from "#services/sfn/language/map-run/plan.ts";
import { exceedsTolerance } from "#services/sfn/language/map-run/tally.ts";

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
  const selected = [];
  for await (const item of datasetOf(found, sourceOf({})))
    selected.push(await selectItem(machine, found, { item, nowMs: 0, chance: new SeededChance("x") }));
  assert.deepEqual(selected, [
    { v: "a", i: 0, o: 1, s: "STATE_DATA" },
    { v: "b", i: 1, o: 1, s: "STATE_DATA" },
  ]);
});

test("a path may lead to the text of a number", async () => {
  const state = {
    MaxConcurrencyPath: "$.n",
    ToleratedFailurePercentagePath: "$.p",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON", MaxItemsPath: "$.m" },
      Parameters: { Bucket: "b", Key: "k" },
    },
  };
  const { concurrency, toleratedFailurePercentage, reader } = await specOf(distributed(state), { n: "2", p: "1.5", m: -1 });
  assert.deepEqual([concurrency, toleratedFailurePercentage], [2, 1.5]);
  await assert.rejects(Array.fromAsync(datasetOf({ items: undefined, reader }, sourceOf({ "b/k": "[]" }))), {
    error: "States.ItemReaderFailed",
    cause: "field MaxItems must be positive",
  });
  for (const n of ["2.0", "x", 1.5, true]) {
    const { execution } = await runMachine(distributed({ MaxConcurrencyPath: "$.n" }), { input: { n } });
    assert.match(execution.cause ?? "", /The MaxConcurrencyPath field refers to value ".*" which is not a valid integer: \$\.n$/);
  }
});

test("without an ItemSelector, an item is handed on as it is, a member of an object as a pair", async () => {
  const machine = machineOf(distributed({}));
  const inputs = async (input: Json) => {
    const found = await specOf(distributed({}), input);
    const items = await Array.fromAsync(datasetOf(found, sourceOf({})));
    return Promise.all(items.map((item) => selectItem(machine, found, { item, nowMs: 0, chance: new SeededChance("x") })));
  };
  assert.deepEqual(await inputs(["a", 2]), ["a", 2]);
  assert.deepEqual(await inputs({ a: { x: 1 }, b: 2 }), [
    { Key: "a", Value: { x: 1 } },
    { Key: "b", Value: 2 },
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

test("an item larger than a batch may be is alone in one, and none is larger than a payload", async () => {
  const small = { maxItems: undefined, maxBytes: 20, batchInput: undefined };
  const batches = await Array.fromAsync(batchesOf(small, numbered(["a".repeat(50), "b"])));
  assert.deepEqual(
    batches.map(({ items }) => items),
    [1, 1],
  );
  for (const batcher of [small, undefined]) {
    await assert.rejects(Array.fromAsync(batchesOf(batcher, numbered(["a".repeat(262_144)]))), { error: "States.DataLimitExceeded" });
  }
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
