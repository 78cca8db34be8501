import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, epoch, outline, runMachine, type Answer } from "./driver.ts";

const sqs = "arn:aws:states:::sqs:sendMessage";
const lambda = "arn:aws:lambda:us-east-1:000000000000:function:f";
const one = (state: object) => ({ StartAt: "S", States: { S: { Type: "Task", Resource: sqs, End: true, ...state } } });
const scheduledAt = async (state: object, tasks: () => Answer) => {
  const { history } = await runMachine(one(state), { tasks });
  return history.filter(({ type }) => type === "TaskScheduled").map(({ timestamp }) => timestamp - epoch);
};
const failing = (): Answer => ({ error: "E", cause: "c" });

test("retries wait longer and longer, up to a limit", async () => {
  assert.deepEqual(await scheduledAt({ Retry: [{ ErrorEquals: ["E"] }] }, failing), [0, 1_000, 3_000, 7_000]);
  const capped = [{ ErrorEquals: ["E"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 }];
  assert.deepEqual(await scheduledAt({ Retry: capped }, failing), [0, 2_000, 8_000, 18_000, 28_000]);
  assert.deepEqual(await scheduledAt({ Retry: [{ ErrorEquals: ["E"], MaxAttempts: 0 }] }, failing), [0]);
});

test("full jitter waits at most as long, and the same on a replay", async () => {
  const Retry = [{ ErrorEquals: ["E"], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 5, JitterStrategy: "FULL" }];
  const times = await scheduledAt({ Retry }, failing);
  assert.deepEqual(await scheduledAt({ Retry }, failing), times);
  times.slice(1).forEach((at, index) => assert.ok(at - (times[index] ?? 0) <= 10_000));
  assert.ok(new Set(times).size > 2);
});

test("each retrier counts for itself, and the state counts all", async () => {
  const seen: unknown[] = [];
  const { execution } = await runMachine(
    one({
      Parameters: { "retried.$": "$$.State.RetryCount" },
      Retry: [
        { ErrorEquals: ["A"], MaxAttempts: 1 },
        { ErrorEquals: ["B"], MaxAttempts: 1 },
      ],
    }),
    {
      tasks: (input) => {
        seen.push(input);
        return { error: seen.length % 2 === 1 ? "A" : "B" };
      },
    },
  );
  assert.deepEqual(seen, [{ retried: 0 }, { retried: 1 }, { retried: 2 }]);
  assert.equal(execution.error, "A");
});

test("names in ErrorEquals match as AWS says", async () => {
  const catches = async (name: string, error: string) => {
    const definition = {
      StartAt: "S",
      States: { S: { Type: "Task", Resource: sqs, Catch: [{ ErrorEquals: [name], Next: "N" }], End: true }, N: { Type: "Succeed" } },
    };
    return (await runMachine(definition, { tasks: () => ({ error }) })).execution.status === "SUCCEEDED";
  };
  assert.equal(await catches("States.ALL", "Anything"), true);
  assert.equal(await catches("States.TaskFailed", "Anything"), true);
  assert.equal(await catches("States.TaskFailed", "States.Timeout"), false);
  assert.equal(await catches("States.ALL", "States.DataLimitExceeded"), false);
  assert.equal(await catches("States.DataLimitExceeded", "States.DataLimitExceeded"), true);
  assert.equal(await catches("Other", "Anything"), false);
});

test("nothing retries or catches States.Runtime", async () => {
  const state = {
    Parameters: { "x.$": "$.nope" },
    Retry: [{ ErrorEquals: ["States.ALL"] }],
    Catch: [{ ErrorEquals: ["States.Runtime", "X"], Next: "S" }],
  };
  const { execution, history } = await runMachine(one(state));
  assert.equal(execution.error, "States.Runtime");
  assert.deepEqual(outline(history), ["1<0 ExecutionStarted", "2<0 TaskStateEntered", "3<2 ExecutionFailed"]);
});

test("a Fail state that cannot be evaluated ends the execution, whatever is around it", async () => {
  const branch = { StartAt: "F", States: { F: { Type: "Fail", ErrorPath: "$.nope" } } };
  const parallel = { Type: "Parallel", Branches: [branch], Catch: [{ ErrorEquals: ["States.ALL"], Next: "N" }], End: true };
  const { execution, history } = await runMachine({ StartAt: "P", States: { P: parallel, N: { Type: "Succeed" } } });
  assert.equal(execution.error, "States.Runtime");
  assert.deepEqual(
    history.slice(-2).map(({ type }) => type),
    ["FailStateEntered", "ExecutionFailed"],
  );
});

test("an intrinsic function that fails ends the execution, query failures are caught and retried", async () => {
  const definition = (state: object, language = "JSONPath") => ({
    QueryLanguage: language,
    StartAt: "S",
    States: { S: { Type: "Task", Resource: sqs, End: true, ...state }, N: { Type: "Succeed" } },
  });
  const intrinsic = { Parameters: { "x.$": "States.StringToJson('{')" }, Catch: [{ ErrorEquals: ["States.ALL"], Next: "N" }] };
  assert.equal((await runMachine(definition(intrinsic))).execution.error, "States.Runtime");
  const query = {
    Output: "{% $states.result.zip %}",
    Retry: [{ ErrorEquals: ["States.QueryEvaluationError"], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "N" }],
  };
  const { history, output } = await runMachine(definition(query, "JSONata"));
  assert.equal(history.filter(({ type }) => type === "EvaluationFailed").length, 2);
  assert.match(JSON.stringify(output), /returned nothing \(undefined\)/);
});

test("a task is timed out, and one that gives no sign of life too", async () => {
  const silent = (): Answer => undefined;
  const timed = await runMachine(one({ Resource: lambda, TimeoutSeconds: 5 }), { tasks: silent });
  assert.deepEqual(
    [timed.execution.status, timed.execution.error, timed.execution.cause, timed.elapsedMs],
    ["FAILED", "States.Timeout", undefined, 5_000],
  );
  assert.deepEqual(timed.history.at(-2)?.lambdaFunctionTimedOutEventDetails, { error: "States.Timeout" });
  const state = { Resource: `${sqs}.waitForTaskToken`, HeartbeatSecondsPath: "$.beat", TimeoutSeconds: 600 };
  const caught = { ...state, Type: "Task", Next: "N", Catch: [{ ErrorEquals: ["States.HeartbeatTimeout"], Next: "N" }] };
  const still = await runMachine({ StartAt: "S", States: { S: caught, N: { Type: "Succeed" } } }, { input: { beat: 7 }, tasks: silent });
  assert.deepEqual([still.execution.status, still.elapsedMs, still.output], ["SUCCEEDED", 7_000, { Error: "States.Timeout", Cause: "" }]);
});

test("a heartbeat puts the timeout off", async () => {
  const beats = [3_000, 6_000, 9_000].map((ms) => ({ ms, occurrence: { kind: "taskHeartbeat", key: "0-3" } as const }));
  const { elapsedMs } = await runMachine(one({ Resource: `${sqs}.waitForTaskToken`, HeartbeatSeconds: 5 }), {
    tasks: () => undefined,
    at: beats,
  });
  assert.equal(elapsedMs, 14_000);
});

test("the heartbeats of a function with a callback count from its answer on", async () => {
  const { execution, elapsedMs } = await runMachine(
    one({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", HeartbeatSeconds: 5 }),
    {
      tasks: () => undefined,
      at: [
        { ms: 3_000, occurrence: { kind: "taskHeartbeat", key: "0-3" } },
        { ms: 20_000, occurrence: { kind: "taskSubmitted", key: "0-3", output: "{}" } },
        { ms: 24_000, occurrence: { kind: "taskHeartbeat", key: "0-3" } },
      ],
    },
  );
  assert.deepEqual([execution.error, elapsedMs], ["States.Timeout", 29_000]);
});

test("the machine's own timeout ends everything", async () => {
  const { execution, history, elapsedMs } = await runMachine({ TimeoutSeconds: 3, ...one({}) }, { tasks: () => undefined });
  assert.deepEqual([execution.status, execution.error, execution.cause, elapsedMs], ["TIMED_OUT", undefined, undefined, 3_000]);
  assert.deepEqual(outline(history.slice(-1)), ["4<0 ExecutionTimedOut"]);
  assert.deepEqual(history.at(-1)?.executionTimedOutEventDetails, { error: "States.Timeout" });
});

test("data over 256 KiB fails the task or the state", async () => {
  const big = "x".repeat(262_145);
  const task = await runMachine(one({ Resource: lambda }), { tasks: () => ({ output: big }) });
  const cause = `The state/task '${lambda}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  assert.deepEqual([task.execution.error, task.execution.cause], ["States.DataLimitExceeded", cause]);
  assert.equal(task.history.at(-2)?.type, "LambdaFunctionFailed");
  const state = await runMachine(
    { StartAt: "S", States: { S: { Type: "Pass", Parameters: { "a.$": "$", "b.$": "$" }, End: true } } },
    { input: "y".repeat(140_000) },
  );
  assert.deepEqual([state.execution.error, state.execution.cause], ["States.DataLimitExceeded", cause.replace(lambda, "S")]);
});

test("a Parallel runs all of its branches again on a retry", async () => {
  let calls = 0;
  const branch = { StartAt: "T", States: { T: { Type: "Task", Resource: sqs, End: true } } };
  const definition = {
    StartAt: "P",
    States: { P: { Type: "Parallel", Branches: [branch], Retry: [{ ErrorEquals: ["States.BranchFailed", "E"] }], End: true } },
  };
  const { output, history } = await runMachine(definition, {
    tasks: () => {
      calls += 1;
      return calls === 1 ? { error: "E" } : { output: calls };
    },
  });
  assert.deepEqual(output, [2]);
  assert.equal(history.filter(({ type }) => type === "ParallelStateStarted").length, 2);
});

test("late answers to tasks that are no longer wanted change nothing", async () => {
  const driver = new Driver(one({ TimeoutSeconds: 1, Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1, IntervalSeconds: 1 }] }), {
    tasks: (_, { key }) => ({ output: key, afterMs: key === "0-3" ? 1_500 : 500 }),
  });
  const { output, elapsedMs } = await driver.run();
  assert.deepEqual([output, elapsedMs], ["0-6", 2_500]);
});

test("failures to schedule, start or submit have events of their own", async () => {
  const last = async (Resource: string, at: "schedule" | "start" | "submit") => {
    const { history } = await runMachine(one({ Resource }), { tasks: () => ({ error: "E", cause: "c", at }) });
    return history.slice(3, -1).map(({ type }) => type);
  };
  assert.deepEqual(await last(lambda, "schedule"), ["LambdaFunctionScheduleFailed"]);
  assert.deepEqual(await last(lambda, "start"), ["LambdaFunctionStartFailed"]);
  assert.deepEqual(await last("arn:aws:states:us-east-1:000000000000:activity:a", "schedule"), ["ActivityScheduleFailed"]);
  assert.deepEqual(await last(sqs, "start"), ["TaskStartFailed"]);
  assert.deepEqual(await last("arn:aws:states:::ecs:runTask.sync", "submit"), ["TaskStarted", "TaskSubmitFailed"]);
});

test("a Map over no array fails in AWS's words", async () => {
  const ItemProcessor = { StartAt: "A", States: { A: { Type: "Pass", End: true } } };
  const fails = async (ItemsPath: string, input: unknown) => {
    const { execution } = await runMachine(
      { StartAt: "S", States: { S: { Type: "Map", ItemsPath, ItemProcessor, End: true } } },
      { input },
    );
    return [
      execution.error,
      execution.cause?.replace("An error occurred while executing the state 'S' (entered at the event id #2). ", ""),
    ];
  };
  assert.deepEqual(await fails("$.a", { a: {} }), ["States.Runtime", 'Reference path "$.a" must point to array.']);
  assert.deepEqual(await fails("$.a.b", { a: {} }), ["States.ReferencePathConflict", 'Unable to apply step "b" to input {"a":{}}']);
});

test("a Parallel whose output cannot be evaluated fails as a whole, and is retried as a whole", async () => {
  const branch = { StartAt: "A", States: { A: { Type: "Pass", Output: 1, End: true } } };
  const { history, execution } = await runMachine({
    QueryLanguage: "JSONata",
    StartAt: "P",
    States: {
      P: {
        Type: "Parallel",
        Branches: [branch],
        Output: "{% $states.result.zip %}",
        Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }],
        End: true,
      },
    },
  });
  const types = history.map(({ type }) => type);
  assert.equal(types.filter((type) => type === "ParallelStateStarted").length, 2);
  assert.equal(types.filter((type) => type === "EvaluationFailed").length, 2);
  assert.match(execution.cause ?? "", /^An error occurred while executing the state 'P' \(entered at the event id #2\)\. The JSONata/);
});

test("an ItemSelector that cannot be evaluated is the Map's failure", async () => {
  const map = {
    Type: "Map",
    ItemSelector: { x: "{% $parse($states.context.Map.Item.Value) %}" },
    ItemProcessor: { StartAt: "A", States: { A: { Type: "Wait", Seconds: 1, End: true } } },
    Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Output: "caught", Next: "N" }],
    End: true,
  };
  const { history, execution } = await runMachine(
    { QueryLanguage: "JSONata", StartAt: "M", States: { M: map, N: { Type: "Pass", End: true } } },
    { input: ["1", "{"] },
  );
  assert.equal(execution.output, '"caught"');
  assert.deepEqual(
    history.slice(3, -4).map(({ type }) => type),
    ["MapIterationStarted", "WaitStateEntered", "WaitStateAborted", "MapIterationAborted", "EvaluationFailed"],
  );
});

test("Maps nest, each with its own item", async () => {
  const inner = {
    Type: "Map",
    ItemsPath: "$.list",
    ItemSelector: { "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "of.$": "$.name" },
    ItemProcessor: { StartAt: "A", States: { A: { Type: "Pass", Parameters: { "in.$": "$", "item.$": "$$.Map.Item.Value" }, End: true } } },
    End: true,
  };
  const outer = { Type: "Map", ItemProcessor: { StartAt: "I", States: { I: inner } }, End: true };
  const input = [
    { name: "x", list: [1, 2] },
    { name: "y", list: [] },
  ];
  const { output } = await runMachine({ StartAt: "O", States: { O: outer } }, { input });
  assert.deepEqual(output, [
    [
      { in: { v: 1, i: 0, of: "x" }, item: 1 },
      { in: { v: 2, i: 1, of: "x" }, item: 2 },
    ],
    [],
  ]);
});

test("a redrive of a Map runs what failed, was stopped or had not begun", async () => {
  let broken = true;
  const ran: unknown[] = [];
  const processor = { StartAt: "T", States: { T: { Type: "Task", Resource: sqs, End: true } } };
  const driver = new Driver(
    { StartAt: "M", States: { M: { Type: "Map", MaxConcurrency: 2, ItemProcessor: processor, End: true } } },
    {
      input: [1, 2, 3, 4],
      tasks: (input) => {
        ran.push(input);
        return input === 2 && broken ? { error: "E", afterMs: 5 } : { output: input, afterMs: input === 1 ? 1 : 10 };
      },
    },
  );
  assert.equal((await driver.run()).execution.status, "FAILED");
  assert.deepEqual(ran, [1, 2, 3]);
  broken = false;
  assert.deepEqual((await driver.redrive()).output, [1, 2, 3, 4]);
  assert.deepEqual(ran.slice(3), [2, 3, 4]);
});

test("an execution may not take longer than its type allows", async () => {
  const { execution, elapsedMs } = await runMachine(one({}), { tasks: () => undefined, origin: { maxSeconds: 300 } });
  assert.deepEqual([execution.status, elapsedMs], ["TIMED_OUT", 300_000]);
  assert.equal(execution.stoppedAt, epoch + 300_000);
});

test("a result that is no JSON fails the task", async () => {
  const late = { ms: 1, occurrence: { kind: "taskSucceeded", key: "0-3", output: "{" } as const };
  const { execution } = await runMachine(one({}), { tasks: () => undefined, at: [late] });
  assert.deepEqual([execution.status, execution.cause], ["FAILED", "The result of the task is not valid JSON."]);
});
