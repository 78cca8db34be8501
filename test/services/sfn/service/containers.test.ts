import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GetExecutionHistoryCommand, SFNClient, SendTaskSuccessCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { ListTasksCommand } from "@aws-sdk/client-ecs";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
import { newEcs, register, shell } from "../../ecs/tasks-in.ts";
import { createFunction, lambdaOf } from "../../lambda/function.ts";
import { create, start, untilEnded } from "./machines-in.ts";

let cloud: TestCloud;
let client: SFNClient;
before(async () => {
  cloud = await newCloud();
  client = new SFNClient(cloud.client);
  const lambda = lambdaOf(cloud);
  await createFunction(
    lambda,
    "worker",
    `export const handler = async (event) => {
      if (event.bad) { const error = new Error("too bad"); error.name = "BadInput"; throw error; }
      return { got: event };
    };`,
  );
  lambda.destroy();
});
after(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:worker";

test("a function is called by its own ARN and by lambda:invoke, and its error is the task's", async () => {
  const machine = await create(client, "functions", {
    Plain: { Type: "Task", Resource: functionArn, Next: "Optimised" },
    Optimised: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "worker", "Payload.$": "$.got" },
      ResultSelector: {
        "payload.$": "$.Payload",
        "status.$": "$.StatusCode",
        "http.$": "$.SdkHttpMetadata",
        "response.$": "$.SdkResponseMetadata",
      },
      Next: "Fails",
    },
    Fails: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: functionArn, Payload: { bad: true } },
      ResultPath: null,
      Catch: [{ ErrorEquals: ["BadInput"], ResultPath: "$.error", Next: "Missing" }],
      End: true,
    },
    Missing: {
      Type: "Task",
      Resource: `${functionArn}-none`,
      Catch: [{ ErrorEquals: ["Lambda.ResourceNotFoundException"], ResultPath: "$.missing", Next: "End" }],
      End: true,
    },
    End: { Type: "Succeed" },
  });
  const arn = await start(client, machine, { a: 1 });
  const ended = await untilEnded(client, arn);
  assert.equal(ended.status, "SUCCEEDED", ended.cause);
  const output = JSON.parse(ended.output ?? "") as {
    payload: unknown;
    status: number;
    http: { HttpHeaders: Record<string, string>; HttpStatusCode: number };
    response: { RequestId: string };
    error: { Cause: string };
  };
  assert.deepEqual([output.payload, output.status], [{ got: { a: 1 } }, 200]);
  const { HttpHeaders: headers, HttpStatusCode: code } = output.http;
  assert.deepEqual([code, headers["Content-Length"], headers["X-Amz-Executed-Version"]], [200, "15", "$LATEST"]);
  assert.equal(headers["x-amzn-RequestId"], output.response.RequestId);
  const cause = JSON.parse(output.error.Cause) as { errorType: string; errorMessage: string };
  assert.deepEqual([cause.errorType, cause.errorMessage], ["BadInput", "too bad"]);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  assert.deepEqual(
    events.slice(1, 6).map(({ type }) => type),
    ["TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "TaskStateExited"],
  );
});

test("a function that was given a token is waited for until the token is answered", async () => {
  const machine = await create(client, "called-back", {
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Parameters: { FunctionName: "worker", Payload: { "token.$": "$$.Task.Token" } },
      End: true,
    },
  });
  const arn = await start(client, machine);
  let output: string | undefined;
  while (output === undefined) {
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
    output = events.find(({ type }) => type === "TaskSubmitted")?.taskSubmittedEventDetails?.output;
  }
  const taskToken = (JSON.parse(output) as { Payload: { got: { token: string } } }).Payload.got.token;
  await client.send(new SendTaskSuccessCommand({ taskToken, output: `{"yes":true}` }));
  assert.equal((await untilEnded(client, arn)).output, `{"yes":true}`);
});

test("a container task is waited for, fails by its exit code, and stops with its execution", async () => {
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("sleep $SECONDS_LONG; exit $CODE")]);
  const machine = await create(client, "containers", {
    Run: {
      Type: "Task",
      Resource: "arn:aws:states:::ecs:runTask.sync",
      Parameters: {
        TaskDefinition: definition,
        Overrides: {
          ContainerOverrides: [
            {
              Name: "main",
              Environment: [
                { Name: "CODE", "Value.$": "$.code" },
                { Name: "SECONDS_LONG", "Value.$": "$.seconds" },
              ],
            },
          ],
        },
      },
      ResultSelector: { "code.$": "$.Containers[0].ExitCode", "status.$": "$.LastStatus" },
      End: true,
    },
  });
  const good = await untilEnded(client, await start(client, machine, { code: "0", seconds: "0" }));
  assert.deepEqual(JSON.parse(good.output ?? good.cause ?? ""), { code: 0, status: "STOPPED" });
  const bad = await untilEnded(client, await start(client, machine, { code: "3", seconds: "0" }));
  assert.equal(bad.error, "States.TaskFailed");
  assert.equal((JSON.parse(bad.cause ?? "") as { Containers: { ExitCode: number }[] }).Containers[0]?.ExitCode, 3);
  const long = await start(client, machine, { code: "0", seconds: "600" });
  const running = async () => (await ecs.send(new ListTasksCommand({ desiredStatus: "RUNNING" }))).taskArns?.length ?? 0;
  while ((await running()) === 0);
  await client.send(new StopExecutionCommand({ executionArn: long }));
  while ((await running()) > 0);
  ecs.destroy();
});
