import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { newWorkerQueue } from "#services/sfn/worker-queue.ts";
import { create, openCloud, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

const newActivity = async (name: string) => (await client.send(new CreateActivityCommand({ name }))).activityArn ?? "";
const work = (Resource: string, rest: object = {}) => ({ Work: { Type: "Task", Resource, ...rest, End: true } });

test("making an activity again is no error, and a deleted one is gone", async () => {
  const first = await client.send(new CreateActivityCommand({ name: "kept" }));
  const again = await client.send(new CreateActivityCommand({ name: "kept", tags: [{ key: "a", value: "b" }] }));
  assert.deepEqual([again.activityArn, again.creationDate], [first.activityArn, first.creationDate]);
  const { activityArn } = first;
  await client.send(new DeleteActivityCommand({ activityArn }));
  await client.send(new DeleteActivityCommand({ activityArn }));
  await assert.rejects(client.send(new DescribeActivityCommand({ activityArn })), {
    name: "ActivityDoesNotExist",
    message: `Activity does not exist: '${activityArn}'`,
  });
});

test("the history tells of the worker, and a token is good for one answer", async () => {
  const activityArn = await newActivity("work");
  const executionArn = await start(client, await create(client, "worked", work(activityArn)), { a: 1 });
  const { taskToken, input } = await client.send(new GetActivityTaskCommand({ activityArn, workerName: "one" }));
  assert.equal(input, `{"a":1}`);
  await client.send(new SendTaskSuccessCommand({ taskToken, output: "1" }));
  await untilEnded(client, executionArn);
  const late = { name: "TaskTimedOut", message: "Task Timed Out: 'Provided task does not exist anymore'" };
  await assert.rejects(client.send(new SendTaskSuccessCommand({ taskToken, output: "2" })), late);
  await assert.rejects(client.send(new SendTaskFailureCommand({ taskToken })), late);
  await assert.rejects(client.send(new SendTaskHeartbeatCommand({ taskToken })), late);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  const told = events.find(({ type }) => type === "ActivityStarted");
  assert.equal(told?.activityStartedEventDetails?.workerName, "one");
});

test("the token of a stopped execution is of no use any more", async () => {
  const activityArn = await newActivity("stopped");
  const executionArn = await start(client, await create(client, "stopped", work(activityArn)));
  const { taskToken } = await client.send(new GetActivityTaskCommand({ activityArn }));
  await client.send(new StopExecutionCommand({ executionArn }));
  await assert.rejects(client.send(new SendTaskSuccessCommand({ taskToken, output: "1" })), { name: "TaskTimedOut" });
});

test("a task for an activity that is not there fails its execution, which no worker could end", async () => {
  const missing = "arn:aws:states:us-east-1:000000000000:activity:missing";
  const handled = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }] };
  const machine = await create(client, "missing", { ...work(missing, handled), Caught: { Type: "Succeed" } });
  const executionArn = await start(client, machine);
  const { error, cause } = await untilEnded(client, executionArn);
  assert.deepEqual([error, cause], ["States.Runtime", `Activity does not exist: '${missing}'`]);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityScheduleFailed", "ExecutionFailed"],
  );
});

test("workers that wait are counted by their activity", async () => {
  const workers = newWorkerQueue();
  const over = new AbortController();
  const waits = ["a", "a", "b"].map((arn) => workers.wait(arn, 60_000, over.signal));
  assert.deepEqual([workers.waiting("a"), workers.waiting("b"), workers.waiting("c")], [2, 1, 0]);
  over.abort();
  await Promise.all(waits);
  assert.equal(workers.waiting("a"), 0);
});
