import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { originOf } from "./driver.ts";
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

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, -1, 1.5, 1e99, true, [], {}, [[]], [{}], ["States.ALL"], { "a.$": "$.b" }, { "a.$": "States.Array()" }),
  fc.constantFrom(
    "",
    "$",
    "$$",
    "$.",
    "$[",
    "$..",
    "$.a[?(",
    "$x",
    "$.a[*].b",
    "$['a']['b']",
    "$.a[0:1]",
    "$.a.length()",
    "$$.Execution.Id",
  ),
  fc.constantFrom(
    "States.",
    "States.UUID()",
    "States.Format('{}', $.a)",
    "States.Format('{'",
    "__proto__",
    "constructor",
    "JSONata",
    "Task",
    "Map",
  ),
  fc.constantFrom("{% %}", "{% $ %}", "{% $states.input %}", "{% 1 + %}", "{%", "%}", "2026-01-01T00:00:00Z"),
  fc.constantFrom("arn:aws:lambda:us-east-1:000000000000:function:f", {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
  }),
);

const fields = `
  Type Next End Resource Parameters ResultPath InputPath OutputPath ResultSelector Assign Output Arguments Choices Default
  Branches ItemProcessor ItemsPath Items ItemSelector MaxConcurrency Retry Catch Seconds SecondsPath Timestamp TimestampPath
  TimeoutSeconds HeartbeatSeconds Error ErrorPath Cause CausePath States StartAt QueryLanguage Condition Variable StringEquals
  NumericEqualsPath IsPresent And Not ErrorEquals Result IntervalSeconds MaxAttempts BackoffRate JitterStrategy ItemReader
  ItemBatcher ResultWriter Label __proto__ x.$
`
  .trim()
  .split(/\s+/);

type Change = { readonly pick: number; readonly action: "remove" | "replace" | "add"; readonly field: string; readonly value: unknown };

const change: fc.Arbitrary<Change> = fc.record({
  pick: fc.nat(),
  action: fc.constantFrom("remove", "replace", "add"),
  field: fc.constantFrom(...fields),
  value: odd,
});

type Holder = Record<string, unknown>;

const holders = (value: unknown): Holder[] =>
  typeof value === "object" && value !== null ? [value as Holder, ...Object.values(value).flatMap((inner) => holders(inner))] : [];

const mutate = (definition: object, changes: readonly Change[]): unknown => {
  const mutated = structuredClone(definition);
  for (const { pick, action, field, value } of changes) {
    const all = holders(mutated);
    const holder = all[pick % all.length];
    if (holder === undefined) continue;
    const keys = Object.keys(holder);
    const key = action === "add" && !Array.isArray(holder) ? field : (keys[pick % Math.max(1, keys.length)] ?? field);
    if (action === "remove") delete holder[key];
    else Object.defineProperty(holder, key, { value: structuredClone(value), enumerable: true, configurable: true, writable: true });
  }
  return mutated;
};

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
