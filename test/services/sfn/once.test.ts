import assert from "node:assert/strict";
import { test } from "node:test";
import { newNamings } from "#services/sfn/integrations/members.ts";
import { newTasks } from "#services/sfn/integrations/tasks.ts";
import type { TaskEffect } from "#services/sfn/integrations/tasks.ts";
import { parseResource } from "#services/sfn/language/resource.ts";
import { Fault } from "#wire/fault.ts";
import { readModel } from "#wire/model.ts";
import type { Call } from "#wire/operation.ts";

const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:child";
const executionArn = "arn:aws:states:us-east-1:000000000000:execution:parent:one";
const origin = {
  executionArn,
  name: "one",
  roleArn: "arn:aws:iam::000000000000:role/r",
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:parent",
  stateMachineName: "parent",
  region: "us-east-1",
  input: "{}",
};
const models = {
  ecs: readModel({ name: "ecs", signingNames: [], hostNames: [], protocols: ["awsJson1_1"] }, await import("@aws-sdk/client-ecs")),
  sfn: readModel({ name: "sfn", signingNames: [], hostNames: [], protocols: ["awsJson1_0"] }, await import("@aws-sdk/client-sfn")),
};

type Asked = { operation: string; input: Record<string, unknown> };

type Again = { key?: string; durableId?: string };

/** Performs a task as a process does that knows nothing of one before it; `answer` stands for the services. */
const perform = async (name: string, input: object, answer: (asked: Asked) => object, again: Again = {}) => {
  const { key = "0-5", durableId = `${origin.executionArn} 0` } = again;
  const resource = parseResource(`arn:aws:states:::${name}`);
  assert.ok(resource);
  const asked: Asked[] = [];
  const call = (async (_service: string, operation: string, given: Record<string, unknown>) => {
    asked.push({ operation, input: given });
    return answer({ operation, input: given });
  }) as unknown as Call;
  const tasks = newTasks({
    callAs: () => call,
    modelOf: async (service) => (service === "ecs" ? models.ecs : models.sfn),
    namings: newNamings(),
    rows: undefined,
    now: () => 0,
    newId: () => crypto.randomUUID(),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const effect = { kind: "task", key, resource, input: JSON.stringify(input), token: undefined, credentials: undefined } as TaskEffect;
  const ended = await tasks.perform(effect, { origin, signal: new AbortController().signal, tell: async () => {}, durableId });
  return { ended, asked };
};

const tokensOf = async (input: object, again?: Again) =>
  (await perform("ecs:runTask", { TaskDefinition: "t", ...input }, () => ({ tasks: [], failures: [] }), again)).asked.map(
    (each) => each.input["clientToken"],
  );

test("a call that a crash has done again has the token that it had, and another task another", async () => {
  const [token] = await tokensOf({});
  assert.match(String(token), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(await tokensOf({}), [token]);
  assert.notDeepEqual(await tokensOf({}, { key: "0-9" }), [token]);
  assert.notDeepEqual(await tokensOf({}, { durableId: `${origin.executionArn} 1` }), [token]);
  assert.deepEqual(await tokensOf({ ClientToken: "mine" }), ["mine"]);
});

test("a nested execution that was begun before a crash, and has ended since, is found again", async () => {
  const begun = new Map<unknown, object>();
  const service = ({ operation, input }: Asked): object => {
    const arn = `arn:aws:states:us-east-1:000000000000:execution:child:${String(input["name"])}`;
    if (operation === "DescribeExecution") return begun.get(input["executionArn"]) ?? {};
    if (begun.has(arn)) throw new Fault("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const startDate = new Date(5);
    begun.set(arn, { executionArn: arn, startDate, status: "SUCCEEDED", output: `"done"`, stateMachineArn: machine });
    return { executionArn: arn, startDate };
  };
  const outputOf = async (name: string, input: object) => {
    const { ended } = await perform(name, { StateMachineArn: machine, ...input }, service);
    assert.ok(ended.kind === "taskSucceeded", JSON.stringify(ended));
    return JSON.parse(ended.output) as Record<string, unknown>;
  };
  const first = await outputOf("states:startExecution", {});
  const again = await outputOf("states:startExecution", {});
  assert.deepEqual([again["ExecutionArn"], again["StartDate"]], [first["ExecutionArn"], 5]);
  assert.deepEqual(Object.keys(again), Object.keys(first));
  assert.equal((await outputOf("states:startExecution.sync:2", {}))["Output"], "done");
  assert.equal(begun.size, 1);
  await outputOf("states:startExecution", { Name: "mine" });
  const { ended } = await perform("states:startExecution", { StateMachineArn: machine, Name: "mine" }, service);
  assert.deepEqual([ended.kind, "error" in ended && ended.error], ["taskFailed", "StepFunctions.ExecutionAlreadyExistsException"]);
});
