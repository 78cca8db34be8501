import assert from "node:assert/strict";
import { test } from "node:test";
import { callFault } from "#services/sfn/integrations/call-fault.ts";
import { withSource } from "#services/sfn/integrations/events.ts";
import { newNamings, sdkName } from "#services/sfn/integrations/members.ts";
import { checkParameters } from "#services/sfn/integrations/parameters.ts";
import { errorPrefix, namesInCloud } from "#services/sfn/integrations/sdk-services.ts";
import { toInput, toOutput } from "#services/sfn/integrations/shapes.ts";
import { targetOf } from "#services/sfn/integrations/target.ts";
import type { Json, JsonObject } from "#services/sfn/language/json.ts";
import { parseResource } from "#services/sfn/language/resource.ts";
import { Fault } from "#wire/fault.ts";
import { readModel } from "#wire/model.ts";
import type { SchemaModule } from "#wire/schema.ts";

const targetFor = (name: string) => {
  const resource = parseResource(`arn:aws:states:::${name}`);
  const target = resource?.kind === "service" ? targetOf(resource) : undefined;
  if (!target) throw new Error(`${name} is no target`);
  return target;
};

/** The schemas of services that the cloud need not have. */
const modelOf = (sdk: SchemaModule) => readModel({ name: "s3", signingNames: [], hostNames: [], protocols: ["awsJson1_0"] }, sdk);
const dynamo = modelOf(await import("@aws-sdk/client-dynamodb"));
const namings = newNamings();
const sqs = modelOf(await import("@aws-sdk/client-sqs"));

test("a leading acronym is a word in the names of aws-sdk", () => {
  const names = ["ACL", "SSEKMSKeyId", "ETag", "MD5OfMessageBody", "BOOL", "S", "NULL", "SSESpecification", "startedBy", "ID", "Equals"];
  assert.deepEqual(names.map(sdkName), [
    "Acl",
    "SsekmsKeyId",
    "ETag",
    "Md5OfMessageBody",
    "Bool",
    "S",
    "Nul",
    "SseSpecification",
    "StartedBy",
    "Id",
    "EqualsValue",
  ]);
});

test("every service has one prefix for its errors, and the cloud's name for it is found", () => {
  assert.deepEqual(["dynamodb", "cloudwatchlogs", "sfn", "nothing"].map(errorPrefix), ["DynamoDb", "CloudWatchLogs", "Sfn", undefined]);
  assert.deepEqual(namesInCloud("cloudwatchlogs"), ["cloudwatchlogs", "logs"]);
  assert.deepEqual(namesInCloud("sqs"), ["sqs"]);
});

test("an item goes to DynamoDB and comes back by the names of either integration", async () => {
  const operation = dynamo.operations.get("GetItem");
  assert.ok(operation);
  const names = { sdk: ["Bool", "Nul"], optimised: ["BOOL", "NULL"] } as const;
  for (const target of [targetFor("aws-sdk:dynamodb:getItem"), targetFor("dynamodb:getItem")]) {
    const [bool, none] = names[target.kind];
    const parameters: JsonObject = { TableName: "t", Key: { id: { S: "1" }, flag: { [bool]: true }, gone: { [none]: true } } };
    const checked = (given: JsonObject): string[] =>
      checkParameters(given, { target, naming: namings[target.kind], schema: operation.input, isOpen: () => false });
    assert.deepEqual(checked(parameters), []);
    const input = { TableName: "t", Key: { id: { S: "1" }, flag: { BOOL: true }, gone: { NULL: true } } };
    assert.deepEqual(toInput(operation.input, parameters, namings[target.kind]), input);
    // oxlint-disable-next-line no-await-in-loop
    assert.deepEqual(await toOutput(operation.output, { Item: input.Key }, namings[target.kind]), { Item: parameters["Key"] as Json });
    assert.deepEqual(checked({ Key: { id: { S: 1, [target.kind === "sdk" ? "BOOL" : "Bool"]: true } } }), [
      "The value for the field 'S' must be a STRING",
      `The field "${target.kind === "sdk" ? "BOOL" : "Bool"}" is not supported by Step Functions`,
      "The field 'TableName' is required but was missing",
    ]);
  }
});

test("a message's body may be an object, and its answer keeps the names of the integration", async () => {
  const operation = sqs.operations.get("SendMessage");
  assert.ok(operation);
  const target = targetFor("sqs:sendMessage.waitForTaskToken");
  const parameters = { QueueUrl: "q", MessageBody: { TaskToken: "t" }, MessageAttributes: { a: { DataType: "String", StringValue: "1" } } };
  assert.deepEqual(checkParameters(parameters, { target, naming: namings[target.kind], schema: operation.input, isOpen: () => false }), []);
  assert.deepEqual(toInput(operation.input, parameters, namings.optimised), { ...parameters, MessageBody: `{"TaskToken":"t"}` });
  const answer = { MessageId: "m", MD5OfMessageBody: "d" };
  assert.deepEqual(await toOutput(operation.output, answer, namings.optimised), answer);
  assert.deepEqual(await toOutput(operation.output, answer, namings.sdk), {
    MessageId: "m",
    Md5OfMessageBody: "d",
  });
});

test("an error is named by its shape, or is the service's general one", () => {
  const named = (name: string, code: string, model = dynamo) => {
    const { error, message } = callFault(new Fault(code, "Told.", 400), {
      target: targetFor(name),
      model,
      requestId: "r",
      newId: () => "n",
    });
    return [error, message];
  };
  assert.deepEqual(named("dynamodb:getItem", "ConditionalCheckFailedException"), [
    "DynamoDB.ConditionalCheckFailedException",
    "Told. (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: r; Proxy: null)",
  ]);
  assert.deepEqual(named("aws-sdk:dynamodb:getItem", "ValidationException"), [
    "DynamoDb.DynamoDbException",
    "Told. (Service: DynamoDb, Status Code: 400, Request ID: r)",
  ]);
  assert.equal(named("aws-sdk:sqs:sendMessage", "AWS.SimpleQueueService.NonExistentQueue", sqs)[0], "Sqs.QueueDoesNotExistException");
  assert.equal(named("sqs:sendMessage", "QueueDoesNotExist", sqs)[0], "SQS.QueueDoesNotExistException");
});

test("events tell of the execution that has put them", () => {
  const origin = { executionArn: "e", stateMachineArn: "m" };
  assert.deepEqual(withSource({ Entries: [{ Source: "s" }, { Source: "t", Resources: ["r"] }] }, origin), {
    Entries: [
      { Source: "s", Resources: ["e", "m"] },
      { Source: "t", Resources: ["r", "e", "m"] },
    ],
  });
  assert.deepEqual(withSource({}, origin), {});
});
