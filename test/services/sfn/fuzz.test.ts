import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { originOf } from "./driver.ts";
import { change, mutate } from "./damage.ts";
import { randomMachine } from "./random-machine.ts";
import { pendingEffects } from "#services/sfn/language/interpreter/pending.ts";
import { step } from "#services/sfn/language/interpreter/step.ts";
import { parseDefinition, type Parsed } from "#services/sfn/language/parse/parse.ts";

const checkParsed = ({ machine, diagnostics }: Parsed): void => {
  const errors = diagnostics.filter(({ severity }) => severity === "ERROR");
  assert.equal(machine === undefined, errors.length > 0);
  for (const { code, message } of diagnostics) assert.ok(code !== undefined && message !== "");
};

const parsed = (value: unknown): Parsed => {
  const result = parseDefinition(JSON.stringify(value));
  checkParsed(result);
  return result;
};

test("any text gets a machine or a diagnosis", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.constantFrom("", " ", "null", "[]", "{}", '"x"')), (text) =>
      checkParsed(parseDefinition(text)),
    ),
  );
});

test("a damaged definition gets a machine or a diagnosis", () => {
  fc.assert(
    fc.property(randomMachine, fc.array(change, { minLength: 1, maxLength: 4 }), (definition, changes) => {
      parsed(mutate(definition, changes));
    }),
    { numRuns: 2_000 },
  );
});

test("a damaged definition that is still valid runs or fails, and never throws", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomMachine,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.jsonValue(),
      async (definition, changes, input) => {
        const { machine } = parsed(mutate(definition, changes));
        if (machine === undefined) return;
        const at = { now: 0, entropy: "e" };
        let { execution } = await step(machine, undefined, {
          event: { ...at, kind: "started", origin: originOf(JSON.parse(JSON.stringify(input))) },
        });
        for (let turn = 1; turn < 30 && execution.status === "RUNNING"; turn += 1) {
          const [pending] = pendingEffects(execution);
          const now = turn * 1e6;
          const failed = { kind: "taskFailed", error: "E", cause: "c" } as const;
          const event =
            pending?.kind === "task"
              ? turn % 2 === 0
                ? { ...failed, key: pending.key }
                : ({ kind: "taskSucceeded", key: pending.key, output: pending.input } as const)
              : pending?.kind === "mapRun"
                ? ({ kind: "mapRunSucceeded", key: pending.key, output: "[]" } as const)
                : ({ kind: "wake" } as const);
          ({ execution } = await step(machine, execution, { event: { entropy: "e", now, ...event } }));
        }
        assert.equal(JSON.stringify(JSON.parse(JSON.stringify(execution))), JSON.stringify(execution));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a definition nested beyond reason is refused", () => {
  let state: object = { Type: "Pass", End: true };
  for (let depth = 0; depth < 150; depth += 1) {
    const name = `s${depth}`;
    state = { Type: "Parallel", End: true, Branches: [{ StartAt: name, States: { [name]: state } }] };
  }
  const { diagnostics } = parsed({ StartAt: "top", States: { top: state } });
  assert.ok(diagnostics.some(({ code }) => code === "TOO_DEEPLY_NESTED"));
});

test("JSON nested beyond the stack is refused", () => {
  checkParsed(
    parseDefinition(`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Parameters":${"[".repeat(50_000)}${"]".repeat(50_000)}}}}`),
  );
});
