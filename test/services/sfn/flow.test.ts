import assert from "node:assert/strict";
import { test } from "node:test";
import { runMachine, type DriverOptions } from "./driver.ts";

const one = (state: object, machine: object = {}) => ({ StartAt: "S", States: { S: { End: true, ...state } }, ...machine });
const output = async (definition: object, options: DriverOptions = {}) => {
  const outcome = await runMachine(definition, options);
  return outcome.execution.status === "SUCCEEDED" ? outcome.output : { error: outcome.execution.error, cause: outcome.execution.cause };
};
const failure = (cause: string, error = "States.Runtime") => ({
  error,
  cause: `An error occurred while executing the state 'S' (entered at the event id #2). ${cause}`,
});
const input = { a: { b: 1 }, list: [1, 2], text: "t" };
const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage" };

test("a Pass hands its input on, or its Result, through its paths", async () => {
  assert.deepEqual(await output(one({ Type: "Pass" }), { input }), input);
  assert.deepEqual(await output(one({ Type: "Pass", Result: { r: 1 } }), { input }), { r: 1 });
  assert.deepEqual(await output(one({ Type: "Pass", Result: 5, ResultPath: "$.a.c" }), { input }), { ...input, a: { b: 1, c: 5 } });
  assert.deepEqual(await output(one({ Type: "Pass", Result: 5, ResultPath: null }), { input }), input);
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: "$.a" }), { input }), { b: 1 });
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: null }), { input }), {});
  assert.deepEqual(await output(one({ Type: "Pass", OutputPath: "$.list" }), { input }), [1, 2]);
  assert.deepEqual(await output(one({ Type: "Pass", OutputPath: null }), { input }), {});
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: "$.a", ResultPath: "$.copy" }), { input }), { ...input, copy: { b: 1 } });
});

test("Parameters are filled from the input, the context object and functions", async () => {
  const Parameters = {
    fixed: [1, { "deep.$": "$.text" }],
    "b.$": "$.a.b",
    "all.$": "$",
    "name.$": "$$.State.Name",
    "sum.$": "States.MathAdd($.a.b, 1)",
  };
  assert.deepEqual(await output(one({ Type: "Pass", Parameters }), { input }), {
    fixed: [1, { deep: "t" }],
    b: 1,
    all: input,
    name: "S",
    sum: 2,
  });
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: "$.a", Parameters: { "b.$": "$.b" } }), { input }), { b: 1 });
  assert.deepEqual(await output(one({ Type: "Pass", Parameters: { "past.$": "$.list[7]", "none.$": "$.list[?(@ > 9)]" } }), { input }), {
    past: null,
    none: [],
  });
});

test("a path through an input of null fails the execution, but for a state's own input and output", async () => {
  const nothing = { input: "raw:null" };
  const refused = failure("Unable to apply Path transformation to null or empty input.");
  assert.deepEqual(await output(one({ Type: "Pass", Parameters: { "x.$": "$" } }), nothing), refused);
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: "$.x" }), nothing), refused);
  assert.equal(await output(one({ Type: "Pass", InputPath: "$", OutputPath: "$" }), nothing), null);
  assert.deepEqual(await output(one({ Type: "Pass", Parameters: { "x.$": "$$.State.Name" } }), nothing), { x: "S" });
});

test("a path that leads nowhere fails the execution in AWS's words", async () => {
  assert.deepEqual(
    await output(one({ Type: "Pass", Parameters: { "x.$": "$.nope" } }), { input: { flagged: false } }),
    failure("The JSONPath '$.nope' specified for the field 'x.$' could not be found in the input '{\"flagged\":false}'"),
  );
  assert.deepEqual(await output(one({ Type: "Pass", InputPath: "$.x" })), failure("Invalid path '$.x' : No results for path: $['x']"));
  assert.deepEqual(
    await output(one({ Type: "Pass", OutputPath: "$.x[0].y" })),
    failure("Invalid path '$.x[0].y' : Missing property in path $['x']"),
  );
  assert.deepEqual(
    await output(one({ Type: "Pass", ResultPath: "$.a.b" }), { input: { a: 1 } }),
    failure('Unable to apply ReferencePath $.a.b to input {"a":1}', "States.ResultPathMatchFailure"),
  );
});

test("a Task's result goes through ResultSelector, ResultPath and OutputPath", async () => {
  const tasks = () => ({ output: { Payload: { n: 7 }, Status: 200 } });
  const state = {
    ...task,
    Parameters: { "q.$": "$.text" },
    ResultSelector: { "n.$": "$.Payload.n", "id.$": "$$.Execution.Name" },
    ResultPath: "$.got",
  };
  assert.deepEqual(await output(one(state), { input, tasks }), { ...input, got: { n: 7, id: "run" } });
  assert.deepEqual(await output(one({ ...state, OutputPath: "$.got.n" }), { input, tasks }), 7);
  assert.deepEqual(await output(one({ ...state, ResultPath: null }), { input, tasks }), input);
});

test("variables are set when a state is left and seen by what follows", async () => {
  const definition = {
    StartAt: "A",
    States: {
      A: { Type: "Pass", Assign: { x: 1, "y.$": "$.n" }, Next: "B" },
      B: {
        ...task,
        Parameters: { "sum.$": "States.MathAdd($x, $y)" },
        Assign: { "x.$": "$.sum", "was.$": "$x" },
        ResultPath: null,
        Next: "C",
      },
      C: { Type: "Pass", Parameters: { "x.$": "$x", "was.$": "$was", "y.$": "$y" }, End: true },
    },
  };
  const { output: got, history } = await runMachine(definition, { input: { n: 2 } });
  assert.deepEqual(got, { x: 3, was: 1, y: 2 });
  const exit = history.find(({ type }) => type === "PassStateExited")?.stateExitedEventDetails;
  assert.deepEqual(exit?.assignedVariables, { x: "1", y: "2" });
  assert.deepEqual(exit?.assignedVariablesDetails, { truncated: false });
});

test("inner scopes see outer variables and keep their own", async () => {
  const inner = {
    StartAt: "I",
    States: { I: { Type: "Pass", Assign: { i: 2 }, Next: "J" }, J: { Type: "Pass", Parameters: { "i.$": "$i", "o.$": "$o" }, End: true } },
  };
  const definition = {
    StartAt: "A",
    States: {
      A: { Type: "Pass", Assign: { o: "outer" }, Next: "P" },
      P: { Type: "Parallel", Branches: [inner], Next: "E" },
      E: { Type: "Pass", Parameters: { "in.$": "$" }, End: true },
    },
  };
  assert.deepEqual(await output(definition), { in: [{ i: 2, o: "outer" }] });
});

test("a Catch puts the error where its ResultPath says", async () => {
  const tasks = () => ({ error: "E", cause: "why" });
  const caught = (extra: object) => ({
    StartAt: "S",
    States: { S: { ...task, Catch: [{ ErrorEquals: ["E"], Next: "N", ...extra }], End: true }, N: { Type: "Pass", End: true } },
  });
  assert.deepEqual(await output(caught({}), { input, tasks }), { Error: "E", Cause: "why" });
  assert.deepEqual(await output(caught({ ResultPath: "$.e" }), { input, tasks }), { ...input, e: { Error: "E", Cause: "why" } });
  assert.deepEqual(await output(caught({ ResultPath: null }), { input, tasks }), input);
});

test("JSONata states have arguments, output and assignments", async () => {
  const definition = {
    QueryLanguage: "JSONata",
    StartAt: "S",
    States: {
      S: {
        ...task,
        Arguments: { sum: "{% $sum($states.input.list) %}", plain: "x", deep: [{ t: "{% $states.input.text & '!' %}" }] },
        Output: { got: "{% $states.result.sum %}", name: "{% $states.context.State.Name %}" },
        Assign: { total: "{% $states.result.sum + $states.input.a.b %}" },
        Next: "N",
      },
      N: { Type: "Succeed", Output: { in: "{% $states.input %}", total: "{% $total %}" } },
    },
  };
  const tasks = (given: unknown) => ({ output: given });
  assert.deepEqual(await output(definition, { input, tasks }), { in: { got: 3, name: "S" }, total: 4 });
});

test("JSONata failures name the expression and the field", async () => {
  const jsonata = (state: object) => one(state, { QueryLanguage: "JSONata" });
  const query = (cause: string) => failure(cause, "States.QueryEvaluationError");
  const said = (expression: string, rest: string) =>
    query(`The JSONata expression '${expression}' specified for the field 'Output/r' ${rest}`);
  const pass = (expression: string) => output(jsonata({ Type: "Pass", Output: { r: `{% ${expression} %}` } }));
  assert.deepEqual(await pass("$states.input.missing"), said("$states.input.missing", "returned nothing (undefined)."));
  assert.deepEqual(
    await pass("'a' + 1"),
    said("'a' + 1", 'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number'),
  );
  assert.deepEqual(
    await pass("$eval('1+1')"),
    said("$eval('1+1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
  );
  assert.deepEqual(
    await pass("$abs('x')"),
    said("$abs('x')", 'threw an error during evaluation. T0410: Argument 1 of function "abs" does not match function signature'),
  );
  const endless = (await pass("($f := function($x){ 1 + $f($x + 1) }; $f(1))")) as { cause: string };
  assert.match(endless.cause, /threw an error during evaluation: Stack overflow error/);
});

test("JSONata has AWS's functions, the same on every evaluation", async () => {
  const definition = one(
    {
      Type: "Pass",
      Output: {
        partition: "{% $partition([1..5], 2) %}",
        range: "{% $range(0, 6, 3) %}",
        hash: "{% $hash('input data', 'SHA-1') %}",
        parse: "{% $parse('{\"a\":[1]}') %}",
        seeded: "{% $random(42) %}",
        random: "{% $random() < 1 %}",
        uuid: "{% $length($uuid()) %}",
        now: "{% $now() %}",
        year: "{% $now('[Y]') %}",
        millis: "{% $millis() %}",
      },
    },
    { QueryLanguage: "JSONata" },
  );
  const expected = {
    partition: [[1, 2], [3, 4], [5]],
    range: [0, 3, 6],
    hash: "aaff4a450a104cd177d28d18d74485e8cae074b7",
    parse: { a: [1] },
    seeded: 0.7275636800328681,
    random: true,
    uuid: 36,
    now: "2026-01-01T00:00:00.000Z",
    year: "2026",
    millis: Date.parse("2026-01-01T00:00:00.000Z"),
  };
  assert.deepEqual(await output(definition), expected);
});

test("a JSONata Catch sees the error output", async () => {
  const definition = {
    QueryLanguage: "JSONata",
    StartAt: "S",
    States: {
      S: {
        ...task,
        Catch: [
          {
            ErrorEquals: ["States.ALL"],
            Output: { was: "{% $states.errorOutput.Error %}" },
            Assign: { why: "{% $states.errorOutput.Cause %}" },
            Next: "N",
          },
        ],
        End: true,
      },
      N: { Type: "Pass", Output: { in: "{% $states.input %}", why: "{% $why %}" }, End: true },
    },
  };
  assert.deepEqual(await output(definition, { tasks: () => ({ error: "E", cause: "c" }) }), { in: { was: "E" }, why: "c" });
});

test("waits last as long as their fields say", async () => {
  const lasts = async (state: object, from: unknown = {}, machine: object = {}) => {
    const { elapsedMs, execution } = await runMachine(one({ Type: "Wait", ...state }, machine), { input: from });
    return execution.status === "SUCCEEDED" ? elapsedMs : execution.cause?.replace(/^.*#2\)\. /, "");
  };
  assert.equal(await lasts({ Seconds: 5 }), 5_000);
  assert.equal(await lasts({ Timestamp: "2026-01-01T00:01:00Z" }), 60_000);
  assert.equal(await lasts({ Timestamp: "2020-01-01T00:01:00Z" }), 0);
  assert.equal(await lasts({ Timestamp: "2026-01-01T01:01:00.999+01:00" }), 60_000);
  assert.equal(await lasts({ SecondsPath: "$.s" }, { s: 3 }), 3_000);
  assert.equal(await lasts({ TimestampPath: "$.t" }, { t: "2026-01-01T00:00:02Z" }), 2_000);
  assert.equal(await lasts({ Seconds: "{% $states.input.s * 2 %}" }, { s: 3 }, { QueryLanguage: "JSONata" }), 6_000);
  assert.equal(await lasts({ SecondsPath: "$.s" }, { s: 2.5 }), "The SecondsPath parameter cannot be parsed as a long value: $.s == 2.5");
  assert.equal(await lasts({ TimestampPath: "$.t" }), "The TimestampPath parameter does not reference an input value: $.t");
  assert.equal(
    await lasts({ TimestampPath: "$.t" }, { t: "soon" }),
    "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == soon",
  );
});

test("a Fail state fails with what it is told, or finds", async () => {
  const fail = async (state: object, from: unknown = {}) => {
    const { execution } = await runMachine({ StartAt: "S", States: { S: { Type: "Fail", ...state } } }, { input: from });
    return [execution.error, execution.cause];
  };
  assert.deepEqual(await fail({ Error: "E", Cause: "c" }), ["E", "c"]);
  assert.deepEqual(await fail({}), [undefined, undefined]);
  assert.deepEqual(await fail({ ErrorPath: "$.e", CausePath: "States.Format('{}!', $.c)" }, { e: "X", c: "y" }), ["X", "y!"]);
});

test("a job that is waited for has a token in its context, a call that is answered at once has none", async () => {
  const status = async (Resource: string) => {
    const { execution } = await runMachine(one({ ...task, Resource, Parameters: { "Input.$": "$$.Task.Token" } }), {});
    return execution.error ?? execution.status;
  };
  assert.equal(await status("arn:aws:states:::states:startExecution.sync:2"), "SUCCEEDED");
  assert.equal(await status("arn:aws:states:::states:startExecution"), "States.Runtime");
});

test("the context object tells of execution, machine, state and task", async () => {
  const definition = one({
    ...task,
    Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    Parameters: { "ctx.$": "$$", "token.$": "$$.Task.Token" },
  });
  let given: Record<string, unknown> = {};
  let token: string | undefined;
  await runMachine(definition, {
    input,
    tasks: (value, effect) => {
      given = value as Record<string, unknown>;
      token = effect.token;
      return { output: {} };
    },
  });
  assert.ok(token);
  assert.equal(given["token"], token);
  assert.deepEqual(given["ctx"], {
    Execution: {
      Id: "arn:aws:states:us-east-1:000000000000:execution:machine:run",
      Input: input,
      StartTime: "2026-01-01T00:00:00Z",
      Name: "run",
      RoleArn: "arn:aws:iam::000000000000:role/machine",
      RedriveCount: 0,
    },
    StateMachine: { Id: "arn:aws:states:us-east-1:000000000000:stateMachine:machine", Name: "machine" },
    State: { Name: "S", EnteredTime: "2026-01-01T00:00:00Z", RetryCount: 0 },
    Task: { Token: token },
  });
});
