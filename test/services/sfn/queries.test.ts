import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDefinition } from "#services/sfn/language/parse/parse.ts";
import { runMachine } from "./driver.ts";

const one = (state: object) => ({ QueryLanguage: "JSONata", StartAt: "S", States: { S: { End: true, ...state } } });
const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage" };
const processor = { StartAt: "A", States: { A: { Type: "Pass", End: true } } };
const where = "An error occurred while executing the state 'S' (entered at the event id #2). ";
const ends = async (state: object, input: unknown = {}) => {
  const { execution, output } = await runMachine(one(state), { input });
  return execution.status === "SUCCEEDED" ? output : [execution.error, execution.cause?.replace(where, "")];
};
const value = (expression: string, input: unknown = {}) => ends({ Type: "Pass", Output: `{% ${expression} %}` }, input);
const refusals = (state: object) =>
  parseDefinition(JSON.stringify(one(state))).diagnostics.map(({ code, message, location }) => `${code}: ${message} at ${location}`);

test("what JSON has no number for becomes a text", async () => {
  assert.equal(await value("1/0"), "Infinity");
  assert.deepEqual(await value("{'k': [-1/0]}"), { k: ["-Infinity"] });
});

test("a function is no result, and is left out of one", async () => {
  for (const expression of ["$sum", "function($x) { $x }", "/ab+/"]) {
    const [error, cause] = (await value(expression)) as string[];
    assert.equal(error, "States.QueryEvaluationError");
    assert.equal(cause, `The JSONata expression '${expression}' specified for the field 'Output' returned nothing (undefined).`);
  }
  assert.deepEqual(await value("{'a': 1, 'f': function($x) { $x }}"), { a: 1 });
});

test("AWS's functions round down, and refuse what is no number", async () => {
  assert.deepEqual(await value("$partition([1..5], 2.9)"), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(await value("$range(0.5, 3.9, 1.5)"), [0, 1, 2, 3]);
  assert.deepEqual(await value("$range(5, 1, -2)"), [5, 3, 1]);
  assert.equal(await value("$random(1.2) = $random(1)"), true);
  for (const [expression, index, name] of [
    ["$range(1, 3)", 3, "range"],
    ["$partition([1], 'x')", 2, "partition"],
    ["$random('x')", 1, "random"],
  ]) {
    const said = `The JSONata expression '${expression}' specified for the field 'Output' threw an error during evaluation. `;
    assert.deepEqual(await value(String(expression)), [
      "States.QueryEvaluationError",
      `${said}T0410: Argument ${index} of function "${name}" does not match function signature`,
    ]);
  }
});

test("an expression nests a hundred deep at most", async () => {
  assert.equal(await value(Array.from({ length: 90 }, () => "1").join("+")), 90);
  const [error, cause] = (await value(Array.from({ length: 200 }, () => "1").join("+"))) as string[];
  assert.equal(error, "States.QueryEvaluationError");
  assert.match(cause ?? "", /threw an error during evaluation: Stack overflow error/);
});

test("an expression that makes a text too long fails of memory", async () => {
  const doubled = (times: number) => `($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', ${times})))`;
  assert.equal(await value(doubled(22)), 2 ** 22);
  for (const expression of [doubled(23), "$pad('x', 8388608)", "$pad('x', -1e12)", "$join([1..200].($pad('x', 4e6)))"]) {
    const [error, cause] = (await value(expression)) as string[];
    assert.equal(error, "States.QueryEvaluationError");
    assert.match(
      cause ?? "",
      /threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage$/,
    );
  }
});

test("$pad fills with whole characters", async () => {
  for (const [expression, padded] of [
    ["$pad('a', 3)", "a  "],
    ["$pad('a', -4, '🙂b')", "🙂b🙂a"],
    ["$pad('abc', 2.9, '-')", "abc"],
    ["$pad('a', 3.9, '')", "a  "],
    ["['x', 'y'].$pad(2, '-') ~> $join", "x-y-"],
  ]) {
    assert.equal(await value(expression ?? ""), padded);
  }
});

test("$states.result and $states.errorOutput are refused where there is none", () => {
  const result = (at: string) => [`UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/S/${at}`];
  const expression = "{% $states.result.x %}";
  assert.deepEqual(refusals({ Type: "Pass", Output: expression }), result("Output"));
  assert.deepEqual(refusals({ ...task, Arguments: { a: expression } }), result("Arguments/a"));
  assert.deepEqual(refusals({ Type: "Map", Items: expression, ItemProcessor: processor }), result("Items"));
  assert.deepEqual(refusals({ ...task, Output: expression, Assign: { a: [expression] } }), []);
  const caught = (Output: string) => refusals({ ...task, Catch: [{ ErrorEquals: ["States.ALL"], Next: "S", Output }] });
  assert.deepEqual(caught(expression), result("Catch[0]/Output"));
  assert.deepEqual(caught("{% $states.errorOutput.Cause %}"), []);
  assert.deepEqual(refusals({ ...task, Output: "{% $states.errorOutput %}" }), [
    "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist. at /States/S/Output",
  ]);
});

test("an expression that is opened or closed only is refused", () => {
  for (const text of ["{% 1", "1 %}", " {% 1 %}", "{% 1 %} "]) {
    assert.deepEqual(
      refusals({ Type: "Pass", Output: { a: [text] } }).map((found) => found.split(":")[0]),
      ["INVALID_JSONATA_EXPRESSION"],
      text,
    );
    assert.equal(refusals({ Type: "Fail", Error: text, End: undefined }).length, 1, text);
  }
  assert.deepEqual(refusals({ Type: "Pass", Output: "50% {%1%} off" }), []);
});

test("a value that its field cannot take fails the query", async () => {
  const fails = async (state: object, input: unknown = {}) => ((await ends(state, input)) as string[])[0];
  const failed = "States.QueryEvaluationError";
  assert.equal(await fails({ Type: "Wait", Seconds: "{% -1 %}" }), failed);
  assert.equal(await fails({ Type: "Wait", Seconds: "{% 1.5 %}" }), failed);
  assert.equal(await fails({ Type: "Wait", Timestamp: "{% 'soon' %}" }), failed);
  assert.equal(await fails({ ...task, TimeoutSeconds: "{% 0 %}" }), failed);
  assert.equal(await fails({ ...task, HeartbeatSeconds: "{% '5' %}" }), failed);
  assert.equal(await fails({ Type: "Map", ItemProcessor: processor, MaxConcurrency: "{% -1 %}" }, [1]), failed);
  assert.equal(await fails({ Type: "Map", ItemProcessor: processor, Items: "{% 'x' %}" }), failed);
});

test("operators that JSONata got after 2.0.6 are refused, a text or a pattern that looks like them is not", () => {
  const refused = (expression: string) => refusals({ Type: "Pass", Output: `{% ${expression} %}` });
  const stop = (symbol: string) => [
    `INVALID_JSONATA_EXPRESSION: The symbol "${symbol}" cannot be used as a unary operator at /States/S/Output`,
  ];
  assert.deepEqual(refused("$states.input.a ?? 'none'"), stop("?"));
  assert.deepEqual(refused("$states.input.list[x ?? 1 > 2]"), stop("?"));
  assert.deepEqual(refused("$states.input.a ?: 'none'"), stop(":"));
  for (const expression of ["'what??' & '?:'", "$match('a', /a??/)", "$states.input.a ?(1): 2", "$map([1], $sum(?))"]) {
    assert.deepEqual(refused(expression), [], expression);
  }
});
