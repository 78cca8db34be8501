import assert from "node:assert/strict";
import { test } from "node:test";
import { TestStateCommand } from "@aws-sdk/client-sfn";
import type { TestStateCommandInput } from "@aws-sdk/client-sfn";
import { openCloud, roleArn } from "./machines-in.ts";
import { benchOf, both, each, failing, giving, invoke, many, parsed } from "./states-in.ts";

const { client } = await openCloud();
const { ask, refused } = benchOf(client);

const describing = {
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:sfn:describeExecution",
  Parameters: { ExecutionArn: "a" },
  End: true,
};
const described = { ExecutionArn: "a", StateMachineArn: "m", Status: "SUCCEEDED", StartDate: "2026-01-01T00:00:00Z" };

test("STRICT wants the required members of a mocked result, PRESENT only looks at what is there", async () => {
  assert.equal((await ask(describing, giving(described))).status, "SUCCEEDED");
  const { StartDate: _, ...less } = described;
  await refused(describing, giving(less), /DescribeExecution: 'StartDate' is required/);
  const present = (result: unknown) => ({ mock: { result: JSON.stringify(result), fieldValidationMode: "PRESENT" as const } });
  assert.equal((await ask(describing, present(less))).status, "SUCCEEDED");
  await refused(describing, present({ ...less, Status: 1 }), /'Status' must be a string/);
});

test("names of members count with their case, and unknown ones are not looked at", async () => {
  const { ExecutionArn: executionArn, ...rest } = described;
  await refused(describing, giving({ ...rest, executionArn }), /'ExecutionArn' is required/);
  assert.equal((await ask(describing, giving({ ...described, executionArn: 1 }))).status, "SUCCEEDED");
});

test("a mocked result is checked as deep as it goes", async () => {
  const run = { ...describing, Resource: "arn:aws:states:::ecs:runTask", Parameters: { TaskDefinition: "t" } };
  const task = (containers: unknown) => giving({ Tasks: [{ Containers: containers }] });
  await refused(run, task([{ ExitCode: "0" }]), /RunTask: 'Tasks\[0\].Containers\[0\].ExitCode' must be a number/);
  await refused(run, task({}), /'Tasks\[0\].Containers' must be an array/);
  await refused(run, giving([]), /it must be an object/);
  assert.equal((await ask(run, task([{ ExitCode: 0 }]))).status, "SUCCEEDED");
});

test("NONE takes any JSON, but JSON it must be", async () => {
  const mock = (result: string) => ({ mock: { result, fieldValidationMode: "NONE" as const } });
  assert.equal((await ask(describing, mock("5"))).output, "5");
  await refused(describing, mock("{"), /not valid JSON/);
});

test("a function's payload may be anything in a mock of lambda:invoke, but not its status", async () => {
  for (const Payload of [{ a: 1 }, "text", 1]) assert.equal((await ask(invoke, giving({ Payload, StatusCode: 200 }))).status, "SUCCEEDED");
  await refused(invoke, giving({ StatusCode: "200" }), /'StatusCode' must be a number/);
});

test("a mock of a nested execution that is waited for has the shape of DescribeExecution", async () => {
  const nested = { ...describing, Resource: "arn:aws:states:::states:startExecution.sync:2", Parameters: { StateMachineArn: "m" } };
  const { output } = await ask(nested, giving({ ...described, Output: `{"a":1}` }));
  assert.deepEqual(parsed(output), { ...described, Output: `{"a":1}` });
  await refused(nested, giving({ ...described, Output: { a: 1 } }), /DescribeExecution: 'Output' must be a string/);
  await refused(nested, giving({ ExecutionArn: "a", StartDate: "d" }), /is required/);
});

test("a mock of an HTTP Task, or of a service whose model is not here, is taken as it is", async () => {
  const Parameters = { ApiEndpoint: "https://example.com", Method: "GET", InvocationConfig: { ConnectionArn: "c" } };
  const http = { ...describing, Resource: "arn:aws:states:::http:invoke", Parameters };
  const item = { ...describing, Resource: "arn:aws:states:::dynamodb:putItem", Parameters: { TableName: "t", Item: {} } };
  for (const state of [http, item]) assert.equal((await ask(state, giving({ Attributes: 1 }))).output, `{"Attributes":1}`);
});

test("a Map's mocked result is an array, or an object if its results are written to S3", async () => {
  const input = { items: [1] };
  await refused(each, { input, ...giving({}) }, /Map state must be a JSON array/);
  const written = { ...many, ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b" } } };
  await refused(written, { input, ...giving([]) }, /with a ResultWriter must be a JSON object/);
  assert.equal((await ask(written, { input, ...giving({ MapRunArn: "r" }) })).output, `{"MapRunArn":"r"}`);
});

test("activities, jobs and callbacks are tested with a mock only", async () => {
  const activity = { ...describing, Resource: "arn:aws:states:us-east-1:000000000000:activity:paint" };
  assert.equal((await ask(activity, giving({ painted: true }))).output, `{"painted":true}`);
  const job = { ...describing, Resource: "arn:aws:states:::ecs:runTask.sync", Parameters: { TaskDefinition: "t" } };
  const callback = { ...invoke, Resource: `${invoke.Resource}.waitForTaskToken` };
  for (const state of [activity, job, callback]) await refused(state, { roleArn }, /is not supported when a mock is not specified/);
});

test("Map and Parallel states are refused without a mock, other states with one", async () => {
  for (const state of [each, many, both]) await refused(state, {}, /is not supported when a mock is not specified/);
  await refused({ Type: "Pass", End: true }, giving({}), /^State type 'Pass' is not supported when a mock is specified$/);
  await refused({ Type: "Succeed" }, failing("E"), /^State type 'Succeed' is not supported/);
});

test("a mock has a result or an error, and no secrets", async () => {
  await refused(invoke, { mock: { ...giving({}).mock, ...failing("E").mock } }, /only one of the following fields/);
  await refused(invoke, { mock: {} }, /one of the following fields/);
  await refused(invoke, { mock: { errorOutput: { cause: "c" } } }, /must have an error/);
  await refused(invoke, { ...giving({}), revealSecrets: true }, /revealSecrets/);
});

test("what belongs to a mock is refused without one", async () => {
  await refused({ Type: "Pass", End: true }, { context: {} }, /context may only be specified together with a mock/);
  await refused(many, { stateConfiguration: { mapIterationFailureCount: 1 } }, /together with a mock/);
});

test("the configuration must fit the tested state", async () => {
  const configured = (stateConfiguration: TestStateCommandInput["stateConfiguration"]) => ({ ...failing("E"), stateConfiguration });
  await refused(invoke, configured({ errorCausedByState: "Work" }), /Map or Parallel/);
  await refused(invoke, configured({ mapIterationFailureCount: 1 }), /for a Map state/);
  await refused(many, configured({ mapItemReaderData: "[]" }), /with an ItemReader/);
  await refused(invoke, configured({ retrierRetryCount: -1 }), /greater than or equal to 0/);
});

test("input, variables and context must be JSON", async () => {
  const definition = JSON.stringify(invoke);
  const send = (asked: Partial<TestStateCommandInput>) => client.send(new TestStateCommand({ definition, ...giving({}), ...asked }));
  await assert.rejects(send({ input: "{" }), { name: "InvalidExecutionInput" });
  await assert.rejects(send({ variables: "[]" }), { name: "ValidationException", message: "The variables must be a JSON object" });
  await assert.rejects(send({ context: "{" }), { name: "ValidationException", message: "The context must be a JSON object" });
});
