import assert from "node:assert/strict";
import { test } from "node:test";
import { epoch, runMachine } from "./driver.ts";

/** Examples that the specification of the language and AWS's guide give with their results. */

const pass = async (state: object, input: unknown) =>
  (await runMachine({ StartAt: "S", States: { S: { Type: "Pass", End: true, ...state } } }, { input })).output;
const sqs = "arn:aws:states:::sqs:sendMessage";

test("the payload template of the specification", async () => {
  const Parameters = {
    flagged: true,
    parts: { "first.$": "$.vals[0]", "last3.$": "$.vals[-3:]" },
    "weekday.$": "$$.State.Name",
    "formattedOutput.$": "States.Format('Today is {}', $.day)",
  };
  assert.deepEqual(await pass({ Parameters }, { flagged: 7, vals: [0, 10, 20, 30, 40, 50], day: "TUESDAY" }), {
    flagged: true,
    parts: { first: 0, last3: [30, 40, 50] },
    weekday: "S",
    formattedOutput: "Today is TUESDAY",
  });
});

test("the functions nested nine deep of the guide", async () => {
  const call =
    "States.Format('{}.{}.{}', States.ArrayGetItem(States.StringSplit(States.ArrayGetItem(States.StringSplit($.ImageRecipe.Arn, '/'), 2), '.'), 0), States.ArrayGetItem(States.StringSplit(States.ArrayGetItem(States.StringSplit($.ImageRecipe.Arn, '/'), 2), '.'), 1), 'x')";
  assert.deepEqual(await pass({ Parameters: { "myArn.$": call } }, { ImageRecipe: { Arn: "arn/recipe/1.2.3" } }), { myArn: "1.2.x" });
});

test("the retries of the specification: five errors, two retriers and a catcher", async () => {
  const errors = ["ErrorA", "ErrorB", "ErrorC", "ErrorB", "ErrorB"];
  const state = {
    Type: "Task",
    Resource: sqs,
    Next: "Y",
    Retry: [
      { ErrorEquals: ["ErrorA", "ErrorB"], IntervalSeconds: 1, BackoffRate: 2.0, MaxAttempts: 2 },
      { ErrorEquals: ["ErrorC"], IntervalSeconds: 5 },
    ],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Z" }],
  };
  const { history } = await runMachine(
    { StartAt: "X", States: { X: state, Y: { Type: "Succeed" }, Z: { Type: "Succeed" } } },
    { tasks: () => ({ error: errors.shift() ?? "" }) },
  );
  const times = history.filter(({ type }) => type === "TaskScheduled").map(({ timestamp }) => (timestamp - epoch) / 1_000);
  assert.deepEqual(times, [0, 1, 3, 8]);
  assert.equal(history.at(-3)?.stateEnteredEventDetails?.name, "Z");
});

test("the Map of the specification", async () => {
  const input = {
    "ship-date": "2016-03-14T01:59:00Z",
    detail: {
      "delivery-partner": "UQS",
      shipped: [
        { prod: "R31", "dest-code": 9511, quantity: 1344 },
        { prod: "S39", "dest-code": 9511, quantity: 40 },
      ],
    },
  };
  const map = {
    Type: "Map",
    InputPath: "$.detail",
    ItemsPath: "$.shipped",
    MaxConcurrency: 0,
    ResultPath: "$.detail.shipped",
    ItemSelector: { "parcel.$": "$$.Map.Item.Value", "courier.$": "$.delivery-partner" },
    ItemProcessor: { StartAt: "Validate", States: { Validate: { Type: "Task", Resource: sqs, End: true } } },
    End: true,
  };
  const { output } = await runMachine({ StartAt: "Validate-All", States: { "Validate-All": map } }, { input });
  assert.deepEqual(output, {
    ...input,
    detail: { ...input.detail, shipped: input.detail.shipped.map((parcel) => ({ parcel, courier: "UQS" })) },
  });
});

test("the Choice of the specification", async () => {
  const states = {
    DispatchEvent: {
      Type: "Choice",
      Choices: [
        { Not: { Variable: "$.type", StringEquals: "Private" }, Next: "Public" },
        {
          And: [
            { Variable: "$.value", IsPresent: true },
            { Variable: "$.value", IsNumeric: true },
            { Variable: "$.value", NumericGreaterThanEquals: 20 },
            { Variable: "$.value", NumericLessThan: 30 },
          ],
          Next: "ValueInTwenties",
        },
      ],
      Default: "RecordEvent",
    },
    Public: { Type: "Pass", Result: "Public", End: true },
    ValueInTwenties: { Type: "Pass", Result: "ValueInTwenties", End: true },
    RecordEvent: { Type: "Pass", Result: "RecordEvent", End: true },
  };
  const went = async (input: unknown) => (await runMachine({ StartAt: "DispatchEvent", States: states }, { input })).output;
  assert.equal(await went({ type: "Open" }), "Public");
  assert.equal(await went({ type: "Private", value: 22 }), "ValueInTwenties");
  assert.equal(await went({ type: "Private" }), "RecordEvent");
});

test("variables are all evaluated before any is assigned", async () => {
  const jsonata = {
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: {
      A: { Type: "Pass", Assign: { x: 3, a: 6 }, Next: "B" },
      B: { Type: "Pass", Assign: { x: "{% $a %}", nextX: "{% $x %}" }, Output: "{% $x %}", Next: "C" },
      C: { Type: "Succeed", Output: { in: "{% $states.input %}", x: "{% $x %}", nextX: "{% $nextX %}" } },
    },
  };
  assert.deepEqual((await runMachine(jsonata)).output, { in: 3, x: 6, nextX: 3 });
});
