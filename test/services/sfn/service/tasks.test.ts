import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TestStateCommand,
} from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
import { create, roleArn, start, untilEnded } from "./machines-in.ts";

let cloud: TestCloud;
let client: SFNClient;
before(async () => {
  cloud = await newCloud();
  client = new SFNClient({ ...cloud.client, disableHostPrefix: true });
});
after(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

test("a worker that waits gets an activity's task, keeps it alive and answers it", async () => {
  const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "paint" }));
  const machine = await create(client, "painting", {
    Paint: { Type: "Task", Resource: activityArn, TimeoutSeconds: 60, HeartbeatSeconds: 30, End: true },
  });
  const polled = client.send(new GetActivityTaskCommand({ activityArn, workerName: "ann" }));
  const arn = await start(client, machine, { color: "red" });
  const task = await polled;
  assert.equal(task.input, `{"color":"red"}`);
  const { taskToken } = task;
  await client.send(new SendTaskHeartbeatCommand({ taskToken }));
  await assert.rejects(client.send(new SendTaskSuccessCommand({ taskToken, output: "{" })), { name: "InvalidOutput" });
  await client.send(new SendTaskSuccessCommand({ taskToken, output: `{"painted":true}` }));
  const ended = await untilEnded(client, arn);
  assert.equal(ended.output, `{"painted":true}`);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  assert.equal(events.find(({ type }) => type === "ActivityStarted")?.activityStartedEventDetails?.workerName, "ann");
  await assert.rejects(client.send(new SendTaskSuccessCommand({ taskToken, output: "1" })), {
    name: "TaskTimedOut",
    message: "Task Timed Out: 'Provided task does not exist anymore'",
  });
  await assert.rejects(client.send(new SendTaskHeartbeatCommand({ taskToken: "none" })), {
    name: "InvalidToken",
    message: "Invalid Token: 'Invalid token'",
  });
  const { activities } = await client.send(new ListActivitiesCommand({}));
  assert.deepEqual(
    activities?.map(({ name }) => name),
    ["paint"],
  );
});

test("many workers share an activity's tasks, each task going to one of them", async () => {
  const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "shared" }));
  const machine = await create(client, "sharing", { Work: { Type: "Task", Resource: activityArn, End: true } });
  const seen: string[] = [];
  const work = async () => {
    for (let done = 0; done < 5; done++) {
      const { taskToken, input = "" } = await client.send(new GetActivityTaskCommand({ activityArn }));
      seen.push(input);
      await client.send(new SendTaskSuccessCommand({ taskToken, output: input }));
    }
  };
  const workers = Promise.all(Array.from({ length: 8 }, work));
  const arns = await Promise.all(Array.from({ length: 40 }, (_, index) => start(client, machine, index)));
  await workers;
  const ended = await Promise.all(arns.map((arn) => untilEnded(client, arn)));
  assert.deepEqual(
    ended.map(({ output }) => Number(output)),
    Array.from({ length: 40 }, (_, index) => index),
  );
  assert.equal(new Set(seen).size, 40);
});

test("a worker's failure is retried and then caught", async () => {
  const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "fails" }));
  const machine = await create(client, "failing", {
    Work: {
      Type: "Task",
      Resource: activityArn,
      Retry: [{ ErrorEquals: ["Odd"], MaxAttempts: 1, IntervalSeconds: 1 }],
      Catch: [{ ErrorEquals: ["Odd"], Next: "Caught" }],
      End: true,
    },
    Caught: { Type: "Pass", End: true },
  });
  const arn = await start(client, machine);
  for (const cause of ["one", "two"]) {
    const { taskToken } = await client.send(new GetActivityTaskCommand({ activityArn }));
    await client.send(new SendTaskFailureCommand({ taskToken, error: "Odd", cause }));
  }
  assert.deepEqual(JSON.parse((await untilEnded(client, arn)).output ?? ""), { Error: "Odd", Cause: "two" });
});

test("a nested execution is waited for, and its failure is the task's", async () => {
  const child = await create(client, "child", {
    Check: { Type: "Choice", Choices: [{ Variable: "$.bad", IsPresent: true, Next: "Bad" }], Default: "Wait" },
    Wait: { Type: "Wait", Seconds: 1, Next: "Good" },
    Good: { Type: "Pass", Result: { answer: 42 }, End: true },
    Bad: { Type: "Fail", Error: "Worse", Cause: "by input" },
  });
  const parent = await create(client, "parent", {
    Nest: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: child, "Input.$": "$" },
      OutputPath: "$.Output.answer",
      End: true,
    },
  });
  const arn = await start(client, parent);
  assert.equal((await untilEnded(client, arn)).output, "42");
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  assert.deepEqual(
    events.map(({ type }) => type).filter((type) => type?.startsWith("Task")),
    ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"],
  );
  const failed = await untilEnded(client, await start(client, parent, { bad: 1 }));
  assert.equal(failed.error, "States.TaskFailed");
  assert.equal((JSON.parse(failed.cause ?? "{}") as { Error?: string }).Error, "Worse");
});

test("stopping an execution stops the nested one that it waits for", async () => {
  const child = await create(client, "long", { Wait: { Type: "Wait", Seconds: 600, End: true } });
  const parent = await create(client, "stops", {
    Nest: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync",
      Parameters: { StateMachineArn: child, Name: "nested" },
      End: true,
    },
  });
  const arn = await start(client, parent);
  const nested = `${child.replace("stateMachine", "execution")}:nested`;
  for (;;) if (await client.send(new DescribeExecutionCommand({ executionArn: nested })).catch(() => undefined)) break;
  await client.send(new StopExecutionCommand({ executionArn: arn }));
  assert.equal((await untilEnded(client, nested)).status, "ABORTED");
});

test("services and operations that are not there fail the task", async () => {
  const machine = await create(client, "lacking", {
    Send: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:glacier:listVaults",
      Parameters: {},
      Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "Caught" }],
      End: true,
    },
    Caught: { Type: "Pass", End: true },
  });
  const { Error: error } = JSON.parse((await untilEnded(client, await start(client, machine))).output ?? "") as { Error: string };
  assert.equal(error, "Glacier.GlacierException");
});

test("a version stays as it was published, and an alias leads to it", async () => {
  const machine = await create(client, "versioned", { Only: { Type: "Pass", Result: 1, End: true } });
  const { stateMachineVersionArn } = await client.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine }));
  assert.equal(stateMachineVersionArn, `${machine}:1`);
  const { stateMachineAliasArn } = await client.send(
    new CreateStateMachineAliasCommand({ name: "live", routingConfiguration: [{ stateMachineVersionArn, weight: 100 }] }),
  );
  const { executionArn = "" } = await client.send(new StartExecutionCommand({ stateMachineArn: stateMachineAliasArn }));
  const ended = await untilEnded(client, executionArn);
  assert.deepEqual([ended.output, ended.stateMachineVersionArn, ended.stateMachineAliasArn], ["1", `${machine}:1`, `${machine}:live`]);
});

test("TestState tells where a state leads, what was caught, and what the data was", async () => {
  const definition = JSON.stringify({
    Type: "Task",
    Resource: "arn:aws:states:::aws-sdk:s3:getBucketLocation",
    Parameters: { "Bucket.$": "$.bucket" },
    ResultPath: "$.at",
    Catch: [{ ErrorEquals: ["S3.NoSuchBucketException"], Next: "Make" }],
    Next: "Found",
  });
  const input = JSON.stringify({ bucket: "nowhere" });
  const caught = await client.send(new TestStateCommand({ definition, input, roleArn }));
  assert.deepEqual([caught.status, caught.nextState, caught.error], ["CAUGHT_ERROR", "Make", "S3.NoSuchBucketException"]);
  const Retry = [{ ErrorEquals: ["Odd"], IntervalSeconds: 7 }];
  const retrying = JSON.stringify({ ...(JSON.parse(definition) as object), Retry });
  const odd = { errorOutput: { error: "Odd", cause: "luck" } };
  const retried = await client.send(new TestStateCommand({ definition: retrying, input, mock: odd, inspectionLevel: "DEBUG" }));
  assert.deepEqual([retried.status, retried.error, retried.cause], ["RETRIABLE", "Odd", "luck"]);
  assert.equal(retried.inspectionData?.errorDetails?.retryBackoffIntervalSeconds, 7);
  const mock = { result: `{"LocationConstraint":"eu-west-1"}` };
  const mocked = await client.send(new TestStateCommand({ definition, input, mock, inspectionLevel: "DEBUG" }));
  assert.deepEqual([mocked.status, mocked.nextState], ["SUCCEEDED", "Found"]);
  assert.deepEqual(JSON.parse(mocked.output ?? ""), { bucket: "nowhere", at: { LocationConstraint: "eu-west-1" } });
  assert.equal(mocked.inspectionData?.afterParameters, `{"Bucket":"nowhere"}`);
});

test("the aws CLI makes and runs a state machine", async () => {
  const aws = process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws";
  // This version of the CLI knows its endpoint by its option alone.
  const call = async (...args: string[]) => {
    const all = ["--endpoint-url", cloud.endpoint, "stepfunctions", ...args];
    return JSON.parse((await promisify(execFile)(aws, all, { env: cloud.environment })).stdout) as Record<string, string>;
  };
  const definition = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", Result: "cli", End: true } } });
  const made = await call("create-state-machine", "--name", "cli", "--definition", definition, "--role-arn", roleArn);
  const { executionArn = "" } = await call("start-execution", "--state-machine-arn", made["stateMachineArn"] ?? "");
  const found = await call("describe-execution", "--execution-arn", executionArn);
  assert.deepEqual([found["status"], found["output"]], ["SUCCEEDED", `"cli"`]);
});
