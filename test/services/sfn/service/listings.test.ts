import assert from "node:assert/strict";
import { test } from "node:test";
import { ListExecutionsCommand, RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import type { ListExecutionsCommandInput } from "@aws-sdk/client-sfn";
import { create, openCloud, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

const list = async (input: ListExecutionsCommandInput) => {
  const { executions = [], nextToken } = await client.send(new ListExecutionsCommand(input));
  return { names: executions.map(({ name }) => name ?? ""), nextToken };
};

/** All pages, one after the other, with something done between them. */
const pages = async (input: ListExecutionsCommandInput, between: () => Promise<unknown> = async () => {}): Promise<string[][]> => {
  const all: string[][] = [];
  let nextToken: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const page = await list({ ...input, nextToken });
    all.push(page.names);
    nextToken = page.nextToken;
    await between(); // oxlint-disable-line no-await-in-loop
  } while (nextToken !== undefined);
  return all;
};

test("a listing of executions goes on behind its last page, whatever is started meanwhile", async () => {
  const machine = await create(client, "paged", { Wait: { Type: "Wait", Seconds: 1000, End: true } });
  const names = Array.from({ length: 7 }, (_, index) => `e${index}`);
  // Some begin in the same millisecond.
  await Promise.all(names.map((name) => start(client, machine, {}, name)));
  const all = await pages({ stateMachineArn: machine, maxResults: 3 }, () => start(client, machine));
  assert.deepEqual(
    all.map(({ length }) => length),
    [3, 3, 1],
  );
  assert.deepEqual(all.flat().toSorted(), names);
  await assert.rejects(list({ stateMachineArn: machine, nextToken: Buffer.from("no place").toString("base64") }), { name: "InvalidToken" });
});

test("executions are listed by status, and by whether they were redriven", async () => {
  const machine = await create(client, "kinds", {
    Choose: { Type: "Choice", Choices: [{ Variable: "$.fails", BooleanEquals: true, Next: "Fail" }], Default: "Done" },
    Fail: { Type: "Fail", Error: "Wanted" },
    Done: { Type: "Succeed" },
  });
  const failed = await start(client, machine, { fails: true }, "failed");
  await untilEnded(client, await start(client, machine, { fails: true }, "again"));
  await untilEnded(client, await start(client, machine, { fails: false }, "done"));
  await untilEnded(client, failed);
  await client.send(new RedriveExecutionCommand({ executionArn: failed }));
  await untilEnded(client, failed);
  assert.deepEqual(await pages({ stateMachineArn: machine, statusFilter: "FAILED", maxResults: 1 }), [["again"], ["failed"]]);
  assert.deepEqual(await pages({ stateMachineArn: machine, statusFilter: "RUNNING" }), [[]]);
  assert.deepEqual(await pages({ stateMachineArn: machine, redriveFilter: "REDRIVEN" }), [["failed"]]);
  assert.deepEqual(await pages({ stateMachineArn: machine, redriveFilter: "NOT_REDRIVEN" }), [["done", "again"]]);
});
