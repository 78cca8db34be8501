import assert from "node:assert/strict";
import { test } from "node:test";
import { TestStateCommand } from "@aws-sdk/client-sfn";
import { openCloud, roleArn } from "./machines-in.ts";
import { benchOf, both, child, each, failing, giving, invoke, many, parsed } from "./states-in.ts";

const { client } = await openCloud();
const { ask, refused } = benchOf(client);

test("a Pass state shows its data at each stage that it has", async () => {
  const state = {
    Type: "Pass",
    InputPath: "$.payload",
    Parameters: { data: 1 },
    ResultPath: "$.result",
    OutputPath: "$.result.data",
    Next: "On",
  };
  const { status, output, nextState, inspectionData } = await ask(state, { input: { payload: { foo: "bar" } } });
  assert.deepEqual([status, output, nextState], ["SUCCEEDED", "1", "On"]);
  assert.deepEqual(inspectionData, {
    input: `{"payload":{"foo":"bar"}}`,
    afterInputPath: `{"foo":"bar"}`,
    afterParameters: `{"data":1}`,
    afterResultSelector: `{"data":1}`,
    afterResultPath: `{"payload":{"foo":"bar"},"result":{"data":1}}`,
  });
});

test("INFO shows no data", async () => {
  const { status, inspectionData } = await ask({ Type: "Pass", End: true }, { inspectionLevel: "INFO" });
  assert.deepEqual([status, inspectionData], ["SUCCEEDED", undefined]);
});

test("a state that leads to itself tells that it does", async () => {
  const machine = {
    StartAt: "Again",
    States: {
      Again: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "Again" }], Default: "End" },
      End: { Type: "Succeed" },
    },
  };
  const { nextState } = await ask(machine, { stateName: "Again", input: { n: 1 } });
  assert.equal(nextState, "Again");
});

test("a Wait state is waited for, and then left", async () => {
  const began = performance.now();
  const { status, output, nextState } = await ask({ Type: "Wait", Seconds: 1, Next: "On" }, { input: { a: 1 } });
  assert.deepEqual([status, output, nextState], ["SUCCEEDED", `{"a":1}`, "On"]);
  assert.ok(performance.now() - began >= 900);
});

test("a Fail state fails with its error and cause", async () => {
  const { status, error, cause, output, nextState } = await ask({ Type: "Fail", Error: "E", Cause: "C" });
  assert.deepEqual([status, error, cause, output, nextState], ["FAILED", "E", "C", undefined, undefined]);
});

test("variables are seen by the state and shown together with those that it assigns", async () => {
  const state = { Type: "Pass", QueryLanguage: "JSONata", Output: "{% $a + 1 %}", Assign: { b: 2 }, End: true };
  const { output, inspectionData } = await ask(state, { variables: { a: 1 } });
  assert.deepEqual([output, parsed(inspectionData?.variables)], ["2", { a: 1, b: 2 }]);
});

test("a JSONata state shows none of the stages that JSONPath has", async () => {
  const state = {
    ...invoke,
    QueryLanguage: "JSONata",
    Parameters: undefined,
    Arguments: { FunctionName: "{% $states.input.f %}" },
    Output: "{% $states.result.Payload %}",
  };
  const { output, inspectionData } = await ask(state, { input: { f: "g" }, ...giving({ Payload: 7 }) });
  assert.equal(output, "7");
  assert.deepEqual(inspectionData, { input: `{"f":"g"}`, afterArguments: `{"FunctionName":"g"}`, result: `{"Payload":7}` });
});

test("a mocked error says which retrier takes it, and when it would be tried again", async () => {
  const state = {
    ...invoke,
    Retry: [{ ErrorEquals: ["Other"] }, { ErrorEquals: ["Lambda.ServiceException"], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 }],
  };
  const told = await ask(state, { ...failing("Lambda.ServiceException"), stateConfiguration: { retrierRetryCount: 1 } });
  assert.deepEqual([told.status, told.error, told.cause, told.output], ["RETRIABLE", "Lambda.ServiceException", "because", undefined]);
  assert.deepEqual(told.inspectionData?.errorDetails, { retryIndex: 1, retryBackoffIntervalSeconds: 4 });
});

test("when the retries are used up, the catcher takes a mocked error", async () => {
  const state = {
    ...invoke,
    End: undefined,
    Next: "On",
    Retry: [{ ErrorEquals: ["E"], MaxAttempts: 3 }],
    Catch: [{ ErrorEquals: ["E"], ResultPath: "$.error", Next: "Handle" }],
  };
  const told = await ask(state, { input: { data: "value" }, ...failing("E"), stateConfiguration: { retrierRetryCount: 3 } });
  assert.deepEqual([told.status, told.nextState, told.error, told.cause], ["CAUGHT_ERROR", "Handle", "E", "because"]);
  assert.deepEqual(parsed(told.output), { data: "value", error: { Error: "E", Cause: "because" } });
  assert.deepEqual(told.inspectionData?.errorDetails, { catchIndex: 0 });
});

test("an evaluation that fails and is caught tells its error", async () => {
  const state = {
    Type: "Task",
    QueryLanguage: "JSONata",
    Resource: invoke.Resource,
    Arguments: "{% 1 + 'a' %}",
    Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "Off" }],
    End: true,
  };
  const { status, error, nextState } = await ask(state, giving({}));
  assert.deepEqual([status, error, nextState], ["CAUGHT_ERROR", "States.QueryEvaluationError", "Off"]);
});

test("the context of the request is what the state sees", async () => {
  const state = {
    ...invoke,
    Resource: `${invoke.Resource}.waitForTaskToken`,
    Parameters: { FunctionName: "f", Payload: { "token.$": "$$.Task.Token", "id.$": "$$.Execution.Id" } },
  };
  const context = { Task: { Token: "t" }, Execution: { Id: "mine" } };
  const { output, inspectionData } = await ask(state, { context, ...giving("approved") });
  assert.equal(output, `"approved"`);
  assert.deepEqual(parsed(inspectionData?.afterParameters), { FunctionName: "f", Payload: { token: "t", id: "mine" } });
});

test("a Map's mocked result is its iterations', and its items are shown as they would get them", async () => {
  const state = {
    ...each,
    ItemSelector: { "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "of.$": "$.name" },
    MaxConcurrency: 4,
    ResultPath: "$.done",
  };
  const input = { name: "n", items: ["a", "b"] };
  const { status, output, nextState, inspectionData } = await ask(state, { input, ...giving([10, 20]) });
  assert.deepEqual([status, nextState, parsed(output)], ["SUCCEEDED", "On", { ...input, done: [10, 20] }]);
  assert.equal(inspectionData?.afterItemsPath, `["a","b"]`);
  const selected = [
    { value: "a", index: 0, of: "n" },
    { value: "b", index: 1, of: "n" },
  ];
  assert.deepEqual(parsed(inspectionData.afterItemSelector), selected);
  assert.deepEqual([inspectionData.maxConcurrency, inspectionData.result], [4, "[10,20]"]);
});

test("a Map without items answers as mocked all the same", async () => {
  assert.equal((await ask(each, { input: { items: [] }, ...giving([1]) })).output, "[1]");
});

test("a Map whose ItemSelector cannot be evaluated fails", async () => {
  const { status, error } = await ask({ ...each, ItemSelector: { "v.$": "$.nowhere" } }, { input: { items: [1] }, ...giving([1]) });
  assert.deepEqual([status, error], ["FAILED", "States.Runtime"]);
});

test("a distributed Map shows its batches and what it tolerates", async () => {
  const state = {
    ...many,
    ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { by: 2 } },
    ToleratedFailureCount: 1,
    ToleratedFailurePercentage: 50,
  };
  const { inspectionData: data } = await ask(state, { input: { items: [1, 2, 3] }, ...giving([]) });
  assert.deepEqual(parsed(data?.afterItemBatcher), [
    { BatchInput: { by: 2 }, Items: [1, 2] },
    { BatchInput: { by: 2 }, Items: [3] },
  ]);
  assert.deepEqual([data?.toleratedFailureCount, data?.toleratedFailurePercentage, data?.maxConcurrency], [1, 50, 0]);
});

test("a distributed Map fails when more iterations fail than it tolerates", async () => {
  const state = { ...many, ToleratedFailureCount: 1, Catch: [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"], Next: "Off" }] };
  const tested = async (count: number) => {
    const configured = { stateConfiguration: { mapIterationFailureCount: count } };
    const { status, error, nextState } = await ask(state, { input: { items: [1, 2, 3] }, ...giving([1]), ...configured });
    return [status, error, nextState];
  };
  assert.deepEqual(await tested(1), ["SUCCEEDED", undefined, "On"]);
  assert.deepEqual(await tested(2), ["CAUGHT_ERROR", "States.ExceedToleratedFailureThreshold", "Off"]);
  await assert.rejects(tested(4), { name: "ValidationException", message: /exceeds the number of items 3/ });
});

test("a tolerated percentage is of the Map's items", async () => {
  const state = { ...many, ToleratedFailurePercentage: 50 };
  const tested = async (mapIterationFailureCount: number) =>
    (await ask(state, { input: { items: [1, 2, 3, 4] }, ...giving([]), stateConfiguration: { mapIterationFailureCount } })).status;
  assert.deepEqual([await tested(2), await tested(3)], ["SUCCEEDED", "FAILED"]);
});

const reader = (config: object) => ({
  Resource: "arn:aws:states:::s3:getObject",
  Parameters: { Bucket: "b", Key: "k" },
  ReaderConfig: config,
});

test("the input stands for what an ItemReader would read", async () => {
  const state = { ...many, ItemReader: reader({ InputType: "JSON" }) };
  const { inspectionData } = await ask(state, { input: { items: [{ id: 1 }] }, ...giving([]) });
  assert.deepEqual([inspectionData?.afterItemsPath, inspectionData?.afterItemSelector], [`[{"id":1}]`, `[{"id":1}]`]);
});

test("an ItemReader's data is read as its configuration says", async () => {
  const selected = async (config: object, mapItemReaderData: string) => {
    const state = { ...many, ItemReader: reader(config), ItemSelector: { "v.$": "$$.Map.Item.Value", "from.$": "$$.Map.Item.Source" } };
    const { inspectionData } = await ask(state, { ...giving([]), stateConfiguration: { mapItemReaderData } });
    return inspectionData;
  };
  const csv = await selected({ InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }, "a,b\n1,2\n");
  assert.deepEqual(parsed(csv?.afterItemSelector), [{ v: { a: "1", b: "2" }, from: "S3://b/k" }]);
  const pointed = await selected({ InputType: "JSON", ItemsPointer: "/deep/list" }, `{"deep":{"list":[1]}}`);
  assert.deepEqual([pointed?.afterItemsPointer, parsed(pointed?.afterItemSelector)], ["[1]", [{ v: 1, from: "S3://b/k" }]]);
});

test("the objects that an ItemReader lists are its items", async () => {
  const ItemReader = { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { Bucket: "b" } };
  const listed = { Key: "one", Size: 1, StorageClass: "STANDARD" };
  const Contents = [{ ...listed, ETag: '"e"', LastModified: "2026-01-01T00:00:00Z" }];
  for (const given of [Contents, { Contents }]) {
    const stateConfiguration = { mapItemReaderData: JSON.stringify(given) };
    const { inspectionData } = await ask({ ...many, ItemReader }, { ...giving([]), stateConfiguration });
    assert.deepEqual(parsed(inspectionData?.afterItemSelector), [{ ...listed, Etag: '"e"', LastModified: 1767225600 }]);
  }
});

test("data that an ItemReader cannot read fails the Map", async () => {
  const state = { ...many, ItemReader: reader({ InputType: "JSON" }), Retry: [{ ErrorEquals: ["States.ItemReaderFailed"] }] };
  const { status, error } = await ask(state, { ...giving([]), stateConfiguration: { mapItemReaderData: "{" } });
  assert.deepEqual([status, error], ["RETRIABLE", "States.ItemReaderFailed"]);
});

test("a Parallel's mocked result has one element for each branch", async () => {
  const { status, output, nextState } = await ask(both, giving([1, 2]));
  assert.deepEqual([status, output, nextState], ["SUCCEEDED", "[1,2]", "On"]);
  await refused(both, giving([1]), /one element for each of its 2 branches/);
  await refused(both, giving({}), /must be a JSON array/);
});

test("a mocked error of a Map or a Parallel goes to its retriers and catchers", async () => {
  const retried = await ask({ ...each, Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 5 }] }, { input: { items: [1] }, ...failing("E") });
  assert.deepEqual(
    [retried.status, retried.inspectionData?.errorDetails],
    ["RETRIABLE", { retryIndex: 0, retryBackoffIntervalSeconds: 5 }],
  );
  const caught = await ask({ ...both, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Off" }] }, failing("E"));
  assert.deepEqual([caught.status, caught.nextState, caught.error], ["CAUGHT_ERROR", "Off", "E"]);
  assert.equal((await ask(both, failing("E"))).status, "FAILED");
});

test("States.TaskFailed catches a Map's mocked error if a Task is named as its cause", async () => {
  const state = { ...many, Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "Off" }] };
  const tested = async (stateConfiguration?: { errorCausedByState: string }) =>
    (await ask(state, { input: { items: [1] }, ...failing("E"), ...(stateConfiguration && { stateConfiguration }) })).status;
  assert.equal(await tested({ errorCausedByState: "Work" }), "CAUGHT_ERROR");
  assert.equal(await tested({ errorCausedByState: "Off" }), "FAILED");
  assert.equal(await tested(), "FAILED");
  await assert.rejects(tested({ errorCausedByState: "Elsewhere" }), { name: "ValidationException", message: "State not found: Elsewhere" });
});

const machine = (state: object) => ({
  StartAt: "Outer",
  States: { Outer: state, On: { Type: "Pass", End: true }, Oops: { Type: "Pass", End: true } },
});
const caughtOutside = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Oops" }] };

test("a state within a Map sees its input as the first item", async () => {
  const shows = { Type: "Pass", Parameters: { "item.$": "$$.Map.Item" }, End: true };
  const inside = { StartAt: "Show", States: { Show: shows } };
  const inline = await ask(machine({ ...each, ...caughtOutside, ItemProcessor: inside }), { stateName: "Show", input: { a: 1 } });
  assert.deepEqual([inline.nextState, parsed(inline.output)], [undefined, { item: { Index: 0, Value: { a: 1 }, Source: "STATE_DATA" } }]);
  const processor = { ...inside, ProcessorConfig: child.ProcessorConfig };
  const distributed = await ask(machine({ ...each, ...caughtOutside, ItemProcessor: processor }), { stateName: "Show", input: { a: 1 } });
  assert.deepEqual(parsed(distributed.output), { item: { Index: 0, Value: { a: 1 }, Source: "STATE_DATA" } });
});

test("an error that a state within a Parallel or a Map does not catch goes to theirs", async () => {
  const own = await ask(machine({ ...both, ...caughtOutside }), { stateName: "Work", ...failing("Odd") });
  assert.deepEqual([own.status, own.nextState], ["CAUGHT_ERROR", "Off"]);
  for (const outer of [both, each]) {
    const { status, nextState, error } = await ask(machine({ ...outer, ...caughtOutside }), { stateName: "Work", ...failing("E") });
    assert.deepEqual([status, nextState, error], ["CAUGHT_ERROR", "Oops", "E"]);
  }
});

test("a state within a distributed Map fails that Map only with too many others", async () => {
  const outer = machine({ ...many, ...caughtOutside, ToleratedFailureCount: 2 });
  const tested = async (mapIterationFailureCount: number) => {
    const told = await ask(outer, { stateName: "Work", ...failing("E"), stateConfiguration: { mapIterationFailureCount } });
    return [told.status, told.error, told.nextState];
  };
  assert.deepEqual(await tested(1), ["FAILED", "E", undefined]);
  assert.deepEqual(await tested(2), ["CAUGHT_ERROR", "States.ExceedToleratedFailureThreshold", "Oops"]);
});

test("a state of a machine is tested in the machine's query language", async () => {
  const whole = {
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: { A: { Type: "Pass", Output: "{% $states.context.State.Name %}", End: true } },
  };
  assert.equal((await ask(whole, { stateName: "A" })).output, `"A"`);
  await refused(whole, { stateName: "B" }, /^State not found: B$/);
});

test("a machine that is not well formed is refused, whichever of its states is tested", async () => {
  await refused(
    { StartAt: "A", States: { A: { Type: "Pass", Next: "B" } } },
    { stateName: "A" },
    /MISSING_TRANSITION_TARGET/,
    "InvalidDefinition",
  );
  await refused({ Type: "Pass", End: true }, { stateName: "A" }, /Invalid State Machine Definition/, "InvalidDefinition");
});

test("a task that takes longer than its TimeoutSeconds fails the test with States.Timeout", async () => {
  const slow = { StartAt: "W", States: { W: { Type: "Wait", Seconds: 4, End: true } } };
  const inner = JSON.stringify({
    Type: "Task",
    Resource: "arn:aws:states:::aws-sdk:sfn:testState",
    TimeoutSeconds: 1,
    Parameters: { Definition: JSON.stringify(slow.States.W) },
    End: true,
  });
  const { status, error } = await client.send(new TestStateCommand({ definition: inner, roleArn }));
  assert.deepEqual([status, error], ["FAILED", "States.Timeout"]);
});
