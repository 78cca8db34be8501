import assert from "node:assert/strict";
import { test } from "node:test";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as lambda from "@aws-sdk/client-lambda";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { Fault } from "#wire/fault.ts";
import { programs, run } from "../programs.ts";
import { openGateway } from "./test-gateway.ts";
import type { TestService } from "./test-gateway.ts";

type Seen = { input?: unknown };

/** A service with one operation that keeps its input and gives a fixed answer. */
const service = (
  binding: TestService["binding"],
  sdk: object,
  operation: string,
  answer: (input: never) => unknown,
): TestService & { seen: Seen } => {
  const seen: Seen = {};
  const handler = async (input: never) => {
    seen.input = input;
    return answer(input);
  };
  return { binding, sdk: sdk as TestService["sdk"], operations: { [operation]: handler }, seen };
};

const sqsBinding: TestService["binding"] = {
  name: "sqs",
  signingNames: ["sqs"],
  hostNames: ["sqs"],
  protocols: ["awsJson1_0", "awsQuery"],
  targetPrefix: "AmazonSQS",
  apiVersion: "2012-11-05",
  isQueryCompatible: true,
};

test("awsJson 1.0: DynamoDB's nested unions, numbers and blobs come through, and back", async () => {
  const item = {
    id: { S: "a" },
    n: { N: "1.5" },
    b: { B: new Uint8Array([1, 2, 3]) },
    l: { L: [{ BOOL: true }, { NULL: true }] },
    m: { M: { x: { SS: ["p", "q"] } } },
  };
  const echo = service(
    { name: "dynamodb", signingNames: ["dynamodb"], hostNames: ["dynamodb"], protocols: ["awsJson1_0"], targetPrefix: "DynamoDB_20120810" },
    dynamodb,
    "PutItem",
    () => ({ Attributes: item }),
  );
  await using gateway = await openGateway([echo]);
  const answer = await new dynamodb.DynamoDBClient(gateway.client).send(new dynamodb.PutItemCommand({ TableName: "t", Item: item }));
  assert.deepEqual(
    JSON.parse(JSON.stringify(echo.seen.input)),
    JSON.parse(JSON.stringify({ TableName: "t", Item: { ...item, b: { B: Buffer.from([1, 2, 3]) } } })),
  );
  assert.deepEqual(answer.Attributes, item);
});

test("awsJson 1.1: a timestamp is epoch seconds, and an event stream carries the first answer as an event", async () => {
  async function* events() {
    yield { sessionStart: { sessionId: "s", logGroupIdentifiers: ["g"] } };
    yield { sessionUpdate: { sessionMetadata: { sampled: false }, sessionResults: [{ message: "hello", timestamp: 5 }] } };
  }
  const binding: TestService["binding"] = {
    name: "logs",
    signingNames: ["logs"],
    hostNames: ["logs"],
    protocols: ["awsJson1_1"],
    targetPrefix: "Logs_20140328",
  };
  await using gateway = await openGateway([service(binding, logs, "StartLiveTail", () => ({ responseStream: events() }))]);
  const client = new logs.CloudWatchLogsClient({ ...gateway.client, disableHostPrefix: true });
  const { responseStream } = await client.send(
    new logs.StartLiveTailCommand({ logGroupIdentifiers: ["arn:aws:logs:us-east-1:000000000000:log-group:g"] }),
  );
  const seen: unknown[] = [];
  for await (const event of responseStream ?? [])
    seen.push(event.sessionUpdate?.sessionResults?.[0]?.message ?? event.sessionStart?.sessionId);
  assert.deepEqual(seen, ["s", "hello"]);
});

test("awsQuery: SNS's maps and lists in forms, XML back, and faults with their query code", async () => {
  const echo = service(
    {
      name: "sns",
      signingNames: ["sns"],
      hostNames: ["sns"],
      protocols: ["awsQuery"],
      apiVersion: "2010-03-31",
      xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    },
    sns,
    "CreateTopic",
    (input: { Name: string }) => {
      if (input.Name === "bad") throw new Fault("InvalidParameterException", "Invalid parameter: <Name>");
      return { TopicArn: `arn:aws:sns:us-east-1:000000000000:${input.Name}` };
    },
  );
  await using gateway = await openGateway([echo]);
  const client = new sns.SNSClient(gateway.client);
  const wish = {
    Name: "a & b",
    Attributes: { DisplayName: "x", FifoTopic: "true" },
    Tags: [
      { Key: "k", Value: "v" },
      { Key: "l", Value: "" },
    ],
  };
  const { TopicArn } = await client.send(new sns.CreateTopicCommand(wish));
  assert.deepEqual(echo.seen.input, wish);
  assert.equal(TopicArn, "arn:aws:sns:us-east-1:000000000000:a & b");
  await assert.rejects(client.send(new sns.CreateTopicCommand({ Name: "bad" })), {
    name: "InvalidParameterException",
    message: "Invalid parameter: <Name>",
  });
});

test("ec2Query: flat lists under their own names, and an answer whose lists are of items", async () => {
  const echo = service(
    {
      name: "ec2",
      signingNames: ["ec2"],
      hostNames: ["ec2"],
      protocols: ["ec2Query"],
      apiVersion: "2016-11-15",
      xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    ec2,
    "DescribeInstances",
    () => ({
      Reservations: [
        { ReservationId: "r-1", Instances: [{ InstanceId: "i-1", LaunchTime: new Date(0), Tags: [{ Key: "a", Value: "b" }] }] },
      ],
    }),
  );
  await using gateway = await openGateway([echo]);
  const wish = { Filters: [{ Name: "tag:a", Values: ["b", "c"] }], InstanceIds: ["i-1"], MaxResults: 5 };
  const { Reservations } = await new ec2.EC2Client(gateway.client).send(new ec2.DescribeInstancesCommand(wish));
  assert.deepEqual(echo.seen.input, wish);
  assert.deepEqual(Reservations?.[0]?.Instances?.[0]?.Tags, [{ Key: "a", Value: "b" }]);
  assert.deepEqual(Reservations?.[0]?.Instances?.[0]?.LaunchTime, new Date(0));
});

test("restJson1: labels, queries, headers, payloads and a response event stream", async () => {
  const binding: TestService["binding"] = { name: "lambda", signingNames: ["lambda"], hostNames: ["lambda"], protocols: ["restJson1"] };
  async function* parts() {
    yield { PayloadChunk: { Payload: new TextEncoder().encode("one ") } };
    yield { PayloadChunk: { Payload: new TextEncoder().encode("two") } };
    yield { InvokeComplete: { LogResult: "" } };
  }
  const invoke = service(binding, lambda, "Invoke", () => ({
    StatusCode: 202,
    FunctionError: "Unhandled",
    Payload: Buffer.from("{}"),
    ExecutedVersion: "$LATEST",
  }));
  const stream = service(binding, lambda, "InvokeWithResponseStream", () => ({ StatusCode: 200, EventStream: parts() }));
  const tags = service(binding, lambda, "UntagResource", () => ({}));
  await using gateway = await openGateway([{ ...invoke, operations: { ...invoke.operations, ...stream.operations, ...tags.operations } }]);
  const client = new lambda.LambdaClient(gateway.client);
  const answer = await client.send(
    new lambda.InvokeCommand({
      FunctionName: "arn:aws:lambda:us-east-1:000000000000:function:f",
      InvocationType: "Event",
      Payload: '{"a":1}',
    }),
  );
  assert.equal(answer.FunctionError, "Unhandled");
  assert.equal(answer.StatusCode, 202);
  const input = invoke.seen.input as { FunctionName: string; InvocationType: string; Payload: Uint8Array };
  assert.deepEqual(
    [input.FunctionName, input.InvocationType, Buffer.from(input.Payload).toString()],
    ["arn:aws:lambda:us-east-1:000000000000:function:f", "Event", '{"a":1}'],
  );
  await client.send(new lambda.UntagResourceCommand({ Resource: "arn:x", TagKeys: ["a", "b"] }));
  assert.deepEqual(tags.seen.input, { Resource: "arn:x", TagKeys: ["a", "b"] });
  const { EventStream } = await client.send(new lambda.InvokeWithResponseStreamCommand({ FunctionName: "f" }));
  let text = "";
  for await (const event of EventStream ?? []) text += new TextDecoder().decode(event.PayloadChunk?.Payload);
  assert.equal(text, "one two");
});

test("rpcv2Cbor: CloudWatch's numbers and dates, as its SDK sends them now", async () => {
  const echo = service(
    {
      name: "cloudwatch",
      signingNames: ["monitoring"],
      hostNames: ["monitoring"],
      protocols: ["awsQuery", "awsJson1_0", "rpcv2Cbor"],
      targetPrefix: "GraniteServiceVersion20100801",
      isQueryCompatible: true,
    },
    cloudwatch,
    "GetMetricStatistics",
    () => ({ Label: "l", Datapoints: [{ Timestamp: new Date(60_000), Average: 1.5 }] }),
  );
  await using gateway = await openGateway([echo]);
  const wish = {
    Namespace: "n",
    MetricName: "m",
    StartTime: new Date(0),
    EndTime: new Date(60_000),
    Period: 60,
    Statistics: ["Average" as const],
  };
  const answer = await new cloudwatch.CloudWatchClient(gateway.client).send(new cloudwatch.GetMetricStatisticsCommand(wish));
  assert.deepEqual(echo.seen.input, wish);
  assert.deepEqual(answer.Datapoints, [{ Timestamp: new Date(60_000), Average: 1.5 }]);
});

test("one service answers JSON and query clients each in their own protocol, with both error codes", async () => {
  const missing = () => {
    throw new Fault("QueueDoesNotExist", "The specified queue does not exist.");
  };
  await using gateway = await openGateway([service(sqsBinding, sqs, "GetQueueUrl", missing)]);
  const json = new sqs.SQSClient(gateway.client);
  await assert.rejects(json.send(new sqs.GetQueueUrlCommand({ QueueName: "q" })), {
    name: "QueueDoesNotExist",
    message: "The specified queue does not exist.",
  });
  const form = await fetch(gateway.endpoint, {
    method: "POST",
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0" },
    body: new URLSearchParams({ Action: "GetQueueUrl", QueueName: "q", Version: "2012-11-05" }),
  });
  assert.equal(form.status, 400);
  assert.match(await form.text(), /<Code>AWS\.SimpleQueueService\.NonExistentQueue<\/Code>/);
});

test("boto3 speaks the query form of EC2 and SNS", async () => {
  const described = service(
    { name: "ec2", signingNames: ["ec2"], hostNames: ["ec2"], protocols: ["ec2Query"], apiVersion: "2016-11-15" },
    ec2,
    "DescribeInstances",
    () => ({ Reservations: [{ Instances: [{ InstanceId: "i-9" }] }] }),
  );
  await using gateway = await openGateway([described]);
  const script = `import boto3
c = boto3.client("ec2", endpoint_url="${gateway.endpoint}", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
print(c.describe_instances(Filters=[{"Name": "a", "Values": ["b"]}])["Reservations"][0]["Instances"][0]["InstanceId"])`;
  assert.equal((await run(programs.python, ["-c", script], { PATH: process.env["PATH"] ?? "" })).trim(), "i-9");
  assert.deepEqual(described.seen.input, { Filters: [{ Name: "a", Values: ["b"] }] });
});
