import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { epoch } from "./driver.ts";
import { newWorld, openLife } from "./lives.ts";
import type { Life } from "./lives.ts";

const topic = "sfn.execution-status-changed";
const pass = { StartAt: "A", States: { A: { Type: "Pass", Result: "done", End: true } } };
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:${name}:run`;

const withLife = async (work: (life: Life) => Promise<void>): Promise<void> => {
  const dataPath = await mkdtemp(join(tmpdir(), "tandem-test-"));
  try {
    const life = await openLife(
      newWorld(dataPath, () => undefined),
      undefined,
    );
    await work(life);
    await life.close();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
};

test("an execution that begins and ends leaves AWS's two events, and nobody who wants them leaves none", async () => {
  await withLife(async (life) => {
    await life.start("unheard", pass, { a: 1 });
    await life.run();
    assert.deepEqual(await life.outbox.facts({ topic, limit: 10 }), []);
    using _ = life.outbox.deliver({ name: "events", topics: [topic], deliver: async () => {} });
    await life.start("heard", pass, { a: 1 });
    await life.run();
    const facts = await life.outbox.facts({ topic, limit: 10 });
    const running = {
      executionArn: arnOf("heard"),
      stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:heard",
      name: "run",
      status: "RUNNING",
      startDate: epoch,
      stopDate: null,
      input: `{"a":1}`,
      inputDetails: { included: true },
      output: null,
      outputDetails: null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "Execution is RUNNING and cannot be redriven",
      error: null,
      cause: null,
    };
    const ended = { status: "SUCCEEDED", stopDate: epoch, output: `"done"`, outputDetails: { included: true } };
    const redriveStatusReason = "Execution is SUCCEEDED and cannot be redriven";
    assert.deepEqual(
      facts.map(({ detail }) => detail),
      [running, { ...running, ...ended, redriveStatusReason }],
    );
    assert.deepEqual([facts[0]?.subject, facts[0]?.account, facts[0]?.region], [arnOf("heard"), "000000000000", "us-east-1"]);
  });
});

test("a failure, an abort and a redrive are told too, and data that is too long is left out", async () => {
  await withLife(async (life) => {
    using _ = life.outbox.deliver({ name: "events", topics: [topic], deliver: async () => {} });
    await life.start("waits", { StartAt: "A", States: { A: { Type: "Wait", Seconds: 60, End: true } } }, { text: "x".repeat(255_000) });
    await life.workflows.tell(arnOf("waits"), { kind: "stop", error: "Enough", cause: "No more." });
    await life.workflows.tell(arnOf("waits"), { kind: "redrive" });
    await life.run();
    const facts = (await life.outbox.facts({ topic, limit: 10 })).map(({ detail }) => detail as Record<string, unknown>);
    assert.deepEqual(
      facts.map(({ status, error, redriveCount, redriveStatus }) => [status, error, redriveCount, redriveStatus]),
      [
        ["RUNNING", null, 0, "NOT_REDRIVABLE"],
        ["ABORTED", "Enough", 0, "REDRIVABLE"],
        ["RUNNING", null, 1, "NOT_REDRIVABLE"],
        ["SUCCEEDED", null, 1, "NOT_REDRIVABLE"],
      ],
    );
    for (const { input, inputDetails } of facts) assert.deepEqual([input, inputDetails], [null, { included: false }]);
  });
});
