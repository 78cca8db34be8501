import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeActivityCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  PublishStateMachineVersionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { CreateStateMachineCommandInput, LoggingConfiguration } from "@aws-sdk/client-sfn";
import { openCloud, roleArn, start } from "./machines-in.ts";

const { client } = await openCloud();

const definition = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } });
const make = async (name: string, input: Partial<CreateStateMachineCommandInput> = {}) =>
  (await client.send(new CreateStateMachineCommand({ name, definition, roleArn, ...input }))).stateMachineArn ?? "";
const describe = (stateMachineArn: string) => client.send(new DescribeStateMachineCommand({ stateMachineArn }));
const logGroup = (arn: string) => ({ cloudWatchLogsLogGroup: { logGroupArn: arn } });
const group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/all";

test("a state machine tells its settings, and the defaults of those that nobody set", async () => {
  const plain = await describe(await make("plain"));
  assert.deepEqual(plain.loggingConfiguration, { level: "OFF", includeExecutionData: false });
  assert.deepEqual(plain.tracingConfiguration, { enabled: false });
  assert.deepEqual(plain.encryptionConfiguration, { type: "AWS_OWNED_KEY" });
  const set = {
    loggingConfiguration: { level: "ERROR", includeExecutionData: true, destinations: [logGroup(`${group}:*`)] },
    tracingConfiguration: { enabled: true },
    encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: "alias/mine", kmsDataKeyReusePeriodSeconds: 60 },
  } satisfies Partial<CreateStateMachineCommandInput>;
  const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = await describe(await make("set", set));
  assert.deepEqual({ loggingConfiguration, tracingConfiguration, encryptionConfiguration }, set);
});

test("an update changes the settings that it names, and keeps the others", async () => {
  const stateMachineArn = await make("kept", { tracingConfiguration: { enabled: true } });
  const loggingConfiguration: LoggingConfiguration = { level: "ALL", destinations: [logGroup(`${group}:*`)] };
  await client.send(new UpdateStateMachineCommand({ stateMachineArn, loggingConfiguration }));
  const after = await describe(stateMachineArn);
  assert.deepEqual(after.loggingConfiguration, { ...loggingConfiguration, includeExecutionData: false });
  assert.deepEqual([after.tracingConfiguration, after.definition], [{ enabled: true }, definition]);
});

test("settings that cannot be are refused", async () => {
  const cases: [Partial<CreateStateMachineCommandInput>, string, string | RegExp][] = [
    [
      { loggingConfiguration: { level: "ALL" } },
      "InvalidLoggingConfiguration",
      "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    ],
    [
      { loggingConfiguration: { level: "ALL", destinations: [logGroup(`${group}:*`), logGroup(`${group}2:*`)] } },
      "InvalidLoggingConfiguration",
      "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    ],
    [
      { loggingConfiguration: { level: "ALL", destinations: [logGroup(group)] } },
      "InvalidLoggingConfiguration",
      "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier.",
    ],
    [{ loggingConfiguration: { level: "ALL", destinations: [{}] } }, "InvalidLoggingConfiguration", /null/],
    [
      { loggingConfiguration: { level: "SOME" as "ALL" } },
      "ValidationException",
      /'loggingConfiguration.level' .* \[ALL, ERROR, FATAL, OFF\]$/,
    ],
    [{ tracingConfiguration: {} }, "InvalidTracingConfiguration", /enabled/],
    [{ encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY" } }, "InvalidEncryptionConfiguration", /kmsKeyId/],
    [{ encryptionConfiguration: { type: "AWS_OWNED_KEY", kmsKeyId: "alias/mine" } }, "InvalidEncryptionConfiguration", /kmsKeyId/],
    [
      { encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: "k", kmsDataKeyReusePeriodSeconds: 59 } },
      "ValidationException",
      /kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60$/,
    ],
  ];
  for (const [input, name, message] of cases) await assert.rejects(make("refused", input), { name, message });
  await assert.rejects(describe("arn:aws:states:us-east-1:000000000000:stateMachine:refused"), { name: "StateMachineDoesNotExist" });
});

test("making the same state machine again is no error; role and tags do not count, and settings do", async () => {
  const loggingConfiguration = { level: "OFF", includeExecutionData: false } as const;
  const first = await make("again");
  assert.equal(await make("again", { loggingConfiguration, tracingConfiguration: { enabled: false } }), first);
  assert.equal(await make("again", { roleArn: `${roleArn}2`, tags: [{ key: "a", value: "b" }] }), first);
  assert.equal((await describe(first)).roleArn, roleArn);
  for (const other of [{ tracingConfiguration: { enabled: true } }, { type: "EXPRESS" }, { definition: `${definition} ` }] as const)
    await assert.rejects(make("again", other), { name: "StateMachineAlreadyExists", message: `State Machine Already Exists: '${first}'` });
});

test("what a state machine was created as has no revision id, and INITIAL stands for it", async () => {
  const stateMachineArn = await make("revised");
  assert.equal((await describe(stateMachineArn)).revisionId, undefined);
  const publish = (revisionId: string) => client.send(new PublishStateMachineVersionCommand({ stateMachineArn, revisionId }));
  assert.equal((await publish("INITIAL")).stateMachineVersionArn, `${stateMachineArn}:1`);
  const updated = await client.send(new UpdateStateMachineCommand({ stateMachineArn, roleArn: `${roleArn}2` }));
  assert.match(updated.revisionId ?? "", /^[0-9a-f-]{36}$/);
  assert.equal((await describe(stateMachineArn)).revisionId, updated.revisionId);
  await assert.rejects(publish("INITIAL"), {
    name: "ConflictException",
    message: `Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is ${updated.revisionId}.`,
  });
});

test("a description tells which variables a state uses, of states that use any", async () => {
  const States = {
    Set: { Type: "Pass", Assign: { total: 1 }, Next: "Use" },
    Use: { Type: "Pass", Output: "{% $total + $states.input.more %}", End: true },
  };
  const using = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "Set", States });
  const arn = await make("variables", { definition: using });
  assert.deepEqual((await describe(arn)).variableReferences, { Use: ["total"] });
  const executionArn = await start(client, arn, { more: 1 });
  const ofExecution = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  assert.deepEqual(ofExecution.variableReferences, { Use: ["total"] });
  assert.ok(!("variableReferences" in (await describe(await make("no-variables")))));
});

test("a description of metadata alone has no definition", async () => {
  const stateMachineArn = await make("hidden");
  const executionArn = await start(client, stateMachineArn);
  const includedData = "METADATA_ONLY";
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn, includedData }));
  const ran = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn, includedData }));
  assert.deepEqual([described.definition, described.roleArn, ran.definition, ran.name], ["{}", roleArn, "{}", "hidden"]);
});

test("an activity keeps the encryption that it was made with", async () => {
  const encryptionConfiguration = { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: "alias/mine" } as const;
  const { activityArn } = await client.send(new CreateActivityCommand({ name: "secret", encryptionConfiguration }));
  assert.deepEqual((await client.send(new DescribeActivityCommand({ activityArn }))).encryptionConfiguration, encryptionConfiguration);
  await client.send(new CreateActivityCommand({ name: "secret", encryptionConfiguration }));
  await assert.rejects(client.send(new CreateActivityCommand({ name: "secret" })), { name: "ActivityAlreadyExists" });
});
