import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from "@aws-sdk/client-sfn";
import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { create, openCloud, roleArn, start, untilEnded } from "./machines-in.ts";

const { cloud, client } = await openCloud();

const uuid = "[0-9a-f-]{36}";
const names = new Set<string>();

/** Runs one Task; gives how it ended and the history. */
const perform = async (
  resource: string,
  Parameters: object,
  { input = {}, ...more }: { input?: unknown; [field: string]: unknown } = {},
) => {
  const name = `task-${names.size}`;
  names.add(name);
  const machine = await create(client, name, {
    Task: {
      Type: "Task",
      Resource: resource.startsWith("arn:") ? resource : `arn:aws:states:::${resource}`,
      Parameters,
      End: true,
      ...more,
    },
  });
  const arn = await start(client, machine, input);
  const ended = await untilEnded(client, arn);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  return { ...ended, arn, events, types: typesOf(events), result: JSON.parse(ended.output ?? "null") as Record<string, unknown> };
};

const typesOf = (events: HistoryEvent[]) =>
  events.map(({ type }) => type).filter((type) => /^(Task|Lambda)/.test(type ?? "") && !type?.startsWith("TaskState"));

type Metadata = {
  SdkHttpMetadata: { AllHttpHeaders: Record<string, string[]>; HttpHeaders: Record<string, string>; HttpStatusCode: number };
  SdkResponseMetadata: { RequestId: string };
};

test("a result of aws-sdk has its members in order, in capitals, with times as texts and content as text", async () => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "shapes" }));
  await s3.send(new PutObjectCommand({ Bucket: "shapes", Key: "a.txt", Body: "héllo", Metadata: { own: "1" } }));
  await s3.send(new PutObjectCommand({ Bucket: "shapes", Key: "b.bin", Body: Buffer.from([0xff, 0x00]) }));
  const { result, types } = await perform("aws-sdk:s3:getObject", { Bucket: "shapes", Key: "a.txt" });
  assert.deepEqual(types, ["TaskScheduled", "TaskStarted", "TaskSucceeded"]);
  assert.deepEqual([result["Body"], result["ContentLength"], result["Metadata"]], ["héllo", 6, { own: "1" }]);
  assert.match(String(result["LastModified"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
  assert.doesNotMatch(String(result["LastModified"]), /\.000Z/);
  assert.match(String(result["ETag"]), /^"[0-9a-f]{32}"$/);
  assert.deepEqual(Object.keys(result), Object.keys(result).toSorted());
  const binary = await perform("aws-sdk:s3:getObject", { Bucket: "shapes", Key: "b.bin" });
  assert.equal(binary.result["Body"], Buffer.from([0xff, 0x00]).toString("base64"));
  const written = await perform("aws-sdk:s3:putObject", { Bucket: "shapes", Key: "c.json", Body: { "a.$": "$.a" } }, { input: { a: [1] } });
  assert.equal(written.status, "SUCCEEDED", written.cause);
  const read = await perform("aws-sdk:s3:getObject", { Bucket: "shapes", Key: "c.json" });
  assert.equal(read.result["Body"], `{"a":[1]}`);
  await s3.send(new PutObjectCommand({ Bucket: "shapes", Key: "long", Body: Buffer.alloc(32 << 20, "a") }));
  const long = await perform("aws-sdk:s3:getObject", { Bucket: "shapes", Key: "long" });
  assert.equal(long.error, "States.DataLimitExceeded");
  const listed = await perform("aws-sdk:s3:listBuckets", {});
  const [bucket] = listed.result["Buckets"] as Record<string, unknown>[];
  assert.deepEqual(Object.keys(bucket ?? {}).slice(-2), ["CreationDate", "Name"]);
  s3.destroy();
});

test("the causes of refused calls are those of AWS's SDKs for Java, with a request's id", async () => {
  const missing = await perform("aws-sdk:s3:getObject", { Bucket: "nowhere", Key: "k" });
  assert.equal(missing.error, "S3.NoSuchBucketException");
  assert.match(
    missing.cause ?? "",
    new RegExp(
      `^The specified bucket does not exist \\(Service: S3, Status Code: 404, Request ID: ${uuid}, Extended Request ID: ${uuid}\\)$`,
    ),
  );
  assert.equal((await perform("aws-sdk:s3:headBucket", { Bucket: "nowhere" })).error, "S3.NoSuchBucketException");
  assert.equal((await perform("aws-sdk:iam:getRole", { RoleName: "nobody" })).error, "Iam.NoSuchEntityException");
  assert.equal((await perform("aws-sdk:ecs:runTask", { TaskDefinition: "none", Cluster: "none" })).error, "Ecs.ClusterNotFoundException");
  const nested = await perform("aws-sdk:sfn:describeExecution", { ExecutionArn: `${roleArn}x` });
  assert.equal(nested.error, "Sfn.InvalidArnException");
  assert.match(nested.cause ?? "", new RegExp(`\\(Service: Sfn, Status Code: 400, Request ID: ${uuid}\\)$`));
  // What the service's model has no error for is the service's general error.
  const { error, cause } = await perform("aws-sdk:cloudformation:describeStacks", { StackName: "none" });
  assert.equal(error, "CloudFormation.CloudFormationException");
  assert.match(
    cause ?? "",
    new RegExp(`^Stack with id none does not exist \\(Service: CloudFormation, Status Code: 400, Request ID: ${uuid}\\)$`),
  );
});

test("a function that is not there fails lambda:invoke and a function's own ARN alike", async () => {
  const expected = new RegExp(
    `^Function not found: arn:aws:lambda:us-east-1:000000000000:function:none \\(Service: Lambda, Status Code: 404, Request ID: ${uuid}\\)$`,
  );
  const optimised = await perform("lambda:invoke", { FunctionName: "none" });
  assert.equal(optimised.error, "Lambda.ResourceNotFoundException");
  assert.match(optimised.cause ?? "", expected);
  assert.deepEqual(optimised.types, ["TaskScheduled", "TaskStarted", "TaskFailed"]);
  const plain = await perform("arn:aws:lambda:us-east-1:000000000000:function:none", {});
  assert.equal(plain.error, "Lambda.ResourceNotFoundException");
  assert.match(plain.cause ?? "", expected);
  assert.deepEqual(plain.types, ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"]);
  const waiting = await perform("lambda:invoke.waitForTaskToken", { FunctionName: "none", Payload: { "token.$": "$$.Task.Token" } });
  assert.deepEqual(waiting.types, ["TaskScheduled", "TaskStarted", "TaskSubmitFailed"]);
});

test("services that the cloud has not fail under the names that AWS has for their errors", async () => {
  const v1 = (called: string, service: string) =>
    new RegExp(
      `^The service ${service} is not implemented\\. \\(Service: ${called}; Status Code: 501; Error Code: NotImplemented; Request ID: ${uuid}; Proxy: null\\)$`,
    );
  const sqs = await perform("sqs:sendMessage", { QueueUrl: "q", MessageBody: { a: 1 } });
  assert.equal(sqs.error, "SQS.AmazonSQSException");
  assert.match(sqs.cause ?? "", v1("AmazonSQS", "sqs"));
  const dynamo = await perform("dynamodb:getItem", { TableName: "t", Key: {} });
  assert.equal(dynamo.error, "DynamoDB.AmazonDynamoDBException");
  assert.match(dynamo.cause ?? "", v1("AmazonDynamoDBv2", "dynamodb"));
  const sdk = await perform("aws-sdk:dynamodb:getItem", { TableName: "t", Key: {} });
  assert.equal(sdk.error, "DynamoDb.DynamoDbException");
  assert.match(
    sdk.cause ?? "",
    new RegExp(`^The service dynamodb is not implemented\\. \\(Service: DynamoDb, Status Code: 501, Request ID: ${uuid}\\)$`),
  );
  const job = await perform("batch:submitJob.sync", { JobName: "j", JobQueue: "q", JobDefinition: "d" });
  assert.deepEqual([job.error, job.types.at(-1)], ["Batch.AWSBatchException", "TaskSubmitFailed"]);
  const events = await perform("events:putEvents", { Entries: [{ Source: "me", DetailType: "it", Detail: {} }] });
  assert.equal(events.error, "EventBridge.AmazonEventBridgeException");
  assert.equal((await perform("aws-sdk:eventbridge:putEvents", { Entries: [] })).error, "EventBridge.EventBridgeException");
  assert.equal((await perform("sns:publish", { TopicArn: "t", Message: "m" })).error, "SNS.AmazonSNSException");
});

test("a connection and an API that are not there fail the task", async () => {
  const connection = "arn:aws:events:us-east-1:000000000000:connection/mine/81210c42-8af1-456b-9c4a-6ff02fc664ac";
  const http = await perform("http:invoke", {
    ApiEndpoint: "https://example.com",
    Method: "GET",
    InvocationConfig: { ConnectionArn: connection },
  });
  assert.deepEqual([http.error, http.cause], ["Events.ConnectionResource.ResourceNotFound", "Connection 'mine' does not exist."]);
  const api = await perform("apigateway:invoke", { ApiEndpoint: "abc.execute-api.us-east-1.amazonaws.com", Method: "GET" });
  assert.deepEqual([api.error, api.cause], ["ApiGateway.403", `{"message":"Forbidden"}`]);
});

test("an execution that is started tells its response; one that is waited for tells its end, as texts or as values", async () => {
  const child = await create(client, "told", { Only: { Type: "Pass", Result: { answer: 42 }, End: true } });
  const Parameters = { StateMachineArn: child, "Input.$": "$" };
  const started = await perform("states:startExecution", Parameters, { input: { a: 1 } });
  assert.deepEqual(Object.keys(started.result), ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]);
  const { SdkHttpMetadata: http, SdkResponseMetadata: response } = started.result as unknown as Metadata;
  assert.deepEqual([http.HttpStatusCode, http.HttpHeaders["Content-Type"]], [200, "application/x-amz-json-1.0"]);
  assert.deepEqual(http.AllHttpHeaders["x-amzn-RequestId"], [response.RequestId]);
  assert.equal(typeof started.result["StartDate"], "number");
  const members = ["ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails", "RedriveCount", "RedriveStatus"];
  const all = [...members, "RedriveStatusReason", "StartDate", "StateMachineArn", "Status", "StopDate"];
  const texts = await perform("states:startExecution.sync", Parameters, { input: { a: 1 } });
  assert.deepEqual(Object.keys(texts.result), all);
  assert.deepEqual([texts.result["Input"], texts.result["Output"], texts.result["RedriveCount"]], [`{"a":1}`, `{"answer":42}`, 0]);
  assert.equal(typeof texts.result["StopDate"], "number");
  const values = await perform("states:startExecution.sync:2", Parameters, { input: { a: 1 } });
  assert.deepEqual(Object.keys(values.result), all);
  assert.deepEqual([values.result["Input"], values.result["Output"]], [{ a: 1 }, { answer: 42 }]);
  const submitted = values.events.find(({ type }) => type === "TaskSubmitted")?.taskSubmittedEventDetails;
  assert.deepEqual([submitted?.resourceType, submitted?.resource], ["states", "startExecution.sync:2"]);
  assert.deepEqual(Object.keys(JSON.parse(submitted?.output ?? "") as object), Object.keys(started.result));
});

test("an Express execution is run by the SDK's operation, with its input as an object", async () => {
  const express = await create(client, "express", { Only: { Type: "Pass", End: true } }, { type: "EXPRESS" });
  const { result, cause } = await perform(
    "aws-sdk:sfn:startSyncExecution",
    { StateMachineArn: express, "Input.$": "$" },
    { input: { a: 1 } },
  );
  assert.deepEqual([result?.["Status"], result?.["Input"], result?.["Output"]], ["SUCCEEDED", `{"a":1}`, `{"a":1}`], cause);
  assert.match(String(result["StartDate"]), /Z$/);
});

test("a nested execution that fails is the cause, as text; one that cannot be started fails to be submitted", async () => {
  const child = await create(client, "worse", { Bad: { Type: "Fail", Error: "Worse", Cause: "by nature" } });
  const failed = await perform("states:startExecution.sync:2", { StateMachineArn: child, Input: { a: 1 } });
  assert.deepEqual([failed.error, failed.types], ["States.TaskFailed", ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed"]]);
  const told = JSON.parse(failed.cause ?? "") as Record<string, unknown>;
  assert.deepEqual([told["Error"], told["Cause"], told["Status"], told["Input"]], ["Worse", "by nature", "FAILED", `{"a":1}`]);
  assert.equal(told["RedriveStatus"], "REDRIVABLE");
  const none = await perform("states:startExecution.sync", { StateMachineArn: `${child}-none` });
  assert.equal(none.error, "StepFunctions.StateMachineDoesNotExistException");
  assert.match(
    none.cause ?? "",
    new RegExp(
      `^State Machine Does Not Exist: '${child}-none' \\(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ${uuid}; Proxy: null\\)$`,
    ),
  );
  assert.deepEqual(none.types, ["TaskScheduled", "TaskStarted", "TaskSubmitFailed"]);
  await perform("states:startExecution.sync", { StateMachineArn: child, Name: "once" });
  const again = await perform("states:startExecution", { StateMachineArn: child, Name: "once" });
  assert.equal(again.error, "StepFunctions.ExecutionAlreadyExistsException");
});

test("a child execution may end the task that waits for it, by the task's token", async () => {
  const child = await create(client, "early", {
    Tell: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
      Parameters: { "TaskToken.$": "$.token", Output: '{"said":"early"}' },
      Next: "Wait",
    },
    Wait: { Type: "Wait", Seconds: 600, End: true },
  });
  const parent = await create(client, "impatient", {
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: child, Input: { "token.$": "$$.Task.Token" } },
      End: true,
    },
  });
  const ended = await untilEnded(client, await start(client, parent));
  assert.deepEqual([ended.status, ended.output], ["SUCCEEDED", '{"said":"early"}']);
});

test("any call may hand on its token: the task waits for the answer, and heartbeats keep it alive", async () => {
  const child = await create(client, "asked", { Wait: { Type: "Wait", Seconds: 600, End: true } });
  const parent = await create(client, "asking", {
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.waitForTaskToken",
      Parameters: { StateMachineArn: child, Input: { "token.$": "$$.Task.Token" } },
      HeartbeatSeconds: 2,
      Next: "Put",
    },
    Put: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:s3:putObject.waitForTaskToken",
      Parameters: { Bucket: "shapes", Key: "token", "Body.$": "$$.Task.Token" },
      HeartbeatSeconds: 1,
      End: true,
    },
  });
  const arn = await start(client, parent);
  let nested: string | undefined;
  while (nested === undefined)
    nested = (await client.send(new ListExecutionsCommand({ stateMachineArn: child }))).executions?.[0]?.executionArn; // oxlint-disable-line no-await-in-loop
  const { input = "" } = await client.send(new DescribeExecutionCommand({ executionArn: nested }));
  const { token: taskToken } = JSON.parse(input) as { token: string };
  await client.send(new SendTaskHeartbeatCommand({ taskToken }));
  await client.send(new SendTaskSuccessCommand({ taskToken, output: `{"said":"yes"}` }));
  const ended = await untilEnded(client, arn);
  assert.deepEqual([ended.status, ended.error], ["FAILED", "States.Timeout"]);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  const each = ["TaskScheduled", "TaskStarted", "TaskSubmitted"];
  assert.deepEqual(typesOf(events), [...each, "TaskSucceeded", ...each, "TaskTimedOut"]);
  const scheduled = events.find(({ type }) => type === "TaskScheduled")?.taskScheduledEventDetails;
  const { parameters = "", ...details } = scheduled ?? {};
  assert.deepEqual(details, {
    resourceType: "states",
    resource: "startExecution.waitForTaskToken",
    region: "us-east-1",
    heartbeatInSeconds: 2,
  });
  assert.deepEqual(JSON.parse(parameters), { StateMachineArn: child, Input: { token: taskToken } });
});

test("a task is done as the role of its Credentials, written out or computed", async () => {
  const other = "arn:aws:iam::111111111111:role/other";
  for (const Credentials of [{ RoleArn: other }, { "RoleArn.$": "States.Format('arn:aws:iam::{}:role/other', $.account)" }]) {
    // oxlint-disable-next-line no-await-in-loop
    const { result, events, cause } = await perform(
      "aws-sdk:sts:getCallerIdentity",
      {},
      { Credentials, TimeoutSeconds: 9, input: { account: "111111111111" } },
    );
    assert.equal(result?.["Account"], "111111111111", cause);
    assert.match(String(result["Arn"]), /^arn:aws:sts::111111111111:assumed-role\/other\//);
    const scheduled = events.find(({ type }) => type === "TaskScheduled")?.taskScheduledEventDetails;
    assert.deepEqual([scheduled?.taskCredentials, scheduled?.timeoutInSeconds], [{ roleArn: other }, 9]);
  }
  const own = await perform("aws-sdk:sts:getCallerIdentity", {});
  assert.match(String(own.result["Arn"]), /assumed-role\/workflows\//);
});

test("a container task tells its response, its end and its failure as the older SDK does", async () => {
  const ecs = new ECSClient(cloud.client);
  await ecs.send(new CreateClusterCommand({}));
  const define = async (family: string, command: string[]) => {
    const containerDefinitions = [{ name: "main", image: "busybox", memory: 64, command }];
    const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand({ family, containerDefinitions }));
    return taskDefinition?.taskDefinitionArn ?? "";
  };
  const good = await perform("ecs:runTask.sync", { TaskDefinition: await define("good", ["exit", "0"]) });
  assert.equal(good.status, "SUCCEEDED", good.cause);
  assert.deepEqual([good.result["LastStatus"], good.result["StartedBy"]], ["STOPPED", "AWS Step Functions"]);
  assert.equal(typeof good.result["CreatedAt"], "number");
  assert.deepEqual(good.types, ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]);
  const submitted = good.events.find(({ type }) => type === "TaskSubmitted")?.taskSubmittedEventDetails;
  assert.deepEqual(Object.keys(JSON.parse(submitted?.output ?? "") as object), [
    "Failures",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "Tasks",
  ]);
  const bad = await perform("ecs:runTask.sync", { TaskDefinition: await define("bad", ["exit", "3"]) });
  assert.deepEqual([bad.error, bad.types.at(-1)], ["States.TaskFailed", "TaskFailed"]);
  const told = JSON.parse(bad.cause ?? "") as { Containers: { ExitCode: number }[]; StopCode: string };
  assert.deepEqual([told.Containers[0]?.ExitCode, told.StopCode], [3, "EssentialContainerExited"]);
  const started = await perform("ecs:runTask", { TaskDefinition: "good" });
  assert.deepEqual(Object.keys(started.result), ["Failures", "SdkHttpMetadata", "SdkResponseMetadata", "Tasks"]);
  const refused = await perform("ecs:runTask.sync", { TaskDefinition: "good", Cluster: "none" });
  assert.equal(refused.error, "ECS.ClusterNotFoundException");
  assert.match(
    refused.cause ?? "",
    new RegExp(`\\(Service: AmazonECS; Status Code: 400; Error Code: ClusterNotFoundException; Request ID: ${uuid}; Proxy: null\\)$`),
  );
  ecs.destroy();
});
