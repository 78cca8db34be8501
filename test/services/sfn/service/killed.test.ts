import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  SFNClient,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  paginateGetExecutionHistory,
} from "@aws-sdk/client-sfn";
import type { DescribeExecutionCommandOutput } from "@aws-sdk/client-sfn";
import * as fc from "fast-check";
import { spawnCloud, temporaryFolder } from "../../../cloud.ts";
import { randomMachine } from "../random-machine.ts";
import { create, start, untilEnded } from "./machines-in.ts";

const machines = 16;
const mostKills = 5;
const input = { items: [1, 2, 3], n: 4 };

/** Tasks that call what is there: one that always answers, or one that always fails with an error of its own. */
const withRealTasks = (definition: object): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(definition, (key, value: unknown) => {
      if (key === "ErrorEquals" && JSON.stringify(value) === `["E"]`) return ["S3.NoSuchBucketException"];
      if (key === "Seconds") return Number(value) % 3;
      if (typeof value !== "object" || value === null || !("Resource" in value)) return value;
      const { Parameters, Arguments, ResultSelector, Output, Resource: _, ...rest } = value as Record<string, unknown>;
      const fails = Number((Parameters ?? Arguments) && ((Parameters ?? Arguments) as { fails: number }).fails) > 0;
      const action = fails ? "s3:getBucketLocation" : "sts:getCallerIdentity";
      const parameters = fails ? { Bucket: "none-such" } : {};
      const asked = Arguments ? { Arguments: parameters } : { Parameters: parameters };
      const told = Output
        ? { Output: { got: "{% $states.result.Account %}" } }
        : ResultSelector
          ? { ResultSelector: { "got.$": "$.Account" } }
          : {};
      return { ...rest, Resource: `arn:aws:states:::aws-sdk:${action}`, ...asked, ...told };
    }),
  ) as Record<string, unknown>;

/** Causes of failed calls name the request, which is another one each time. */
const endOf = ({ status, output, error, cause }: DescribeExecutionCommandOutput) =>
  [status, output, error, cause].map((text) => text?.replaceAll(/Request ID: [0-9a-f-]+/g, "Request ID"));

const checkHistory = async (client: SFNClient, executionArn: string): Promise<void> => {
  const ids: number[] = [];
  let last = "";
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn, maxResults: 1000 }))
    for (const { id = 0, previousEventId = 0, type = "" } of events) {
      ids.push(id);
      assert.ok(previousEventId < id);
      last = type;
    }
  assert.deepEqual(
    ids,
    ids.map((_, index) => index + 1),
    `the history of ${executionArn} has gaps or doubles`,
  );
  assert.match(last, /^Execution(Succeeded|Failed)$/);
};

test("random executions whose cloud is killed again and again end as they do uninterrupted", async (context) => {
  const seed = Number(process.env["TANDEM_SEED"] ?? Date.now() % 2 ** 31);
  context.diagnostic(`TANDEM_SEED=${seed}`);
  const definitions = fc.sample(randomMachine, { numRuns: machines, seed }).map(withRealTasks);
  const lives = fc.sample(fc.integer({ min: 50, max: 2_000 }), { numRuns: mostKills, seed });
  const dataPath = await temporaryFolder();
  try {
    let cloud = await spawnCloud(dataPath);
    let client = new SFNClient(cloud.client);
    const arns = await Promise.all(
      definitions.map((definition, index) => create(client, `m${index}`, definition["States"] as Record<string, unknown>, definition)),
    );
    const plain = await Promise.all(arns.map(async (arn) => untilEnded(client, await start(client, arn, input, "plain"))));
    const killed = await Promise.all(arns.map((arn) => start(client, arn, input, "killed")));
    for (const lifeMs of lives) {
      await pause(lifeMs);
      await cloud.kill();
      client.destroy();
      cloud = await spawnCloud(dataPath);
      client = new SFNClient(cloud.client);
    }
    await using _ = cloud;
    for (const [index, executionArn] of killed.entries()) {
      const ended = await untilEnded(client, executionArn);
      assert.deepEqual(endOf(ended), endOf(plain[index] ?? ended), JSON.stringify(definitions[index]));
      await checkHistory(client, executionArn);
    }
    for (const stateMachineArn of arns) {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
      assert.equal(executions.length, 2, "an execution is lost, or there is one too many");
    }
    client.destroy();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("tokens, timers, heartbeats and time limits outlive kill -9", async () => {
  const dataPath = await temporaryFolder();
  try {
    const first = await spawnCloud(dataPath);
    let client = new SFNClient(first.client);
    const activity = async (name: string) => (await client.send(new CreateActivityCommand({ name }))).activityArn ?? "";
    const [beaten, silent, unheard] = [await activity("beaten"), await activity("silent"), await activity("unheard")];
    const task = (Resource: string, limits: object) => ({ Work: { Type: "Task", Resource, ...limits, End: true } });
    const child = await create(client, "child", { Only: { Type: "Pass", End: true } });
    const callback = await create(client, "callback", {
      Ask: {
        Type: "Task",
        Resource: "arn:aws:states:::states:startExecution.waitForTaskToken",
        Parameters: { StateMachineArn: child, Name: "asked", Input: { "token.$": "$$.Task.Token" } },
        End: true,
      },
    });
    const begin = async (name: string, states: Record<string, unknown>) => start(client, await create(client, name, states));
    const [asking, slept, sleeping] = await Promise.all([
      start(client, callback),
      begin("slept", { Wait: { Type: "Wait", Seconds: 2, End: true } }),
      begin("sleeping", { Wait: { Type: "Wait", Seconds: 9, End: true } }),
    ]);
    const [keeping, losing, late] = await Promise.all([
      begin("keeping", task(beaten, { HeartbeatSeconds: 8 })),
      begin("losing", task(silent, { HeartbeatSeconds: 5 })),
      begin("late", task(unheard, { TimeoutSeconds: 6 })),
    ]);
    const take = async (activityArn: string) => (await client.send(new GetActivityTaskCommand({ activityArn }))).taskToken ?? "";
    const [beating] = await Promise.all([take(beaten), take(silent)]);
    const asked = child.replace(":stateMachine:", ":execution:");
    const { input: given = "" } = await untilEnded(client, `${asked}:asked`);
    const { token } = JSON.parse(given) as { token: string };
    await client.send(new SendTaskHeartbeatCommand({ taskToken: beating }));
    await first.kill();
    client.destroy();
    await pause(2_000);

    await using second = await spawnCloud(dataPath);
    client = new SFNClient(second.client);
    await client.send(new SendTaskHeartbeatCommand({ taskToken: beating }));
    await client.send(new SendTaskSuccessCommand({ taskToken: token, output: `"called back"` }));
    const ends = await Promise.all([asking, slept, sleeping, losing, late].map((arn) => untilEnded(client, arn)));
    assert.deepEqual(
      ends.map(({ status, output, error }) => [status, output, error]),
      [
        ["SUCCEEDED", `"called back"`, undefined],
        ["SUCCEEDED", "{}", undefined],
        ["SUCCEEDED", "{}", undefined],
        ["FAILED", undefined, "States.Timeout"],
        ["FAILED", undefined, "States.Timeout"],
      ],
    );
    const lasted = ends.map(({ startDate, stopDate }) => (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0));
    for (const [index, seconds] of [0, 2, 9, 5, 6].entries())
      assert.ok((lasted[index] ?? 0) >= seconds * 1000, `${index} took ${lasted[index]} ms`);
    assert.equal((await client.send(new DescribeExecutionCommand({ executionArn: keeping }))).status, "RUNNING");
    await client.send(new SendTaskSuccessCommand({ taskToken: beating, output: `"beaten"` }));
    assert.equal((await untilEnded(client, keeping)).output, `"beaten"`);
    client.destroy();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
