import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import {
  CreateActivityCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { create, openCloud, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

const pass = { Only: { Type: "Pass", End: true } };

test("pages of state machines and activities make up the list; none asked for is a hundred", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `listed-${index}`);
  for (const name of names) {
    await create(client, name, pass);
    await client.send(new CreateActivityCommand({ name }));
  }
  const machines: string[] = [];
  const activities: string[] = [];
  for (let nextToken: string | undefined = ""; nextToken !== undefined;) {
    const page: { stateMachines?: { name: string | undefined }[] | undefined; nextToken?: string | undefined } = await client.send(
      new ListStateMachinesCommand({ maxResults: 3, ...(nextToken === "" ? {} : { nextToken }) }),
    );
    machines.push(...(page.stateMachines ?? []).map(({ name = "" }) => name));
    nextToken = page.nextToken;
  }
  const whole = await client.send(new ListActivitiesCommand({ maxResults: 0 }));
  activities.push(...(whole.activities ?? []).map(({ name = "" }) => name));
  assert.deepEqual([machines, activities, whole.nextToken], [names, names, undefined]);
});

test("executions are listed the latest first, by their status and whether they were redriven", async () => {
  const machine = await create(client, "ordered", {
    Which: { Type: "Choice", Choices: [{ Variable: "$.seconds", NumericLessThan: 1, Next: "Done" }], Default: "Wait" },
    Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Done" },
    Done: { Type: "Pass", End: true },
  });
  const slow = await start(client, machine, { seconds: 1 });
  await pause(5);
  const running = await start(client, machine, { seconds: 600 });
  await pause(5);
  const quick = await start(client, machine, { seconds: 0 });
  await untilEnded(client, quick);
  await untilEnded(client, slow);
  const list = async (input: object = {}) => {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn: machine, ...input }));
    return executions.map(({ executionArn }) => executionArn);
  };
  assert.deepEqual(await list(), [quick, running, slow]);
  assert.deepEqual(await list({ statusFilter: "RUNNING" }), [running]);
  await client.send(new StopExecutionCommand({ executionArn: running }));
  assert.deepEqual(await list({ statusFilter: "ABORTED" }), [running]);
  await client.send(new RedriveExecutionCommand({ executionArn: running }));
  assert.deepEqual(await list({ redriveFilter: "REDRIVEN" }), [running]);
  assert.deepEqual(await list({ redriveFilter: "NOT_REDRIVEN", maxResults: 1 }), [quick]);
  const { executions = [] } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: "RUNNING", maxResults: 1 }),
  );
  assert.deepEqual(
    executions.map(({ executionArn, redriveCount, stopDate }) => [executionArn, redriveCount, stopDate]),
    [[running, 1, undefined]],
  );
});

test("a history is paged to its end, and not beyond", async () => {
  const executionArn = await start(client, await create(client, "history", pass));
  await untilEnded(client, executionArn);
  const page = (input: object) => client.send(new GetExecutionHistoryCommand({ executionArn, ...input }));
  const first = await page({ maxResults: 3 });
  const rest = await page({ maxResults: 3, nextToken: first.nextToken });
  assert.deepEqual(
    [...(first.events ?? []), ...(rest.events ?? [])].map(({ id, previousEventId }) => [id, previousEventId]),
    [
      [1, 0],
      [2, 0],
      [3, 2],
      [4, 3],
    ],
  );
  assert.equal(rest.nextToken, undefined);
  assert.equal((await page({ maxResults: 4 })).nextToken, undefined);
  await assert.rejects(page({ nextToken: Buffer.from("99").toString("base64") }), { name: "InvalidToken" });
});
