import assert from "node:assert/strict";
import { test } from "node:test";
import { invalidDefinitionMessage } from "#services/sfn/language/diagnostics.ts";
import { parseDefinition } from "#services/sfn/language/parse/parse.ts";
import { runMachine } from "./driver.ts";

const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage" };
const refusal = (definition: object) => invalidDefinitionMessage(parseDefinition(JSON.stringify(definition)).diagnostics);
const assigning = (Assign: object) => ({ StartAt: "I", States: { I: { Type: "Pass", Assign, End: true } } });
const around = (state: object, Assign: object = { v: 1 }) => ({
  StartAt: "A",
  States: { A: { Type: "Pass", Assign, Next: "P" }, P: { ...state, End: true } },
});

test("an inner scope may not assign what an outer one does", () => {
  const told = (at: string) =>
    `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The variable 'v' is already assigned in an outer scope at ${at}'`;
  assert.equal(
    refusal(around({ Type: "Parallel", Branches: [assigning({ "v.$": "$.x" })] })),
    told("/States/P/Branches[0]/States/I/Assign"),
  );
  assert.equal(refusal(around({ Type: "Map", ItemProcessor: assigning({ v: 2 }) })), told("/States/P/ItemProcessor/States/I/Assign"));
  const caught = { ...task, Catch: [{ ErrorEquals: ["States.ALL"], Assign: { v: 1 }, Next: "P" }], Next: "P" };
  const map = { Type: "Map", ItemProcessor: assigning({ v: 2 }), End: true };
  assert.equal(refusal({ StartAt: "A", States: { A: caught, P: map } }), told("/States/P/ItemProcessor/States/I/Assign"));
});

test("branches may share a name, and a distributed Map's children see no outer one", () => {
  const { diagnostics } = parseDefinition(
    JSON.stringify(
      around({
        Type: "Parallel",
        Branches: [1, 2].map((n) => ({ StartAt: `I${n}`, States: { [`I${n}`]: { Type: "Pass", Assign: { w: n }, End: true } } })),
      }),
    ),
  );
  assert.deepEqual(diagnostics, []);
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const distributed = around({ Type: "Map", ItemProcessor: { ProcessorConfig, ...assigning({ v: 2 }) } });
  assert.deepEqual(parseDefinition(JSON.stringify(distributed)).diagnostics, []);
});

test("a Task's variables are set from its result, beside the ResultSelector", async () => {
  const definition = {
    StartAt: "T",
    States: {
      T: { ...task, ResultSelector: { "short.$": "$.long" }, Assign: { "all.$": "$" }, Next: "E" },
      E: { Type: "Pass", Parameters: { "in.$": "$", "all.$": "$all" }, End: true },
    },
  };
  const { output } = await runMachine(definition, { tasks: () => ({ output: { long: 1, more: 2 } }) });
  assert.deepEqual(output, { in: { short: 1 }, all: { long: 1, more: 2 } });
});

test("one Assign sets at most 256 KiB", async () => {
  const half = "x".repeat(140_000);
  const pass = (Assign: object) => ({ StartAt: "S", States: { S: { Type: "Pass", Assign, ResultPath: null, End: true } } });
  assert.equal((await runMachine(pass({ a: half }))).execution.status, "SUCCEEDED");
  const { execution } = await runMachine(pass({ a: half, b: half }));
  assert.equal(execution.error, "States.DataLimitExceeded");
});

test("variables keep the values that they had when the state was entered", async () => {
  const definition = {
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: {
      A: { Type: "Pass", Assign: { x: 3, a: 6 }, Next: "B" },
      B: { Type: "Pass", Assign: { x: "{% $a %}", nextX: "{% $x %}" }, Output: "{% $x %}", Next: "C" },
      C: { Type: "Pass", Output: "{% [$states.input, $x, $nextX] %}", End: true },
    },
  };
  assert.deepEqual((await runMachine(definition)).output, [3, 6, 3]);
});

test("variables have names of letters, digits and underscores, and no parts", () => {
  const assign = (Assign: unknown, QueryLanguage = "JSONata") =>
    parseDefinition(JSON.stringify({ QueryLanguage, StartAt: "S", States: { S: { Type: "Pass", Assign, End: true } } })).diagnostics.map(
      ({ message, location }) => `${message} at ${location}`,
    );
  assert.deepEqual(assign({ customer_1: 1, größe: 2, x·y: 3, ["v".repeat(80)]: 4 }), []);
  assert.deepEqual(assign({ "total.$": "$.x" }, "JSONPath"), []);
  for (const name of ["x.y", "x[2]", "_x", "1x", "", "a b", "a-b", "$x"]) {
    assert.deepEqual(assign({ [name]: 1 }), [`Invalid variable name '${name}' at /States/S/Assign`]);
  }
  assert.equal(assign({ states: 1 }).length, 1);
  assert.equal(assign({ ["v".repeat(81)]: 1 }).length, 1);
  assert.deepEqual(assign("{% {'x': 1} %}"), ["Expected value of type Object at /States/S/Assign"]);
});
