import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededChance } from "#services/sfn/language/interpreter/chance.ts";
import type { Json } from "#services/sfn/language/json.ts";
import { evaluate } from "#services/sfn/language/intrinsics/evaluate.ts";
import { parseExpression } from "#services/sfn/language/intrinsics/parse.ts";

const input: Json = {
  name: "Ada",
  n: 3,
  list: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  dup: [1, "1", 1, { a: 1, b: 2 }, { b: 2, a: 1 }],
  obj: { a: 1 },
  text: '{"x":[1]}',
  no: null,
};
const call = (source: string, from: Json = input): Json =>
  evaluate(parseExpression(source), "field.$", {
    input: from,
    context: () => ({ Execution: { Id: "id" } }),
    variables: { v: { w: 7 } },
    chance: new SeededChance("test"),
  });
const fails = (source: string, reason = "") =>
  assert.throws(
    () => call(source),
    (thrown: { error: string; cause: string }) => {
      assert.equal(thrown.error, "States.Runtime");
      const name = source.slice(0, source.indexOf("("));
      assert.equal(thrown.cause, `The function '${source}' had the following error: Invalid arguments in ${name}${reason}`);
      return true;
    },
  );

test("States.Format fills its template and unescapes it", () => {
  assert.equal(call("States.Format('Hello, {} has {}', $.name, $.n)"), "Hello, Ada has 3");
  assert.equal(call("States.Format('{} {} {}', true, null, 1.5)"), "true null 1.5");
  assert.equal(call("States.Format('\\{\\} \\'quoted\\' \\\\ {}', 1)"), "{} 'quoted' \\ 1");
  assert.equal(call("States.Format('{}', $.list[0:2])"), "[1,2]");
  assert.equal(call("States.Format($.template, $.n)", { template: "{} of it", n: 1 }), "1 of it");
  assert.equal(call("States.Format('none')"), "none");
  const unmatched = ": number of arguments do not match the occurrences of {}.";
  fails("States.Format('{} {}', 1)", unmatched);
  fails("States.Format('{}', 1, 2)", unmatched);
  fails("States.Format($.n)");
  for (const source of [`States.Format('{"id": "{}"}', $.n)`, "States.Format($.template, $.n)"]) {
    assert.throws(() => call(source, { template: "{0}", n: 1 }), {
      error: "States.Runtime",
      cause: `The function '${source}' had the following error: Invalid template in States.Format: matching '}' not found for '{'.`,
    });
  }
  assert.equal(call(`States.Format('\\{"id": "{}"\\}', $.n)`), '{"id": "3"}');
});

test("texts become JSON and back", () => {
  assert.deepEqual(call("States.StringToJson($.text)"), { x: [1] });
  assert.equal(call("States.JsonToString($.obj)"), '{"a":1}');
  assert.equal(call("States.JsonToString('x')"), '"x"');
  fails("States.StringToJson('{')");
  fails("States.StringToJson($.n)");
});

test("arrays are made, cut and searched", () => {
  assert.deepEqual(call("States.Array()"), []);
  assert.deepEqual(call("States.Array('a', 1, $.obj, null)"), ["a", 1, { a: 1 }, null]);
  assert.deepEqual(call("States.ArrayPartition($.list, 4)"), [[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
  assert.deepEqual(call("States.ArrayPartition($.list, 3.6)"), [[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
  assert.equal(call("States.ArrayContains($.list, 5)"), true);
  assert.equal(call("States.ArrayContains($.list, '5')"), false);
  assert.equal(call("States.ArrayContains($.dup, $.dup[3])"), true);
  assert.deepEqual(call("States.ArrayRange(1, 9, 2)"), [1, 3, 5, 7, 9]);
  assert.deepEqual(call("States.ArrayRange(9, 1, -4)"), [9, 5, 1]);
  assert.deepEqual(call("States.ArrayRange(3, 1, 1)"), []);
  assert.equal(call("States.ArrayGetItem($.list, 8)"), 9);
  assert.equal(call("States.ArrayLength($.list)"), 9);
  assert.deepEqual(call("States.ArrayUnique($.dup)"), [1, "1", { a: 1, b: 2 }]);
  fails("States.ArrayPartition($.list, 0)");
  fails("States.ArrayPartition($.n, 1)");
  fails("States.ArrayRange(1, 2, 0)");
  fails("States.ArrayRange(1, 1001, 1)");
  assert.equal((call("States.ArrayRange(1, 1000, 1)") as Json[]).length, 1000);
  fails("States.ArrayGetItem($.list, 9)");
  fails("States.ArrayGetItem($.list, -1)");
  fails("States.ArrayLength($.obj)");
});

test("data is encoded, hashed and merged", () => {
  assert.equal(call("States.Base64Encode('Data to encode')"), "RGF0YSB0byBlbmNvZGU=");
  assert.equal(call("States.Base64Decode('RGVjb2RlZCBkYXRh')"), "Decoded data");
  assert.equal(call("States.Hash('input data', 'SHA-1')"), "aaff4a450a104cd177d28d18d74485e8cae074b7");
  assert.equal((call("States.Hash($.obj, 'SHA-256')") as string).length, 64);
  assert.deepEqual(call("States.JsonMerge($.a, $.b, false)", { a: { x: 1, y: { p: 1 } }, b: { y: { q: 2 } } }), { x: 1, y: { q: 2 } });
  fails("States.JsonMerge($.obj, $.obj, true)");
  fails("States.Base64Decode('***')");
  fails("States.Hash('x', 'CRC')");
  assert.throws(() => call("States.Base64Encode($.t)", { t: "x".repeat(10_001) }), { error: "States.Runtime" });
});

test("numbers are added and rolled", () => {
  assert.equal(call("States.MathAdd($.n, -1)"), 2);
  assert.equal(call("States.MathAdd(1.6, 1)"), 3);
  const rolled = call("States.MathRandom(1, 4)") as number;
  assert.ok(rolled >= 1 && rolled < 4 && Number.isInteger(rolled));
  assert.equal(call("States.MathRandom(0, 10, 42)"), 0);
  assert.equal(call("States.MathRandom(1, 1000, 7)"), call("States.MathRandom(1, 1000, 7)"));
  fails("States.MathRandom(4, 4)");
  fails("States.MathAdd('1', 1)");
  fails("States.MathAdd(3000000000, 1)");
});

test("texts are split at each of the delimiters", () => {
  assert.deepEqual(call("States.StringSplit('1,2,3', ',')"), ["1", "2", "3"]);
  assert.deepEqual(call("States.StringSplit('This.is+a,test=string', '.+,=')"), ["This", "is", "a", "test", "string"]);
  assert.deepEqual(call("States.StringSplit(',a,,b,', ',')"), ["a", "b"]);
});

test("States.UUID gives a random identifier of version 4", () => {
  assert.match(call("States.UUID()") as string, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("calls nest, and see variables and the context object", () => {
  assert.equal(call("States.ArrayGetItem(States.StringSplit(States.Format('{}/b', $.name), '/'), 0)"), "Ada");
  assert.equal(call("States.MathAdd($v.w, 1)"), 8);
  assert.equal(call("States.Format('{}', $$.Execution.Id)"), "id");
});

test("white space may follow a call", () => {
  assert.equal(call("States.Format('{}', $.name)  "), "Ada");
  assert.throws(() => parseExpression("$.name "), SyntaxError);
});

test("an argument that is not there fails the execution", () => {
  assert.throws(() => call("States.Format('{}', $.missing)", { a: 1 }), {
    error: "States.Runtime",
    cause:
      "The function 'States.Format('{}', $.missing)' had the following error: The JsonPath argument for the field '$.missing' could not be found in the input '{\"a\":1}'",
  });
});

test("what is no call is refused", () => {
  for (const source of [
    "States.Nope()",
    "States.UUID",
    "States.UUID(",
    "States.UUID(1)",
    "States.Format()",
    "States.Format('x)",
    "States.Format('a\\n')",
    "States.Array(1 2)",
    " States.UUID()",
    "States.UUID() x",
  ]) {
    assert.throws(() => parseExpression(source), SyntaxError, source);
  }
  const nested = (depth: number): string => (depth === 0 ? "1" : `States.Array(${nested(depth - 1)})`);
  parseExpression(nested(10));
  assert.throws(() => parseExpression(nested(11)), SyntaxError);
});
