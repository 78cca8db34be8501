import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runMachine } from "./driver.ts";
import { SeededChance } from "#services/sfn/language/interpreter/chance.ts";
import type { Json } from "#services/sfn/language/json.ts";
import { evaluate } from "#services/sfn/language/intrinsics/evaluate.ts";
import { functions } from "#services/sfn/language/intrinsics/functions.ts";
import { parseExpression } from "#services/sfn/language/intrinsics/parse.ts";
import { StateFailure } from "#services/sfn/language/state-failure.ts";

const step = fc.oneof(
  fc.constantFrom(".a", ".b", "['c']", "[0]", "[-1]", "[1:]", "[:2]", "[*]", ".*", "..a", "..*", "['a','b']", "[0,1]"),
  fc.constantFrom("[?(@.a)]", "[?(@ > 1)]", "[?(!@.b || @.a == 'x')]", ".length()", ".sum()"),
);
const path = fc.tuple(fc.constantFrom("$", "$$", "$v"), fc.array(step, { maxLength: 4 })).map(([root, steps]) => root + steps.join(""));

const literal = fc.oneof(
  fc.constantFrom("true", "false", "null", "''", "'a {} b'", "'\\{\\}'", "','", "'SHA-256'", "0", "-1", "2.5", "1e3", "5000000000"),
  path,
);
const call = (argument: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.constantFrom(...functions.keys()), fc.array(argument, { maxLength: 4 }))
    .filter(([name, args]) => {
      const { least, most } = functions.get(name) ?? { least: 1, most: 0 };
      return args.length >= least && args.length <= most;
    })
    .map(([name, args]) => `${name}(${args.join(", ")})`);
const expression = fc.oneof(path, call(literal), call(fc.oneof(literal, call(literal))));

/** Data in which the paths find something now and then. */
const data: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, 2, -3, 1.5, "", "x", "a,b", '{"a":1}'),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "length"), tie("value")),
  ),
})).value;

test("an expression gives JSON or fails the state, whatever the data is", () => {
  fc.assert(
    fc.property(expression, data, data, (source, input, v) => {
      const sight = { input, context: () => ({ Execution: { Id: "x" }, a: input }), variables: { v }, chance: new SeededChance("x") };
      try {
        const value = evaluate(parseExpression(source), "f.$", sight);
        assert.equal(JSON.stringify(JSON.parse(JSON.stringify(value))), JSON.stringify(value));
      } catch (thrown) {
        if (!(thrown instanceof StateFailure)) throw thrown;
      }
    }),
    { numRuns: 3_000 },
  );
});

const query = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("partition", "range", "hash", "random", "parse", "uuid", "now", "millis"),
      fc.array(
        fc.constantFrom("$states.input", "$states.input.a", "1", "0", "'x'", "null", "[1,2]", "{}", "function($x){$x}", "$nothing"),
        { maxLength: 3 },
      ),
    )
    .map(([name, args]) => `$${name}(${args.join(", ")})`),
  fc.constantFrom(
    "$states",
    "$states.input[0]",
    "$map($states.input, function($x){$x})",
    "$string",
    "1/0",
    "$states.input ~> $sum()",
    "{'a': $states.input}",
  ),
);

test("a JSONata expression gives JSON or fails the state, whatever the data is", async () => {
  await fc.assert(
    fc.asyncProperty(query, data, async (source, input) => {
      const definition = { QueryLanguage: "JSONata", StartAt: "S", States: { S: { Type: "Pass", Output: `{% ${source} %}`, End: true } } };
      const { execution } = await runMachine(definition, { input });
      assert.ok(execution.status === "SUCCEEDED" || execution.error === "States.QueryEvaluationError");
    }),
    { numRuns: 500 },
  );
});
