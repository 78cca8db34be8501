import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf } from "./driver.ts";
import { step, type StepResult } from "#services/sfn/language/interpreter/step.ts";
import { parseStateDefinition } from "#services/sfn/language/parse/parse.ts";

const begin = async (state: object, input: unknown): Promise<{ first: StepResult; answer: (event: object) => Promise<StepResult> }> => {
  const { machine } = parseStateDefinition(JSON.stringify(state), "Test");
  assert.ok(machine);
  const at = { now: 0, entropy: "e" };
  const origin = { ...originOf(input), variables: { v: 1 }, context: { Execution: { Id: "mine" } } };
  const inspect = true;
  const first = await step(machine, undefined, { event: { ...at, kind: "started", origin }, budget: 1, inspect });
  const [effect] = first.effects;
  const key = effect !== undefined && "key" in effect ? effect.key : "";
  const answer = (event: object) =>
    step(machine, first.execution, { event: { ...at, kind: "taskSucceeded", key, output: "{}", ...event } as never, budget: 0, inspect });
  return { first, answer };
};

const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Next: "Elsewhere" };

test("a single state is run with its data noted at each stage", async () => {
  const state = {
    ...task,
    InputPath: "$.a",
    Parameters: { "b.$": "$.b", "v.$": "$v", "id.$": "$$.Execution.Id" },
    ResultSelector: { "r.$": "$.x" },
    ResultPath: "$.got",
  };
  const { first, answer } = await begin(state, { a: { b: 2 } });
  assert.deepEqual(first.inspection, { input: '{"a":{"b":2}}', afterInputPath: '{"b":2}', afterParameters: '{"b":2,"v":1,"id":"mine"}' });
  const { inspection, execution } = await answer({ output: '{"x":3}' });
  assert.deepEqual(inspection, {
    result: '{"x":3}',
    afterResultSelector: '{"r":3}',
    afterResultPath: '{"a":{"b":2},"got":{"r":3}}',
    variables: '{"v":1}',
  });
  assert.deepEqual([execution.threads["0"]?.state, execution.threads["0"]?.phase.kind], ["Elsewhere", "arriving"]);
});

test("a failure tells which retrier or catcher took it", async () => {
  const guarded = {
    ...task,
    Retry: [{ ErrorEquals: ["A"] }, { ErrorEquals: ["B"], IntervalSeconds: 4 }],
    Catch: [{ ErrorEquals: ["C"], Next: "Caught" }],
  };
  const { answer } = await begin(guarded, {});
  const retried = await answer({ kind: "taskFailed", error: "B" });
  assert.deepEqual(retried.inspection?.errorDetails, { retryIndex: 1, retryBackoffIntervalSeconds: 4 });
  const caught = await answer({ kind: "taskFailed", error: "C" });
  assert.deepEqual(caught.inspection?.errorDetails, { catchIndex: 0 });
  assert.equal(caught.execution.threads["0"]?.state, "Caught");
});

test("what is wrong with a single state is told by its own fields", () => {
  const { diagnostics } = parseStateDefinition(JSON.stringify({ Type: "Wait", Seconds: -1, Next: "X" }), "Test");
  assert.deepEqual(
    diagnostics.map(({ location, message }) => [location, message]),
    [["/Seconds", "Minimum value is 0"]],
  );
});
