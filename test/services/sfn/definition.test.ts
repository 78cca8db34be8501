import assert from "node:assert/strict";
import { test } from "node:test";
import { invalidDefinitionMessage } from "#services/sfn/language/diagnostics.ts";
import { parseDefinition, type ParseOptions } from "#services/sfn/language/parse/parse.ts";

const diagnose = (definition: unknown, options?: ParseOptions) => {
  const text = typeof definition === "string" ? definition : JSON.stringify(definition);
  return parseDefinition(text, options).diagnostics.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
};
const one = (state: object, machine: object = {}) => ({ StartAt: "S", States: { S: state }, ...machine });
const schema = (message: string, location: string) => [`SCHEMA_VALIDATION_FAILED: ${message} at ${location}`];

test("the fault of CreateStateMachine lists the errors with their places", () => {
  const { diagnostics } = parseDefinition(
    JSON.stringify({ StartAt: "pass1", States: { pass1: { Type: "Pass", Next: "pass3" }, pass2: { Type: "Pass", End: true } } }),
  );
  assert.equal(
    invalidDefinitionMessage(diagnostics),
    `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2'`,
  );
});

test("a workflow that never ends is refused, without a place", () => {
  const loop = { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" } };
  assert.deepEqual(diagnose({ StartAt: "A", States: loop }), ["MISSING_END_STATE: Workflow has no terminal state at undefined"]);
  const stranded = diagnose({ StartAt: "A", States: { ...loop, C: { Type: "Pass", End: true } } });
  assert.deepEqual(stranded, ['MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C']);
  const dangling = diagnose({ StartAt: "A", States: { A: { Type: "Pass", Next: "NOPE" } } });
  assert.deepEqual(dangling, [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
    "MISSING_END_STATE: Workflow has no terminal state at undefined",
  ]);
});

test("transitions of every kind must lead to a state", () => {
  const end = { E: { Type: "Succeed" } };
  const choice = { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "X" }], Default: "E" };
  assert.deepEqual(diagnose({ StartAt: "C", States: { C: choice, ...end } }), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/C/Choices[0]/Next",
  ]);
  const task = {
    Type: "Task",
    Resource: "arn:aws:states:::sqs:sendMessage",
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "X" }],
    Next: "E",
  };
  assert.deepEqual(diagnose({ StartAt: "T", States: { T: task, ...end } }), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/T/Catch[0]/Next",
  ]);
  assert.deepEqual(diagnose({ StartAt: "nope", States: end })[0], "MISSING_TRANSITION_TARGET: Missing 'Next' target: nope at /StartAt");
});

test("the paths of a Fail state call only functions that give texts", () => {
  const fail = (CausePath: string) => diagnose(one({ Type: "Fail", CausePath }));
  for (const path of ["$.c", "States.UUID()", "States.Format('{}', States.MathAdd($.n, 1))"]) assert.deepEqual(fail(path), [], path);
  const refused = schema("Value must be a valid JSONPath or a valid intrinsic function call", "/States/S/CausePath");
  for (const path of ["States.MathAdd($.n, 1)", "States.StringToJson($.c)", "c"]) assert.deepEqual(fail(path), refused, path);
});

test("fields are refused on the types of state that do not have them", () => {
  for (const Type of ["Pass", "Wait", "Choice", "Succeed", "Fail", "Map", "Parallel"]) {
    assert.ok(
      diagnose(one({ Type, TimeoutSeconds: 5 })).includes("SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/S"),
      Type,
    );
  }
  for (const Type of ["Pass", "Wait", "Choice", "Succeed", "Fail"]) {
    assert.ok(diagnose(one({ Type, Catch: [] })).includes("SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/S"), Type);
  }
  assert.deepEqual(
    diagnose(one({ Type: "Wait", Seconds: 1, ResultPath: null, End: true })),
    schema("Field 'ResultPath' is not supported", "/States/S"),
  );
});

test("values have types and bounds", () => {
  assert.deepEqual(
    diagnose(one({ Type: "Wait", Seconds: "$.s", End: true })),
    schema("Expected value of type Integer", "/States/S/Seconds"),
  );
  assert.deepEqual(diagnose(one({ Type: "Wait", Seconds: -1, End: true })), schema("Minimum value is 0", "/States/S/Seconds"));
  assert.deepEqual(
    diagnose(one({ Type: "Pass", OutputPath: "Test", End: true })),
    schema("Value must be a valid JSONPath.", "/States/S/OutputPath"),
  );
  assert.deepEqual(
    diagnose(one({ Type: "Task", Resource: "lambda", End: true })),
    schema("Value is not a valid resource ARN", "/States/S/Resource"),
  );
  assert.deepEqual(
    diagnose(one({ Type: "Wait", SecondsPath: "$$.Execution.Input[*]", End: true }))[0]?.slice(0, 56),
    "SCHEMA_VALIDATION_FAILED: Value is not a Reference Path:",
  );
});

test("fields that exclude each other, and fields that are missing", () => {
  assert.deepEqual(
    diagnose(one({ Type: "Wait", Seconds: 1, Timestamp: "2026-01-01T00:00:00Z", End: true })),
    schema("There should only be one of the following fields: [Seconds, Timestamp]", "/States/S"),
  );
  const choice = { Type: "Choice", Choices: [{ Variable: "$", StringMatches: "x" }], Default: "S" };
  assert.deepEqual(diagnose(one(choice)), schema("These fields are required: [Next]", "/States/S/Choices[0]"));
  assert.deepEqual(diagnose({}), schema("These fields are required: [States, StartAt]", "/"));
  // As a template that kept a function where the definition belongs was answered (cloudtools/troposphere, issue 1450).
  assert.deepEqual(diagnose({ "Fn::Sub": "x" }), [
    ...schema("These fields are required: [States, StartAt]", "/"),
    ...schema("Field 'Fn::Sub' is not supported", "/"),
  ]);
});

test("States.ALL stands alone, in the last entry", () => {
  const task = (Retry: object[]) => one({ Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Retry, End: true });
  const message = "States.ALL must appear alone and at end of list";
  assert.deepEqual(
    diagnose(task([{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["E"] }])),
    schema(message, "/States/S/Retry[0]/ErrorEquals[0]"),
  );
  assert.deepEqual(diagnose(task([{ ErrorEquals: ["E", "States.ALL"] }])), schema(message, "/States/S/Retry[0]/ErrorEquals[1]"));
  assert.deepEqual(diagnose(task([{ ErrorEquals: ["E"] }, { ErrorEquals: ["States.ALL"] }])), []);
  assert.deepEqual(diagnose(task([])), []);
});

test("a Choice's Variable is a path", () => {
  const rule = (Variable: string) => ({
    StartAt: "C",
    States: { C: { Type: "Choice", Choices: [{ Variable, StringEquals: "x", Next: "E" }] }, E: { Type: "Succeed" } },
  });
  const at = "/States/C/Choices[0]/Variable";
  assert.deepEqual(diagnose(rule("Test")), schema("Value is not a Reference Path: Reference path didn't start with '$'", at));
  assert.deepEqual(diagnose(rule("$.a[$$.b]")), schema("Value is not a Reference Path: '[' must be followed by ' or '['", at));
  assert.deepEqual(diagnose(rule("$$.Execution.Input.x")), []);
});

test("payload templates are checked where they stand", () => {
  assert.deepEqual(
    diagnose(one({ Type: "Pass", Parameters: { p: { x: 1, "x.$": "$.y" } }, End: true })),
    schema("The field 'x' is there twice, with and without '.$'", "/States/S/Parameters/p"),
  );
  assert.deepEqual(
    diagnose(one({ Type: "Pass", Parameters: { "out.$": "States.Nope(1)" }, End: true })),
    schema("The value for the field 'out.$' must be a valid JSONPath or a valid intrinsic function call", "/States/S/Parameters"),
  );
  for (const [value, kind] of [[["$.a"], "an ARRAY"] as const, [{}, "an OBJECT"] as const, [1, "a NUMBER"] as const]) {
    assert.deepEqual(
      diagnose(one({ Type: "Pass", Parameters: { "out.$": value }, End: true })),
      schema(`The value for the field 'out.$' must be a STRING that contains a JSONPath but was ${kind}`, "/States/S/Parameters"),
    );
  }
});

test("the query languages keep their fields apart", () => {
  assert.deepEqual(
    diagnose(one({ Type: "Pass", Output: 1, End: true })),
    schema("The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage", "/States/S"),
  );
  assert.deepEqual(
    diagnose(one({ Type: "Pass", QueryLanguage: "JSONPath", End: true }, { QueryLanguage: "JSONata" })),
    schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", "/States/S"),
  );
  const inner = {
    Type: "Map",
    QueryLanguage: "JSONata",
    ItemProcessor: { StartAt: "P", States: { P: { Type: "Pass", Output: 1, End: true } } },
    End: true,
  };
  assert.deepEqual(
    diagnose(one(inner)),
    schema(
      "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
      "/States/S/ItemProcessor/States/P",
    ),
  );
  assert.deepEqual(
    diagnose(one({ ...inner, ItemProcessor: { ...inner.ItemProcessor, QueryLanguage: "JSONata" } }))[0],
    schema("Field 'QueryLanguage' is not supported", "/States/S/ItemProcessor")[0],
  );
});

test("JSONata expressions are parsed and checked", () => {
  const output = (expression: string) =>
    diagnose(one({ Type: "Pass", Output: { v: `{% ${expression} %}` }, End: true }, { QueryLanguage: "JSONata" }));
  assert.deepEqual(output("1 +"), ["INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output/v"]);
  assert.deepEqual(output("a[1,2)"), ['INVALID_JSONATA_EXPRESSION: Expected "]", got "," at /States/S/Output/v']);
  assert.deepEqual(output("phone"), [
    "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Output/v",
  ]);
  assert.deepEqual(output("$states.input.items[price > 1].name"), []);
  assert.equal(output("$states.errorOutput").length, 1);
});

test("distributed Maps have fields of their own", () => {
  const map = (extra: object, mode = "DISTRIBUTED") =>
    one({
      Type: "Map",
      End: true,
      ...extra,
      ItemProcessor: {
        ProcessorConfig: { Mode: mode, ...(mode === "INLINE" ? {} : { ExecutionType: "STANDARD" }) },
        StartAt: "P",
        States: { P: { Type: "Pass", End: true } },
      },
    });
  assert.deepEqual(diagnose(map({ ToleratedFailureCount: 1, Label: "frames", ItemBatcher: { MaxItemsPerBatch: 5 } })), []);
  assert.deepEqual(
    diagnose(map({ ToleratedFailurePercentage: 101 })),
    schema("Maximum value is 100.0", "/States/S/ToleratedFailurePercentage"),
  );
  assert.deepEqual(
    diagnose(map({ ToleratedFailurePercentage: -1 })),
    schema("Minimum value is 0.0", "/States/S/ToleratedFailurePercentage"),
  );
  const reader = {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", MaxItems: 1, MaxItemsPath: "$.n" },
  };
  assert.deepEqual(
    diagnose(map({ ItemReader: reader })),
    schema("There should only be one of the following fields: [MaxItems, MaxItemsPath]", "/States/S/ItemReader/ReaderConfig"),
  );
  assert.equal(diagnose(map({ Label: "a b" }))[0]?.split(":")[0], "INVALID_LABEL_NAME");
  assert.equal(diagnose(map({ ItemReader: reader }, "INLINE")).length, 1);
});

test("what looks like a mistake is a warning and no error", () => {
  const { machine, diagnostics } = parseDefinition(
    JSON.stringify(one({ Type: "Pass", Parameters: { a: "$.b" }, Result: { "x.$": "$.y" }, End: true })),
  );
  assert.ok(machine);
  assert.deepEqual(
    diagnostics.map(({ severity, code }) => [severity, code]),
    [
      ["WARNING", "NO_DOLLAR"],
      ["WARNING", "PASS_RESULT_IS_STATIC"],
    ],
  );
});

test("state names are unique in the whole machine and not too long", () => {
  const branch = { StartAt: "S", States: { S: { Type: "Pass", End: true } } };
  assert.equal(diagnose(one({ Type: "Parallel", Branches: [branch], End: true }))[0]?.split(":")[0], "DUPLICATE_STATE_NAME");
  const long = "x".repeat(81);
  assert.equal(diagnose({ StartAt: long, States: { [long]: { Type: "Pass", End: true } } })[0]?.split(":")[0], "INVALID_STATE_NAME");
});

test("Express machines cannot await jobs, callbacks or activities", () => {
  const express = (Resource: string) => diagnose(one({ Type: "Task", Resource, End: true }), { type: "EXPRESS" });
  assert.equal(express("arn:aws:states:::ecs:runTask.sync").length, 1);
  assert.equal(express("arn:aws:states:::sqs:sendMessage.waitForTaskToken").length, 1);
  assert.deepEqual(express("arn:aws:states:::sqs:sendMessage"), []);
});
