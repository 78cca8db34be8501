import assert from "node:assert/strict";
import { test } from "node:test";
import { runMachine } from "./driver.ts";

const take = async (rule: object, input: unknown): Promise<string> => {
  const { execution, history } = await runMachine(
    {
      StartAt: "C",
      States: {
        C: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" },
        Yes: { Type: "Succeed" },
        No: { Type: "Succeed" },
      },
    },
    { input },
  );
  if (execution.status === "FAILED") return execution.cause ?? "";
  return history.findLast(({ type }) => type === "SucceedStateEntered")?.stateEnteredEventDetails?.name ?? "";
};

const holds = async (rule: object, input: unknown) =>
  assert.equal(await take(rule, input), "Yes", `${JSON.stringify(rule)} ${JSON.stringify(input)}`);
const fails = async (rule: object, input: unknown) =>
  assert.equal(await take(rule, input), "No", `${JSON.stringify(rule)} ${JSON.stringify(input)}`);

test("every comparison holds for what it should, and for nothing of another type", async () => {
  const Variable = "$.v";
  const cases: readonly (readonly [string, unknown, unknown, unknown])[] = [
    ["StringEquals", "a", "a", "b"],
    ["StringLessThan", "b", "a", "b"],
    ["StringLessThanEquals", "b", "b", "c"],
    ["StringGreaterThan", "a", "b", "a"],
    ["StringGreaterThanEquals", "a", "a", "A"],
    ["StringMatches", "log-*.txt", "log-1.txt", "log-1.csv"],
    ["NumericEquals", 1, 1.0, "1"],
    ["NumericLessThan", 10, 9, 10],
    ["NumericLessThanEquals", 10, 10, 11],
    ["NumericGreaterThan", 10, 11, 10],
    ["NumericGreaterThanEquals", 10, 10, 9],
    ["BooleanEquals", true, true, "true"],
    ["TimestampEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:01Z"],
    ["TimestampLessThan", "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-01-01"],
    ["TimestampLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["TimestampGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00Z"],
    ["TimestampGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 5],
    ["IsNull", true, null, 0],
    ["IsNumeric", true, 5, "5"],
    ["IsString", true, "", 5],
    ["IsBoolean", true, false, "false"],
    ["IsTimestamp", true, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"],
    ["IsPresent", true, null, undefined],
  ];
  for (const [operator, operand, right, wrong] of cases) {
    await holds({ Variable, [operator]: operand }, { v: right });
    await fails({ Variable, [operator]: operand }, { v: wrong });
    if (/^(String|Numeric|Boolean|Timestamp)/.test(operator) && operator !== "StringMatches") {
      await holds({ Variable, [`${operator}Path`]: "$.other" }, { v: right, other: operand });
      await fails({ Variable, [`${operator}Path`]: "$.other" }, { v: wrong, other: operand });
    }
  }
});

test("wildcards match any characters and can be escaped", async () => {
  for (const [pattern, text, expected] of [
    ["*", "", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["*.*", "a.b", true],
    ["ab", "abc", false],
    ["a*a", "a", false],
  ] as const) {
    await (expected ? holds : fails)({ Variable: "$.v", StringMatches: pattern }, { v: text });
  }
});

test("rules combine with And, Or and Not", async () => {
  const big = { Variable: "$.n", NumericGreaterThan: 5 };
  const even = { Variable: "$.even", BooleanEquals: true };
  await holds({ And: [big, even] }, { n: 6, even: true });
  await fails({ And: [big, even] }, { n: 6, even: false });
  await holds({ Or: [big, even] }, { n: 1, even: true });
  await holds({ Not: big }, { n: 1 });
  await holds({ And: [{ Variable: "$.gone", IsPresent: false }, { Not: { Or: [even] } }] }, { even: false });
});

test("IsPresent looks into lists, and never fails", async () => {
  await holds({ Variable: "$.list[0]", IsPresent: true }, { list: [null] });
  await fails({ Variable: "$.list[0]", IsPresent: true }, { list: [] });
  await fails({ Variable: "$.a.b.c", IsPresent: true }, { a: 1 });
});

test("a Variable that leads nowhere fails the execution", async () => {
  const expected =
    "An error occurred while executing the state 'C' (entered at the event id #2). Invalid path '$.v': The choice state's condition path references an invalid value.";
  assert.equal(await take({ Variable: "$.v", StringEquals: "x" }, {}), expected);
  assert.match(await take({ Variable: "$.v", StringEqualsPath: "$.w" }, { v: "x" }), /Invalid path '\$\.w'/);
});

test("an input of null fails the execution, unless it is only asked whether something is there", async () => {
  const cause = "An error occurred while executing the state 'C' (entered at the event id #2). ";
  for (const rule of [{ IsString: true }, { IsNull: true }, { StringEquals: "a" }]) {
    assert.equal(await take({ Variable: "$", ...rule }, "raw:null"), `${cause}Unable to apply Path transformation to null or empty input.`);
  }
  await fails({ Variable: "$.a", IsPresent: true }, "raw:null");
  await holds({ Variable: "$$.State.Name", StringEquals: "C" }, "raw:null");
});

test("a Choice without a match and without a Default fails the execution", async () => {
  const { execution } = await runMachine(
    {
      StartAt: "C",
      States: { C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "E" }] }, E: { Type: "Succeed" } },
    },
    { input: { n: 2 } },
  );
  assert.deepEqual(
    [execution.status, execution.error, execution.cause],
    [
      "FAILED",
      "States.Runtime",
      "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    ],
  );
});

test("JSONata rules have conditions, outputs and assignments of their own", async () => {
  const definition = {
    QueryLanguage: "JSONata",
    StartAt: "C",
    States: {
      C: {
        Type: "Choice",
        Choices: [
          { Condition: "{% $states.input.n > 5 %}", Next: "E", Output: { big: "{% $states.input.n %}" }, Assign: { size: "big" } },
          { Condition: false, Next: "E" },
        ],
        Default: "E",
        Output: "{% 'default' %}",
        Assign: { size: "small" },
      },
      E: { Type: "Pass", Output: { in: "{% $states.input %}", size: "{% $size %}" }, End: true },
    },
  };
  assert.deepEqual((await runMachine(definition, { input: { n: 6 } })).output, { in: { big: 6 }, size: "big" });
  assert.deepEqual((await runMachine(definition, { input: { n: 5 } })).output, { in: "default", size: "small" });
  const { execution } = await runMachine(definition, { input: { n: "x" } });
  assert.equal(execution.error, "States.QueryEvaluationError");
});

test("a condition that gives no boolean fails the state", async () => {
  const { execution, history } = await runMachine({
    QueryLanguage: "JSONata",
    StartAt: "C",
    States: { C: { Type: "Choice", Choices: [{ Condition: "{% 'yes' %}", Next: "E" }] }, E: { Type: "Succeed" } },
  });
  const cause = `An error occurred while executing the state 'C' (entered at the event id #2). The JSONata expression ''yes'' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: "yes"`;
  assert.equal(execution.cause, cause);
  assert.deepEqual(history.find(({ type }) => type === "EvaluationFailed")?.evaluationFailedEventDetails, {
    error: "States.QueryEvaluationError",
    cause,
    location: "Choices[0]/Condition",
    state: "C",
  });
});
