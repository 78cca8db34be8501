import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Driver, runMachine, type Outcome } from "./driver.ts";
import { answer, randomMachine } from "./random-machine.ts";

const input = { items: [1, 2, 3], n: 4 };

const endOf = ({ execution }: Outcome) => [execution.status, execution.output, execution.error, execution.cause];

/** Ids count up from 1, each event follows an earlier one, and what was entered is left at most once. */
const checkHistory = ({ history }: Outcome): void => {
  history.forEach((event, index) => {
    assert.equal(event.id, index + 1);
    assert.ok(event.previousEventId < event.id);
  });
  const entered = history.filter(({ type }) => type.endsWith("StateEntered")).length;
  const left = history.filter(({ type }) => type.endsWith("StateExited")).length;
  assert.ok(left <= entered);
  assert.match(history.at(-1)?.type ?? "", /^Execution(Succeeded|Failed)$/);
};

test("a machine killed at any points ends as it does uninterrupted", async () => {
  await fc.assert(
    fc.asyncProperty(randomMachine, fc.infiniteStream(fc.nat(3)), fc.integer({ min: 1, max: 4 }), async (definition, dice, budget) => {
      const plain = await runMachine(definition, { input, tasks: answer });
      checkHistory(plain);
      const killed = await runMachine(definition, {
        input,
        tasks: answer,
        budget,
        crash: () => dice.next().value === 0,
        maxSteps: 5_000,
      });
      checkHistory(killed);
      assert.deepEqual(endOf(killed), endOf(plain));
    }),
    { numRuns: 150 },
  );
});

test("an execution persisted as JSON after every state ends as one that runs through", async () => {
  await fc.assert(
    fc.asyncProperty(randomMachine, async (definition) => {
      const through = await runMachine(definition, { input, tasks: answer, budget: 1_000 });
      const stepwise = await runMachine(definition, { input, tasks: answer, budget: 1 });
      assert.deepEqual(endOf(stepwise), endOf(through));
      assert.equal(stepwise.elapsedMs, through.elapsedMs);
    }),
    { numRuns: 100 },
  );
});

test("a machine stopped at any time and redriven ends as it does uninterrupted", async () => {
  await fc.assert(
    fc.asyncProperty(randomMachine, fc.nat(12_000), fc.integer({ min: 1, max: 3 }), async (definition, ms, budget) => {
      const plain = await runMachine(definition, { input, tasks: answer });
      const driver = new Driver(definition, { input, tasks: answer, budget, at: [{ ms, occurrence: { kind: "stop" } }] });
      const stopped = await driver.run();
      if (stopped.execution.status !== "ABORTED") return assert.deepEqual(endOf(stopped), endOf(plain));
      const redriven = await driver.redrive();
      checkHistory(redriven);
      assert.deepEqual(endOf(redriven), endOf(plain));
    }),
    { numRuns: 150 },
  );
});
