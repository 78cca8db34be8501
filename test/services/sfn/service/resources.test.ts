import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateStateMachineCommand, TestStateCommand, ValidateStateMachineDefinitionCommand } from "@aws-sdk/client-sfn";
import type { StateMachineType } from "@aws-sdk/client-sfn";
import { create, openCloud, roleArn, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

const definitionOf = (resource: string, more: object = {}, machine: object = {}) =>
  JSON.stringify({
    StartAt: "T",
    States: { T: { Type: "Task", Resource: `arn:aws:states:::${resource}`, End: true, ...more } },
    ...machine,
  });

const validate = async (definition: string, type: StateMachineType = "STANDARD") => {
  const { diagnostics = [] } = await client.send(new ValidateStateMachineDefinitionCommand({ definition, type }));
  return diagnostics.map(({ message, location }) => `${message} at ${location}`);
};

const unknown = (resource: string) =>
  `The resource provided arn:aws:states:::${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/T/Resource`;

test("services, actions and patterns that AWS has not are refused", async () => {
  for (const resource of [
    "aws-sdk:nothing:listThings",
    "aws-sdk:s3:listBucketz",
    "aws-sdk:s3:ListBuckets",
    "aws-sdk:s3:listBuckets.sync",
    "aws-sdk:sts:assumeRole",
    "aws-sdk:lambda:invokeWithResponseStream",
    "nothing:invoke",
    "toString:call",
    "lambda:invoke.sync",
    "lambda:listFunctions",
    "sqs:sendMessage.sync",
    "dynamodb:getItem.waitForTaskToken",
    "http:invoke.waitForTaskToken",
    "ecs:runTask.sync:2",
    "bedrockagentcore:invokeHarness.waitForTaskToken",
    "s3:getObject",
  ])
    assert.deepEqual(await validate(definitionOf(resource)), [unknown(resource)], resource); // oxlint-disable-line no-await-in-loop
});

test("what AWS has is accepted, whether the cloud has it or not", async () => {
  for (const resource of [
    "aws-sdk:s3:listBuckets",
    "aws-sdk:s3:putObject.waitForTaskToken",
    "aws-sdk:bedrockruntime:invokeModel",
    "aws-sdk:ec2:describeInstances",
    "lambda:invoke.waitForTaskToken",
    "ecs:runTask.sync",
    "eks:runJob.sync",
    "batch:submitJob.sync",
    "emr-serverless:startJobRun.sync",
    "states:startExecution.sync:2",
    "events:putEvents.waitForTaskToken",
    "bedrockagentcore:invokeHarness",
    "aws-sdk:bedrockagentcore:invokeAgentRuntime",
    "aws-sdk:s3vectors:queryVectors",
  ])
    assert.deepEqual(await validate(definitionOf(resource)), [], resource); // oxlint-disable-line no-await-in-loop
});

test("an Express state machine waits for no job and no token", async () => {
  for (const resource of ["states:startExecution.sync:2", "ecs:runTask.sync", "lambda:invoke.waitForTaskToken"])
    assert.deepEqual(
      await validate(definitionOf(resource), "EXPRESS"), // oxlint-disable-line no-await-in-loop
      [`Express state machine does not support 'arn:aws:states:::${resource}' service integration at /States/T/Resource`],
    );
});

test("CreateStateMachine refuses a resource as its validation does", async () => {
  const definition = definitionOf("aws-sdk:cloudwatchlogs:CreateLogStream");
  await assert.rejects(client.send(new CreateStateMachineCommand({ name: "refused", definition, roleArn })), {
    name: "InvalidDefinition",
    message: `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${unknown("aws-sdk:cloudwatchlogs:CreateLogStream")}'`,
  });
});

const parameters = (resource: string, Parameters: object) => validate(definitionOf(resource, { Parameters }));
const at = (...messages: string[]) => messages.map((message) => `${message} at /States/T/Parameters`);

test("parameters have the names of AWS's SDK for Java in capitals, at every depth", async () => {
  assert.deepEqual(
    await parameters("aws-sdk:s3:listObjectsV2", { bucket: "b" }),
    at('The field "bucket" is not supported by Step Functions', "The field 'Bucket' is required but was missing"),
  );
  assert.deepEqual(
    await parameters("aws-sdk:s3:createBucket", { Bucket: "b", ACL: "private" }),
    at('The field "ACL" is not supported by Step Functions'),
  );
  assert.deepEqual(await parameters("aws-sdk:s3:createBucket", { Bucket: "b", Acl: "private" }), []);
  assert.deepEqual(
    await parameters("aws-sdk:s3:putObject", { Bucket: "b", Key: "k", Body: {}, SsekmsKeyId: "k", ServerSideEncryption: "aws:kms" }),
    [],
  );
  const run = (container: object) => ({ TaskDefinition: "t", Overrides: { ContainerOverrides: [container] } });
  assert.deepEqual(await parameters("ecs:runTask.sync", run({ name: "main" })), at('The field "name" is not supported by Step Functions'));
  assert.deepEqual(await parameters("ecs:runTask.sync", run({ Name: "main", "Command.$": "$.c" })), []);
});

test("an integration takes its own parameters only, and needs what it needs", async () => {
  assert.deepEqual(
    await parameters("lambda:invoke", { Payload: {}, LogType: "Tail" }),
    at('The field "LogType" is not supported by Step Functions', "The field 'FunctionName' is required but was missing"),
  );
  assert.deepEqual(await parameters("lambda:invoke", { "FunctionName.$": "$.name", Payload: { anything: 1 } }), []);
  assert.deepEqual(
    await parameters("ecs:runTask", { TaskDefinition: "t", StartedBy: "me" }),
    at('The field "StartedBy" is not supported by Step Functions'),
  );
  assert.deepEqual(await parameters("sqs:sendMessage", { QueueUrl: "q" }), at("The field 'MessageBody' is required but was missing"));
  assert.deepEqual(await parameters("states:startExecution", { StateMachineArn: "m", Input: { a: 1 } }), []);
  // A name whose value comes from a path is looked at when the value is known.
  assert.deepEqual(await parameters("lambda:invoke", { FunctionName: "f", "TaskToken.$": "$$.Task.Token" }), []);
});

test("values must be of the operation's types", async () => {
  assert.deepEqual(
    await parameters("aws-sdk:s3:listObjectsV2", { Bucket: 1, MaxKeys: "ten", FetchOwner: "yes", OptionalObjectAttributes: {} }),
    at(
      "The value for the field 'Bucket' must be a STRING",
      "The value for the field 'MaxKeys' must be a NUMBER",
      "The value for the field 'FetchOwner' must be a BOOLEAN",
      "The value for the field 'OptionalObjectAttributes' must be a ARRAY",
    ),
  );
  assert.deepEqual(
    await parameters("aws-sdk:lambda:tagResource", { Resource: "r", Tags: { one: 1 } }),
    at("The value for the field 'one' must be a STRING"),
  );
  assert.deepEqual(
    await parameters("aws-sdk:s3:getObject", {
      Bucket: "b",
      Key: "k",
      IfModifiedSince: "yesterday",
      IfUnmodifiedSince: "2026-01-01T00:00:00Z",
    }),
    at("The value of the field 'IfModifiedSince' has an invalid format"),
  );
});

test("Arguments in JSONata are checked where they are written out", async () => {
  const check = (Arguments: unknown) => validate(definitionOf("aws-sdk:s3:listObjectsV2", { Arguments }, { QueryLanguage: "JSONata" }));
  assert.deepEqual(await check({ Bucket: "{% $states.input.b %}", MaxKeys: "{% 1 + 1 %}" }), []);
  assert.deepEqual(await check("{% $states.input %}"), []);
  assert.deepEqual(await check({ Max: 1 }), [
    'The field "Max" is not supported by Step Functions at /States/T/Arguments',
    "The field 'Bucket' is required but was missing at /States/T/Arguments",
  ]);
});

test("requests over HTTP are checked", async () => {
  const request = { ApiEndpoint: "https://example.com/a", Method: "GET" };
  assert.deepEqual(await parameters("http:invoke", { ...request, InvocationConfig: { ConnectionArn: "arn" } }), []);
  assert.deepEqual(await parameters("http:invoke", { ...request, Authentication: { "ConnectionArn.$": "$.c" }, "Headers.$": "$.h" }), []);
  assert.deepEqual(
    await parameters("http:invoke", { ApiEndpoint: "example.com", Authentication: {}, Url: "" }),
    at(
      'The field "Url" is not supported by Step Functions',
      "The field 'Method' is required but was missing",
      "The value of the field 'ApiEndpoint' has an invalid format",
      "The field 'ConnectionArn' is required but was missing",
    ),
  );
  assert.deepEqual(
    await parameters("http:invoke", { ...request, Headers: { Host: "other" } }),
    at("The value of the field 'Headers' has an invalid format", "The field 'InvocationConfig' is required but was missing"),
  );
  const api = { ApiEndpoint: "abc.execute-api.us-east-1.amazonaws.com", Method: "GET" };
  assert.deepEqual(await parameters("apigateway:invoke", { ...api, QueryParameters: { a: ["1"] } }), []);
  assert.deepEqual(
    await parameters("apigateway:invoke", { ...api, QueryParameters: "?a=1" }),
    at("The value of the field 'QueryParameters' has an invalid format"),
  );
});

test("parameters that are only known at run time end the execution before the task is scheduled", async () => {
  const machine = await create(client, "late", {
    Before: { Type: "Pass", Next: "List" },
    List: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:s3:listObjectsV2",
      Parameters: { "Bucket.$": "$.bucket", "Other.$": "$.bucket" },
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Before" }],
      End: true,
    },
  });
  const { status, error, cause } = await untilEnded(client, await start(client, machine, { bucket: 7 }));
  assert.deepEqual([status, error], ["FAILED", "States.Runtime"]);
  assert.equal(
    cause,
    `An error occurred while executing the state 'List' (entered at the event id #4). The Parameters '{"Bucket":7,"Other":7}' could not be used to start the Task: [The value for the field 'Bucket' must be a STRING, The field "Other" is not supported by Step Functions]`,
  );
});

test("TestState refuses what CreateStateMachine refuses, and parameters when it has their values", async () => {
  const ask = (Parameters: object, input = {}) =>
    client.send(
      new TestStateCommand({
        definition: JSON.stringify({ Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:headBucket", Parameters, End: true }),
        input: JSON.stringify(input),
        roleArn,
      }),
    );
  await assert.rejects(ask({ bucket: "b" }), {
    name: "InvalidDefinition",
    message: /The field "bucket" is not supported by Step Functions/,
  });
  const { status, error, cause } = await ask({ "Bucket.$": "$.bucket" }, { bucket: 1 });
  assert.deepEqual([status, error], ["FAILED", "States.Runtime"]);
  assert.match(cause ?? "", /could not be used to start the Task: \[The value for the field 'Bucket' must be a STRING\]$/);
});
