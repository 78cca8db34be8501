import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, outline, runMachine, timeless } from "./driver.ts";

const lambda = "arn:aws:lambda:us-east-1:000000000000:function:f";
const activity = "arn:aws:states:us-east-1:000000000000:activity:a";
const sqs = "arn:aws:states:::sqs:sendMessage";
const pass = (name: string) => ({ StartAt: name, States: { [name]: { Type: "Pass", End: true } } });
const one = (state: object) => ({ StartAt: "S", States: { S: { End: true, ...state } } });

test("data that no state changes stays the text that came", async () => {
  const { history } = await runMachine(one({ Type: "Pass" }), { input: 'raw:{ "a" : 1.0 }' });
  const whole = { truncated: false };
  assert.deepEqual(timeless(history), [
    {
      type: "ExecutionStarted",
      id: 1,
      previousEventId: 0,
      executionStartedEventDetails: { input: '{ "a" : 1.0 }', inputDetails: whole, roleArn: "arn:aws:iam::000000000000:role/machine" },
    },
    {
      type: "PassStateEntered",
      id: 2,
      previousEventId: 0,
      stateEnteredEventDetails: { name: "S", input: '{ "a" : 1.0 }', inputDetails: whole },
    },
    {
      type: "PassStateExited",
      id: 3,
      previousEventId: 2,
      stateExitedEventDetails: { name: "S", output: '{ "a" : 1.0 }', outputDetails: whole },
    },
    {
      type: "ExecutionSucceeded",
      id: 4,
      previousEventId: 3,
      executionSucceededEventDetails: { output: '{ "a" : 1.0 }', outputDetails: whole },
    },
  ]);
});

test("tasks are told of in the events of what they call", async () => {
  const types = async (state: object, submitted?: unknown) => {
    const tasks = () => ({ output: { ok: true }, ...(submitted === undefined ? {} : { submitted }) });
    const { history } = await runMachine(one({ Type: "Task", ...state }), { tasks });
    return history.slice(2, -2);
  };
  const whole = { truncated: false };
  assert.deepEqual(timeless(await types({ Resource: lambda, TimeoutSeconds: 9 })), [
    {
      type: "LambdaFunctionScheduled",
      id: 3,
      previousEventId: 2,
      lambdaFunctionScheduledEventDetails: { input: "{}", inputDetails: whole, resource: lambda, timeoutInSeconds: 9 },
    },
    { type: "LambdaFunctionStarted", id: 4, previousEventId: 3 },
    {
      type: "LambdaFunctionSucceeded",
      id: 5,
      previousEventId: 4,
      lambdaFunctionSucceededEventDetails: { output: '{"ok":true}', outputDetails: whole },
    },
  ]);
  assert.deepEqual(
    timeless(
      await types(
        { Resource: `${sqs}.waitForTaskToken`, Parameters: { b: 1 }, HeartbeatSeconds: 5, Credentials: { RoleArn: "arn:role" } },
        { MessageId: "m" },
      ),
    ),
    [
      {
        type: "TaskScheduled",
        id: 3,
        previousEventId: 2,
        taskScheduledEventDetails: {
          resourceType: "sqs",
          resource: "sendMessage.waitForTaskToken",
          region: "us-east-1",
          parameters: '{"b":1}',
          heartbeatInSeconds: 5,
          taskCredentials: { roleArn: "arn:role" },
        },
      },
      {
        type: "TaskStarted",
        id: 4,
        previousEventId: 3,
        taskStartedEventDetails: { resourceType: "sqs", resource: "sendMessage.waitForTaskToken" },
      },
      {
        type: "TaskSubmitted",
        id: 5,
        previousEventId: 4,
        taskSubmittedEventDetails: {
          resourceType: "sqs",
          resource: "sendMessage.waitForTaskToken",
          output: '{"MessageId":"m"}',
          outputDetails: whole,
        },
      },
      {
        type: "TaskSucceeded",
        id: 6,
        previousEventId: 5,
        taskSucceededEventDetails: {
          resourceType: "sqs",
          resource: "sendMessage.waitForTaskToken",
          output: '{"ok":true}',
          outputDetails: whole,
        },
      },
    ],
  );
  assert.deepEqual(
    (await types({ Resource: activity })).map(({ type }) => type),
    ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"],
  );
  const [sdk] = await types({ Resource: "arn:aws:states:::aws-sdk:s3:listBuckets" });
  assert.deepEqual([sdk?.taskScheduledEventDetails?.resourceType, sdk?.taskScheduledEventDetails?.resource], ["aws-sdk:s3", "listBuckets"]);
});

test("the branches of a Parallel have chains of their own", async () => {
  const { history } = await runMachine(one({ Type: "Parallel", Branches: [pass("A"), pass("B")] }));
  assert.deepEqual(outline(history), [
    "1<0 ExecutionStarted",
    "2<0 ParallelStateEntered",
    "3<2 ParallelStateStarted",
    "4<3 PassStateEntered",
    "5<4 PassStateExited",
    "6<3 PassStateEntered",
    "7<6 PassStateExited",
    "8<7 ParallelStateSucceeded",
    "9<7 ParallelStateExited",
    "10<9 ExecutionSucceeded",
  ]);
});

test("the iterations of a Map follow the event that started it", async () => {
  const { history, output } = await runMachine(one({ Type: "Map", ItemsPath: "$.l", MaxConcurrency: 1, ItemProcessor: pass("A") }), {
    input: { l: [7, 8] },
  });
  assert.deepEqual(output, [7, 8]);
  assert.deepEqual(outline(history), [
    "1<0 ExecutionStarted",
    "2<0 MapStateEntered",
    "3<2 MapStateStarted",
    "4<3 MapIterationStarted",
    "5<4 PassStateEntered",
    "6<5 PassStateExited",
    "7<6 MapIterationSucceeded",
    "8<3 MapIterationStarted",
    "9<8 PassStateEntered",
    "10<9 PassStateExited",
    "11<10 MapIterationSucceeded",
    "12<11 MapStateSucceeded",
    "13<11 MapStateExited",
    "14<13 ExecutionSucceeded",
  ]);
  assert.deepEqual(history[2]?.mapStateStartedEventDetails, { length: 2 });
  assert.deepEqual(history[7]?.mapIterationStartedEventDetails, { name: "S", index: 1 });
});

test("a failed iteration stops its siblings and the Map", async () => {
  const processor = { StartAt: "T", States: { T: { Type: "Task", Resource: sqs, End: true } } };
  const tasks = (input: unknown) => (input === 2 ? { error: "E", cause: "c", afterMs: 10 } : { output: 1, afterMs: 1_000 });
  const { history, execution } = await runMachine(one({ Type: "Map", ItemProcessor: processor }), { input: [1, 2], tasks });
  assert.deepEqual([execution.error, execution.cause], ["E", "c"]);
  assert.deepEqual(outline(history).slice(-6), [
    "12<11 TaskFailed",
    "13<12 MapIterationFailed",
    "14<10 TaskStateAborted",
    "15<10 MapIterationAborted",
    "16<12 MapStateFailed",
    "17<16 ExecutionFailed",
  ]);
});

test("a runtime error in a branch ends the execution at once", async () => {
  const broken = { StartAt: "B", States: { B: { Type: "Pass", Parameters: { "m.$": "$.nope" }, End: true } } };
  const { history, execution } = await runMachine(
    one({ Type: "Parallel", Branches: [broken, pass("A")], Catch: [{ ErrorEquals: ["States.ALL"], Next: "S" }] }),
    { input: { x: "a" } },
  );
  assert.deepEqual(outline(history).slice(2), ["3<2 ParallelStateStarted", "4<3 PassStateEntered", "5<4 ExecutionFailed"]);
  assert.equal(
    execution.cause,
    `An error occurred while executing the state 'B' (entered at the event id #4). The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '{"x":"a"}'`,
  );
});

test("a distributed Map tells of its run alone", async () => {
  const ItemProcessor = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...pass("A") };
  const { history, output } = await runMachine(one({ Type: "Map", ItemProcessor }), {
    input: [1, 2, 3],
    mapRuns: ({ key }) => [
      { kind: "mapRunStarted", key, mapRunArn: "arn:run" },
      { kind: "mapRunSucceeded", key, output: "[4,5,6]" },
    ],
  });
  assert.deepEqual(output, [4, 5, 6]);
  assert.deepEqual(outline(history).slice(2), [
    "3<2 MapStateStarted",
    "4<3 MapRunStarted",
    "5<4 MapRunSucceeded",
    "6<4 MapStateSucceeded",
    "7<4 MapStateExited",
    "8<7 ExecutionSucceeded",
  ]);
});

test("the history ends with the event that is one too many", async () => {
  const loop = {
    StartAt: "L",
    States: {
      L: { Type: "Choice", Choices: [{ Variable: "$.spin", BooleanEquals: true, Next: "L" }], Default: "E" },
      E: { Type: "Succeed" },
    },
  };
  const { history, execution } = await runMachine(loop, { input: { spin: true } });
  assert.deepEqual(outline(history.slice(-2)), ["24999<24998 ChoiceStateExited", "25000<24999 ExecutionFailed"]);
  assert.deepEqual(
    [execution.error, execution.cause],
    ["States.Runtime", "The execution reached the maximum number of history events (25000)."],
  );
});

test("a stop aborts the execution, outside of the chain", async () => {
  const { history, execution } = await runMachine(one({ Type: "Wait", Seconds: 30 }), {
    at: [{ ms: 3_000, occurrence: { kind: "stop", error: "Manual", cause: "probe" } }],
  });
  assert.deepEqual([execution.status, execution.error, execution.cause], ["ABORTED", "Manual", "probe"]);
  assert.deepEqual(outline(history.slice(-2)), ["2<0 WaitStateEntered", "3<0 ExecutionAborted"]);
  assert.deepEqual(history.at(-1)?.executionAbortedEventDetails, { error: "Manual", cause: "probe" });
});

test("a redrive goes on from what did not succeed", async () => {
  let broken = true;
  const branch = { StartAt: "T", States: { T: { Type: "Task", Resource: sqs, End: true } } };
  const definition = {
    StartAt: "F",
    States: { F: { Type: "Pass", Next: "P" }, P: { Type: "Parallel", Branches: [pass("A"), branch], End: true } },
  };
  const driver = new Driver(definition, { input: { n: 1 }, tasks: () => (broken ? { error: "E" } : { output: "done" }) });
  const first = await driver.run();
  assert.equal(first.execution.status, "FAILED");
  broken = false;
  const { execution, history, output } = await driver.redrive();
  assert.deepEqual([execution.status, execution.redriveCount, output], ["SUCCEEDED", 1, [{ n: 1 }, "done"]]);
  const redriven = history.findIndex(({ type }) => type === "ExecutionRedriven");
  assert.deepEqual(history[redriven]?.executionRedrivenEventDetails, { redriveCount: 1 });
  assert.deepEqual(
    history.slice(redriven + 1).map(({ type }) => type),
    [
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ParallelStateSucceeded",
      "ParallelStateExited",
      "ExecutionSucceeded",
    ],
  );
});
