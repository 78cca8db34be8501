import assert from "node:assert/strict";
import { test } from "node:test";
import {
  collectResults,
  destination,
  manifest,
  resultFileName,
  resultGroup,
  resultTexts,
  writtenResult,
  type ChildResult,
} from "#services/sfn/language/map-run/results.ts";

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

const failed = child(3, { status: "FAILED", output: undefined, error: "E", cause: "c", redriveCount: 1 });
const format = (transformation: "NONE" | "COMPACT" | "FLATTEN", outputType: "JSON" | "JSONL" = "JSON") => ({ transformation, outputType });
const fileOf = async (children: readonly ChildResult[], given: ReturnType<typeof format>) =>
  (await Array.fromAsync(resultTexts(children, given))).join("");

test("a result file has the outputs as they are, flattened, or in records", async () => {
  assert.equal(await fileOf([child(1), child(2)], format("COMPACT")), "[[1],[2]]");
  assert.equal(await fileOf([child(1), child(2)], format("FLATTEN")), "[1,2]");
  assert.equal(await fileOf([child(1, { output: '"[1]"' })], format("FLATTEN")), '["[1]"]');
  assert.equal(await fileOf([child(1, { output: "[]" })], format("FLATTEN")), "[]");
  assert.equal(
    await fileOf([child(1)], format("NONE")),
    '[{"ExecutionArn":"arn:1","Input":"{}","InputDetails":{"Included":true},"Name":"n1","Output":"[1]","OutputDetails":{"Included":true},' +
      '"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven",' +
      '"StartDate":"1970-01-01T00:00:00.000Z","StateMachineArn":"arn:machine","Status":"SUCCEEDED","StopDate":"1970-01-01T00:00:01.000Z"}]',
  );
});

test("a result file has a line for each value", async () => {
  assert.equal(
    await fileOf([child(1), child(2, { output: '{\n "a": "x\\ny"\n}' })], format("COMPACT", "JSONL")),
    '[1]\n{  "a": "x\\ny" }\n',
  );
  assert.equal(await fileOf([], format("COMPACT", "JSONL")), "");
});

test("what did not succeed stays a record, and what never began has no times", async () => {
  assert.equal(
    await fileOf([failed], format("FLATTEN")),
    '[{"Cause":"c","Error":"E","ExecutionArn":"arn:3","Input":"{}","InputDetails":{"Included":true},"Name":"n3","RedriveCount":1,' +
      '"RedriveStatus":"REDRIVABLE","StartDate":"1970-01-01T00:00:00.000Z","StateMachineArn":"arn:machine","Status":"FAILED",' +
      '"StopDate":"1970-01-01T00:00:01.000Z"}]',
  );
  const pending = child(4, { status: "PENDING", output: undefined, startedAt: undefined, stoppedAt: undefined });
  assert.doesNotMatch(await fileOf([pending], format("NONE")), /Date|Output/);
});

test("results are collected in order up to the size of a payload", async () => {
  assert.deepEqual(await collectResults([child(1), child(2)], undefined), { kind: "collected", output: "[[1],[2]]" });
  assert.deepEqual(await collectResults([], undefined), { kind: "collected", output: "[]" });
  const flat = { resource: undefined, arguments: undefined, ...format("FLATTEN") };
  assert.deepEqual(await collectResults([child(1), child(2)], flat), { kind: "collected", output: "[1,2]" });
  assert.deepEqual(await collectResults([child(1)], { ...flat, outputType: "JSONL" }), { kind: "collected", output: '"1\\n"' });
  assert.match(JSON.stringify(await collectResults([child(1), failed], undefined)), /\[\[1\],\{.*FAILED/);
});

test("collecting stops at the first result too many", async () => {
  let given = 0;
  const endless = async function* () {
    for (;;) {
      given += 1;
      yield child(given, { output: JSON.stringify("x".repeat(100_000)) });
    }
  };
  assert.deepEqual(await collectResults(endless(), undefined), { kind: "dataLimitExceeded" });
  assert.equal(given, 3);
});

test("results are written where the writer says, with a manifest of the files", () => {
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
  assert.equal(resultFileName(resultGroup("TIMED_OUT"), 0, format("NONE")), "FAILED_0.json");
  assert.equal(resultFileName(resultGroup("SUCCEEDED"), 2, format("NONE", "JSONL")), "SUCCEEDED_2.jsonl");
});
