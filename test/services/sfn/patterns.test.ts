import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BoundedPattern } from "#services/sfn/language/bounded-pattern.ts";
import { runMachine } from "./driver.ts";

const bomb = `${"a".repeat(60)}!`;
const jsonata = (expression: string) => ({
  QueryLanguage: "JSONata",
  StartAt: "A",
  States: { A: { Type: "Pass", Output: `{% ${expression} %}`, End: true } },
});

test("a bounded pattern finds what a plain one finds, one match after the other", () => {
  const source = fc.constantFrom("a+", "(a|b)+", "(?:ab)*c", "(a*)(b+)", "[^,]+", "x?", "(a+)+$", "^(\\w+\\s?)*$", "b|", "(?<n>a)\\k<n>");
  const flags = fc.constantFrom("", "g", "gi", "i");
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", ",", " "), maxLength: 30 });
  fc.assert(
    fc.property(source, flags, text, fc.boolean(), (pattern, flag, words, isLong) => {
      const whole = isLong ? words.repeat(20).slice(0, 60) : words;
      if (/\(a\+\)\+|\\w\+/.test(pattern) && whole.length > 18) return;
      const [plain, bounded] = [new RegExp(pattern, flag), new BoundedPattern(pattern, flag)];
      for (let count = 0; count < 50; count++) {
        const [one, other] = [plain.exec(whole), bounded.exec(whole)];
        assert.deepEqual(other, one);
        assert.equal(bounded.lastIndex, plain.lastIndex);
        if (!one || one[0] === "" || flag !== "g") return;
      }
    }),
    { numRuns: 150 },
  );
});

test("an expression whose regular expression would take for ever fails soon, and can be caught", async () => {
  for (const expression of [`$match("${bomb}", /^(a+)+$/)`, `$replace("${bomb}", /(a|aa)+$/, "")`, `$contains("${bomb}", /^(a|aa)*$/i)`]) {
    const began = performance.now();
    const { execution } = await runMachine(jsonata(expression));
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.QueryEvaluationError"]);
    assert.match(execution.cause ?? "", /takes too long/);
    assert.ok(performance.now() - began < 5_000);
  }
  const filtered = { StartAt: "A", States: { A: { Type: "Pass", Parameters: { "found.$": "$.items[?(@ =~ /(a+)+b/)]" }, End: true } } };
  const { execution } = await runMachine(filtered, { input: { items: [bomb] } });
  assert.deepEqual([execution.status, execution.error], ["FAILED", "States.Runtime"]);
});

test("many matches in a long text are found with one watch", async () => {
  const { output } = await runMachine(jsonata(`$count($match($join([1..3000].("a" & $string($)), " "), /(\\w+)/))`));
  assert.equal(output, 3000);
});

test("a long expression gives others their turns, and ends when its own come to its time", async () => {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const { execution } = await runMachine(jsonata("($spin := function($n) { $n < 0 ? 0 : $spin($n + 1) }; $spin(1))"));
  isOver = true;
  assert.equal(execution.error, "States.QueryEvaluationError");
  assert.match(execution.cause ?? "", /Expression evaluation timeout: Check for infinite loop/);
  assert.ok(turns > 20, `only ${turns} turns`);
});
