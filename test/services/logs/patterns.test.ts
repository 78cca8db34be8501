import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "../../../src/services/logs/filter-pattern.ts";

const cases: [pattern: string, matching: string[], other: string[]][] = [
  ["", ["anything"], []],
  ["ERROR", ["[ERROR 400] bad"], ["error"]],
  ["ERROR CODE", ["CODE of ERROR"], ["ERROR only"]],
  ['"INTERNAL SERVER"', ["an INTERNAL SERVER failure"], ["INTERNAL and SERVER"]],
  ["?ERROR ?WARN", ["WARN x", "ERROR"], ["INFO"]],
  ["ERROR -EXIT", ["ERROR x"], ["ERROR EXIT"]],
  ["-DEBUG", ["x"], ["DEBUG"]],
  ["%code [45]\\d\\d%", ["code 404"], ["code 200"]],
  ['{ $.level = "error" }', ['{"level":"error"}'], ['{"level":"info"}', "level error", '{"x":1}']],
  ['{ $.a = "b" && $.n >= 3 }', ['{"a":"b","n":3}'], ['{"a":"b","n":2}', '{"a":"c","n":9}']],
  ['{ ($.a = 1 || $.a = 2) && $.b != "x*" }', ['{"a":2,"b":"yx"}'], ['{"a":2,"b":"xy"}', '{"a":3,"b":"y"}']],
  ["{ $.items[1].id = 7 }", ['{"items":[{},{"id":7}]}'], ['{"items":[{"id":7}]}']],
  ["{ $.items[*] = 7 }", ['{"items":[1,7]}'], ['{"items":[1]}']],
  ["{ $.gone NOT EXISTS }", ['{"a":1}'], ['{"gone":null}']],
  ["{ $.x IS NULL }", ['{"x":null}'], ['{"x":0}', "{}"]],
  ["[a, b, c]", ["one two three", 'one [2 b] "3 c"'], ["one two", "one two three four"]],
  ["[ip, ..., status = 4*, bytes > 10]", ["1.2.3.4 - - 404 11", "x 4 12"], ["1.2.3.4 - - 200 11", "x 404 9", "404 11"]],
  ['[w1 = "ERROR" || w1 = WARN, ...]', ["ERROR at once", "WARN"], ["INFO ERROR"]],
  ["[n != 1.0, x >= 5 && x < 7]", ["2 5", "a 6.5"], ["1 5", "2 7", "2 x"]],
  ["{ $.ok IS TRUE }", ['{"ok":true}'], ['{"ok":"true"}']],
];

test("filter patterns match what AWS documents", () => {
  for (const [pattern, matching, other] of cases) {
    const matches = compilePattern(pattern);
    for (const message of matching) assert.ok(matches(message), `${pattern} should match ${message}`);
    for (const message of other) assert.ok(!matches(message), `${pattern} should not match ${message}`);
  }
});

test("broken patterns, and expressions that could take for ever, are refused", () => {
  for (const pattern of ["{", "{ $.a }", "{ $.a = }", '{ $.a = "x" && }', '"open', "%(a+)+%", "{ a = 1 }", "{ ($.a = 1 }"])
    assert.throws(() => compilePattern(pattern), { code: "InvalidParameterException", message: "Invalid filter pattern" }, pattern);
});
