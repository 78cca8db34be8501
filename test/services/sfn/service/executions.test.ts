import assert from "node:assert/strict";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
import { create, roleArn, start, untilEnded } from "./machines-in.ts";

let cloud: TestCloud;
let client: SFNClient;
before(async () => {
  cloud = await newCloud();
  // An address of numbers takes no `sync-` before it.
  client = new SFNClient({ ...cloud.client, disableHostPrefix: true });
});
after(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

const pass = { Type: "Pass", End: true };

test("a Standard execution runs to its end, and its history is told in pages and backwards", async () => {
  const machine = await create(client, "pages", {
    First: { Type: "Pass", Result: { n: 1 }, ResultPath: "$.first", Next: "Wait" },
    Wait: { Type: "Wait", Seconds: 1, Next: "Choose" },
    Choose: { Type: "Choice", Choices: [{ Variable: "$.first.n", NumericEquals: 1, Next: "Last" }] },
    Last: { Type: "Succeed" },
  });
  const arn = await start(client, machine, { a: 1 }, "one");
  assert.equal(arn, "arn:aws:states:us-east-1:000000000000:execution:pages:one");
  const ended = await untilEnded(client, arn);
  assert.equal(ended.status, "SUCCEEDED");
  assert.deepEqual(JSON.parse(ended.output ?? ""), { a: 1, first: { n: 1 } });
  assert.equal(ended.redriveStatusReason, "Execution is SUCCEEDED and cannot be redriven");
  const all = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
  assert.deepEqual(
    all.events?.map(({ type }) => type),
    [
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "WaitStateEntered",
      "WaitStateExited",
      "ChoiceStateEntered",
      "ChoiceStateExited",
      "SucceedStateEntered",
      "SucceedStateExited",
      "ExecutionSucceeded",
    ],
  );
  const page = await client.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 4, reverseOrder: true }));
  assert.deepEqual(
    page.events?.map(({ id }) => id),
    [10, 9, 8, 7],
  );
  const next = await client.send(
    new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 6, reverseOrder: true, nextToken: page.nextToken }),
  );
  assert.deepEqual(
    next.events?.map(({ id }) => id),
    [6, 5, 4, 3, 2, 1],
  );
  assert.equal(next.nextToken, undefined);
  const bare = await client.send(new GetExecutionHistoryCommand({ executionArn: arn, includeExecutionData: false, maxResults: 2 }));
  assert.equal(bare.events?.[1]?.stateEnteredEventDetails?.input, undefined);
  assert.equal(bare.events?.[1]?.stateEnteredEventDetails?.name, "First");
});

test("starting a running execution again by its name and input is the same execution, and anything else is refused", async () => {
  const machine = await create(client, "names", { Wait: { Type: "Wait", Seconds: 600, End: true } });
  const [first, second] = await Promise.all([start(client, machine, { a: 1 }, "same"), start(client, machine, { a: 1 }, "same")]);
  assert.equal(first, second);
  const taken = { name: "ExecutionAlreadyExists", message: `Execution Already Exists: '${first}'` };
  await assert.rejects(start(client, machine, { a: 2 }, "same"), taken);
  await client.send(new StopExecutionCommand({ executionArn: first, error: "Enough", cause: "No more." }));
  await assert.rejects(start(client, machine, { a: 1 }, "same"), taken);
  const stopped = await client.send(new DescribeExecutionCommand({ executionArn: first }));
  assert.deepEqual([stopped.status, stopped.error, stopped.cause], ["ABORTED", "Enough", "No more."]);
});

test("wrong uses get AWS's faults", async () => {
  const machine = await create(client, "faults", { Only: pass });
  const unknown = "arn:aws:states:us-east-1:000000000000:stateMachine:none";
  const cases: [() => Promise<unknown>, string, RegExp][] = [
    [() => start(client, unknown), "StateMachineDoesNotExist", /^State Machine Does Not Exist: 'arn:.*:none'$/],
    [
      () => client.send(new StartExecutionCommand({ stateMachineArn: machine, input: "{" })),
      "InvalidExecutionInput",
      /^Invalid State Machine Execution Input: '/,
    ],
    [() => start(client, machine, {}, "a b"), "InvalidName", /^Invalid Name: 'a b'$/],
    [() => client.send(new StartExecutionCommand({ stateMachineArn: "none" })), "InvalidArn", /^Invalid Arn: /],
    [
      () => client.send(new DescribeExecutionCommand({ executionArn: `${unknown.replace("stateMachine", "execution")}:x` })),
      "ExecutionDoesNotExist",
      /^Execution Does Not Exist: '/,
    ],
    [
      () => client.send(new StartSyncExecutionCommand({ stateMachineArn: machine })),
      "StateMachineTypeNotSupported",
      /not supported by this type of state machine/,
    ],
    [
      () => client.send(new CreateStateMachineCommand({ name: "bad", definition: `{"StartAt":"A","States":{}}`, roleArn })),
      "InvalidDefinition",
      /^Invalid State Machine Definition: '/,
    ],
    [() => create(client, "faults", { Other: pass }), "StateMachineAlreadyExists", /^State Machine Already Exists: '/],
    [() => client.send(new UpdateStateMachineCommand({ stateMachineArn: machine })), "MissingRequiredParameter", /./],
  ];
  for (const [work, name, message] of cases) await assert.rejects(work(), { name, message });
  assert.equal(await create(client, "faults", { Only: pass }), machine);
});

test("an update counts for executions that start after it", async () => {
  const machine = await create(client, "updated", { Only: { Type: "Pass", Result: 1, End: true } });
  const before = await start(client, machine);
  assert.equal((await untilEnded(client, before)).output, "1");
  const definition = JSON.stringify({ StartAt: "New", States: { New: { Type: "Pass", Result: 2, End: true } } });
  const { revisionId } = await client.send(new UpdateStateMachineCommand({ stateMachineArn: machine, definition }));
  const after = await start(client, machine);
  assert.equal((await untilEnded(client, after)).output, "2");
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machine }));
  assert.deepEqual([described.definition, described.revisionId, described.status], [definition, revisionId, "ACTIVE"]);
  const old = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn: before }));
  assert.match(old.definition ?? "", /Only/);
  const listed = await client.send(new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 1, statusFilter: "SUCCEEDED" }));
  assert.deepEqual(
    listed.executions?.map(({ executionArn }) => executionArn),
    [after],
  );
  const rest = await client.send(new ListExecutionsCommand({ stateMachineArn: machine, nextToken: listed.nextToken }));
  assert.deepEqual(
    rest.executions?.map(({ executionArn }) => executionArn),
    [before],
  );
  await client.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));
  await assert.rejects(start(client, machine), { name: "StateMachineDoesNotExist" });
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  assert.ok(!stateMachines.some(({ name }) => name === "updated"));
  const again = await create(client, "updated", { Only: { Type: "Pass", Result: 3, End: true } });
  const named = await start(client, again, {}, before.slice(before.lastIndexOf(":") + 1));
  assert.equal(named, before);
  assert.equal((await untilEnded(client, named)).output, "3");
});

test("what runs of a state machine that is deleted fails, and stays to be described", async () => {
  const machine = await create(client, "ending", { Long: { Type: "Wait", Seconds: 600, End: true } });
  const arn = await start(client, machine);
  await client.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));
  const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
  assert.deepEqual([status, error, cause], ["FAILED", "States.Runtime", "State machine ending has been deleted."]);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 1 }));
  assert.deepEqual(
    events.map(({ id, previousEventId, type }) => [id, previousEventId, type]),
    [[3, 2, "ExecutionFailed"]],
  );
});

test("a failed execution is redriven from the state that failed", async () => {
  const Resource = "arn:aws:states:::aws-sdk:s3:getBucketLocation";
  const machine = await create(client, "redriven", {
    First: { Type: "Pass", Next: "Look" },
    Look: { Type: "Task", Resource, Parameters: { Bucket: "redriven" }, End: true },
  });
  const arn = await start(client, machine);
  const failed = await untilEnded(client, arn);
  assert.equal(failed.error, "S3.NoSuchBucketException");
  assert.match(failed.cause ?? "", /^The specified bucket does not exist \(Service: S3, Status Code: 404/);
  assert.equal(failed.redriveStatus, "REDRIVABLE");
  const { CreateBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "redriven" }));
  s3.destroy();
  const redrive = new RedriveExecutionCommand({ executionArn: arn, clientToken: "once" });
  const { redriveDate } = await client.send(redrive);
  const ended = await untilEnded(client, arn);
  assert.deepEqual([ended.status, ended.redriveCount, ended.redriveDate], ["SUCCEEDED", 1, redriveDate]);
  // A client that lost the answer asks again with the same token.
  assert.deepEqual((await client.send(redrive)).redriveDate, redriveDate);
  assert.equal((await untilEnded(client, arn)).redriveCount, 1);
  await assert.rejects(client.send(new RedriveExecutionCommand({ executionArn: arn })), {
    name: "ExecutionNotRedrivable",
    message: "Execution is SUCCEEDED and cannot be redriven",
  });
});

test("an Express execution answers synchronously, on the host with the prefix too", async () => {
  const machine = await create(client, "express", { Only: { Type: "Pass", Result: { ok: true }, End: true } }, { type: "EXPRESS" });
  const answer = await client.send(new StartSyncExecutionCommand({ stateMachineArn: machine, input: "{}" }));
  assert.deepEqual([answer.status, answer.output], ["SUCCEEDED", `{"ok":true}`]);
  assert.match(answer.executionArn ?? "", /:express:express:[0-9a-f-]+:[0-9a-f-]+$/);
  const failing = await create(client, "express-fails", { Only: { Type: "Fail", Error: "Bad", Cause: "luck" } }, { type: "EXPRESS" });
  const failed = await client.send(new StartSyncExecutionCommand({ stateMachineArn: failing }));
  assert.deepEqual([failed.status, failed.error, failed.cause], ["FAILED", "Bad", "luck"]);
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: machine }));
  assert.match(executionArn ?? "", /:express:/);
  const headers = {
    host: "sync-states.us-east-1.amazonaws.com",
    "x-amz-target": "AWSStepFunctions.StartSyncExecution",
    "content-type": "application/x-amz-json-1.0",
  };
  const told = await new Promise<string>((resolve, reject) => {
    const sent = request(cloud.endpoint, { method: "POST", headers }, (response) => void text(response).then(resolve, reject));
    sent.end(JSON.stringify({ stateMachineArn: machine }));
  });
  assert.equal((JSON.parse(told) as { output: string }).output, `{"ok":true}`);
});

test("a definition is validated without being kept", async () => {
  const found = await client.send(
    new ValidateStateMachineDefinitionCommand({ definition: `{"StartAt":"A","States":{"B":{"Type":"Succeed"}}}` }),
  );
  assert.equal(found.result, "FAIL");
  assert.equal(found.diagnostics?.[0]?.code, "MISSING_TRANSITION_TARGET");
});

test("state machines carry tags", async () => {
  const resourceArn = await create(client, "tagged", { Only: pass });
  await client.send(
    new TagResourceCommand({
      resourceArn,
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    }),
  );
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a"] }));
  const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  assert.deepEqual(tags, [{ key: "b", value: "2" }]);
  await assert.rejects(client.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}x` })), { name: "ResourceNotFound" });
});
