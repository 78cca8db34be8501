import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { runMachine } from "./driver.ts";
import { endOf, newWorld, openLife } from "./lives.ts";
import type { Life } from "./lives.ts";
import { answer, randomMachine } from "./random-machine.ts";

const machines = 200;
/** Fewer than the commits that most lives last, so that it goes on. */
const beginningsALife = 40;
const input = { items: [1, 2, 3], n: 4 };
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:${name}:run`;

/** Ids are 1, 2, 3 and so on, each event follows an earlier one, and the last one is the end. */
const checkHistory = async ({ executions }: Life, name: string): Promise<void> => {
  const history = await executions.history(arnOf(name), 1, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(
    history.map(({ id }) => id),
    history.map((_, index) => index + 1),
    `the history of ${name} has gaps or doubles`,
  );
  assert.ok(history.every(({ id, previousEventId }) => previousEventId < id));
  assert.match(history.at(-1)?.type ?? "", /^Execution(Succeeded|Failed)$/);
  assert.equal(history.filter(({ type }) => /^Execution(Succeeded|Failed)$/.test(type)).length, 1);
};

test("executions whose process dies at commit after commit end as they do uninterrupted, with whole histories", async (context) => {
  const seed = Number(process.env["TANDEM_SEED"] ?? Date.now() % 2 ** 31);
  context.diagnostic(`TANDEM_SEED=${seed}`);
  const definitions = fc.sample(randomMachine, { numRuns: machines, seed });
  const dice = fc.sample(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.boolean()), { numRuns: 1_000, seed })[Symbol.iterator]();
  const dataPath = await mkdtemp(join(tmpdir(), "tandem-test-"));
  try {
    const world = newWorld(dataPath, answer);
    let waiting = definitions.map((definition, index) => ({ name: `m${index}`, definition }));
    for (let lives = 1; ; lives++) {
      assert.ok(lives < 1_000, "it never ends");
      const [atCommit, isBefore] = dice.next().value ?? [1_000, false];
      const life = await openLife(world, { atCommit, isBefore });
      const begun: boolean[] = await Promise.all(
        waiting.slice(0, beginningsALife).map((each) => life.start(each.name, each.definition, input).catch(wasBegun)),
      );
      waiting = waiting.filter((_, index) => begun[index] !== true);
      const isOver = await life.run();
      if (isOver && waiting.length === 0) {
        context.diagnostic(`${lives} lives`);
        for (const [index, definition] of definitions.entries()) {
          const found = await life.executions.find(arnOf(`m${index}`));
          assert.ok(found, `execution ${index} is lost`);
          const plain = await runMachine(definition, { input, tasks: answer });
          assert.deepEqual(endOf(found.execution), endOf(plain.execution), JSON.stringify(definition));
          await checkHistory(life, `m${index}`);
        }
        await life.close();
        return;
      }
      await life.close();
    }
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});

/** An execution whose beginning was durable before anybody heard of it. */
const wasBegun = (error: unknown): boolean => {
  assert.equal((error as { code?: unknown }).code, "ExecutionAlreadyExists");
  return true;
};
