import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  RedriveExecutionCommand,
  SFNClient,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { CreateStateMachineCommandInput } from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
import { create, roleArn } from "./machines-in.ts";

let cloud: TestCloud;
let client: SFNClient;
let machine: string;
before(async () => {
  cloud = await newCloud({ engine: "memory" });
  client = new SFNClient({ ...cloud.client, disableHostPrefix: true });
  machine = await create(client, "checked", { Only: { Type: "Pass", End: true } });
});
after(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

type Refusal = [what: string, work: () => Promise<unknown>, name: string, message: string | RegExp];

const refused = (cases: Refusal[]) =>
  Promise.all(
    cases.map(([what, work, name, message]) => assert.rejects(work(), { name, message }, `${what} is not refused as it should be`)),
  );

const violation = (value: string, path: string, constraint: string) =>
  `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`;
const hidden = (path: string, constraint: string) =>
  `1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint}`;
const arnOf = (type: string, rest: string) => `arn:aws:states:us-east-1:000000000000:${type}:${rest}`;
const definition = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } });
const make = (input: Partial<CreateStateMachineCommandInput>) =>
  client.send(new CreateStateMachineCommand({ name: "made", definition, roleArn, ...input }));

test("members beyond their limits are refused by name, and what is secret is not shown", async () => {
  const long = "x".repeat(81);
  const start = (input: object) => () => client.send(new StartExecutionCommand({ stateMachineArn: machine, ...input }));
  await refused([
    [
      "a long name",
      start({ name: long }),
      "ValidationException",
      violation(long, "name", "Member must have length less than or equal to 80"),
    ],
    ["no name", start({ name: "" }), "ValidationException", violation("", "name", "Member must have length greater than or equal to 1")],
    [
      "a long input",
      start({ input: `"${"ä".repeat(131_072)}"` }),
      "ValidationException",
      hidden("input", "Member must have size less than or equal to 262144 bytes in UTF-8 encoding"),
    ],
    [
      "a long trace header",
      start({ traceHeader: "t".repeat(257) }),
      "ValidationException",
      violation("t".repeat(257), "traceHeader", "Member must have length less than or equal to 256"),
    ],
    [
      "a wrong kind",
      () => client.send(new DescribeExecutionCommand({ executionArn: arnOf("execution", "a:b"), includedData: "SOME" as "ALL_DATA" })),
      "ValidationException",
      violation("SOME", "includedData", "Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]"),
    ],
    [
      "too many results",
      () => client.send(new ListStateMachinesCommand({ maxResults: 1001 })),
      "ValidationException",
      violation("1001", "maxResults", "Member must have value less than or equal to 1000"),
    ],
    [
      "a long error",
      () => client.send(new StopExecutionCommand({ executionArn: arnOf("execution", "a:b"), error: "e".repeat(257) })),
      "ValidationException",
      hidden("error", "Member must have length less than or equal to 256"),
    ],
    [
      "an empty token",
      () => client.send(new SendTaskHeartbeatCommand({ taskToken: "" })),
      "ValidationException",
      violation("", "taskToken", "Member must have length greater than or equal to 1"),
    ],
    ["no state machine", () => client.send(new ListExecutionsCommand({})), "ValidationException", /stateMachineArn or a mapRunArn/],
    [
      "the status of map runs alone",
      () => client.send(new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: "PENDING_REDRIVE" })),
      "ValidationException",
      /PENDING_REDRIVE/,
    ],
  ]);
  const input = `"${"ä".repeat(131_071)}"`;
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
  assert.ok(executionArn, "262,144 bytes are accepted");
});

test("names keep to AWS's characters", async () => {
  for (const name of [
    "a b",
    "a<b",
    "a[b]",
    "a?",
    "a*",
    `a"b`,
    "a#",
    "a%",
    "a\\b",
    "a^",
    "a|",
    "a~",
    "a`",
    "a$",
    "a&",
    "a,",
    "a;",
    "a:",
    "a/b",
    "a\u0007",
  ]) {
    const wrong = { name: "InvalidName", message: `Invalid Name: '${name}'` };
    await assert.rejects(make({ name }), wrong);
    await assert.rejects(client.send(new CreateActivityCommand({ name })), wrong);
    await assert.rejects(client.send(new StartExecutionCommand({ stateMachineArn: machine, name })), wrong);
  }
  const { stateMachineArn } = await make({ name: "Überweisung_1-(a).b@c'd!" });
  assert.equal(stateMachineArn, arnOf("stateMachine", "Überweisung_1-(a).b@c'd!"));
});

test("ARNs of another kind or of nothing are refused", async () => {
  const execution = arnOf("execution", "checked:none");
  const wrongKind = (type: string) => `Invalid Arn: 'Resource type not valid in this context: ${type}'`;
  await refused([
    [
      "no ARN",
      () => client.send(new DescribeStateMachineCommand({ stateMachineArn: "nothing" })),
      "InvalidArn",
      "Invalid Arn: 'Invalid ARN prefix: nothing'",
    ],
    [
      "an execution for a state machine",
      () => client.send(new DescribeStateMachineCommand({ stateMachineArn: execution })),
      "InvalidArn",
      wrongKind("execution"),
    ],
    [
      "a state machine for an execution",
      () => client.send(new DescribeExecutionCommand({ executionArn: machine })),
      "InvalidArn",
      wrongKind("stateMachine"),
    ],
    [
      "an Express execution to stop",
      () => client.send(new StopExecutionCommand({ executionArn: arnOf("express", "a:b:c") })),
      "InvalidArn",
      wrongKind("express"),
    ],
    [
      "an Express execution's history",
      () => client.send(new GetExecutionHistoryCommand({ executionArn: arnOf("express", "a:b:c") })),
      "InvalidArn",
      wrongKind("express"),
    ],
    [
      "a state machine for an activity",
      () => client.send(new GetActivityTaskCommand({ activityArn: machine })),
      "InvalidArn",
      wrongKind("stateMachine"),
    ],
    [
      "an unknown activity",
      () => client.send(new GetActivityTaskCommand({ activityArn: arnOf("activity", "none") })),
      "ActivityDoesNotExist",
      `Activity does not exist: '${arnOf("activity", "none")}'`,
    ],
    [
      "no ARN with tags",
      () => client.send(new ListTagsForResourceCommand({ resourceArn: "nothing" })),
      "InvalidArn",
      "Invalid Arn: 'Invalid ARN prefix: nothing'",
    ],
    ["no role", () => make({ roleArn: "nobody" }), "InvalidArn", "Invalid Role Arn: 'nobody'"],
    [
      "an unknown execution to redrive",
      () => client.send(new RedriveExecutionCommand({ executionArn: execution })),
      "ExecutionDoesNotExist",
      `Execution Does Not Exist: '${execution}'`,
    ],
    [
      "a version to delete as a state machine",
      () => client.send(new DeleteStateMachineCommand({ stateMachineArn: `${machine}:1` })),
      "ValidationException",
      /./,
    ],
    [
      "a Map state to update",
      () => client.send(new UpdateStateMachineCommand({ stateMachineArn: `${machine}/Each`, roleArn })),
      "ValidationException",
      /./,
    ],
  ]);
  assert.equal((await client.send(new DescribeStateMachineCommand({ stateMachineArn: machine }))).status, "ACTIVE");
});

test("tokens that are none are refused, for pages and for tasks", async () => {
  const taskToken = "none";
  await refused([
    ["a page", () => client.send(new ListStateMachinesCommand({ nextToken: "!!!" })), "InvalidToken", "Invalid Token: 'Invalid token'"],
    ["a page", () => client.send(new ListActivitiesCommand({ nextToken: "bm9uZQ==" })), "InvalidToken", "Invalid Token: 'Invalid token'"],
    ["a task", () => client.send(new SendTaskHeartbeatCommand({ taskToken })), "InvalidToken", "Invalid Token: 'Invalid token'"],
    ["a task", () => client.send(new SendTaskFailureCommand({ taskToken })), "InvalidToken", "Invalid Token: 'Invalid token'"],
    ["a task", () => client.send(new SendTaskSuccessCommand({ taskToken, output: "1" })), "InvalidToken", "Invalid Token: 'Invalid token'"],
    ["an output", () => client.send(new SendTaskSuccessCommand({ taskToken, output: "{" })), "InvalidOutput", /^Invalid Output: '/],
  ]);
});

test("each kind of state machine refuses what is the other's", async () => {
  const express = await create(client, "quick", { Only: { Type: "Pass", End: true } }, { type: "EXPRESS" });
  const message = "This operation is not supported by this type of state machine";
  await refused([
    ["Standard", () => client.send(new StartSyncExecutionCommand({ stateMachineArn: machine })), "StateMachineTypeNotSupported", message],
    ["Express", () => client.send(new ListExecutionsCommand({ stateMachineArn: express })), "StateMachineTypeNotSupported", message],
    [
      "a callback in Express",
      () =>
        create(
          client,
          "callback",
          { Wait: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters: {}, End: true } },
          { type: "EXPRESS" },
        ),
      "InvalidDefinition",
      /^Invalid State Machine Definition: '/,
    ],
  ]);
});

test("what must come together or not at all is checked", async () => {
  const missing = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";
  const description = "Version description can only be set when publish is set to true";
  await refused([
    [
      "nothing to update",
      () => client.send(new UpdateStateMachineCommand({ stateMachineArn: machine, publish: true })),
      "MissingRequiredParameter",
      missing,
    ],
    ["a description of no version", () => make({ versionDescription: "first" }), "ValidationException", description],
    [
      "a description of no version",
      () => client.send(new UpdateStateMachineCommand({ stateMachineArn: machine, roleArn, versionDescription: "first" })),
      "ValidationException",
      description,
    ],
  ]);
});
