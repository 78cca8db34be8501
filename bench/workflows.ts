import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newExecutionRows } from "#services/sfn/execution-rows.ts";
import type { Tasks } from "#services/sfn/integrations/tasks.ts";
import type { Origin } from "#services/sfn/language/interpreter/execution.ts";
import { newExpressRuns } from "#services/sfn/loops/express.ts";
import { Workflows } from "#services/sfn/loops/workflows.ts";
import { newMachineRows } from "#services/sfn/machine-rows.ts";
import { migrations } from "#services/sfn/migrations/all.ts";
import { newParsedMachines } from "#services/sfn/parsed-machines.ts";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { concurrently, measureRounds, spreadOf } from "./measure/rounds.ts";
import { printMeasured, spread } from "./measure/table.ts";

/**
 * Transitions a second of the service's driver, history and all, each commit synced: a state entered and left is a transition. Without HTTP. Tasks answer
 * at once, so that each is a commit of its own.
 */
const length = 100;
const rounds = 5;
const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));
const now = () => Date.now();
const store = await openSqliteStore({ dataPath: folder, now });
await store.migrate("sfn", migrations);
const machines = newMachineRows(store);
const executions = newExecutionRows(store);
const parsed = newParsedMachines(machines);

const ended = new Map<string, () => void>();
const tasks: Tasks = { perform: async ({ key, input }) => ({ kind: "taskSucceeded", key, output: input }) };
const workflows = new Workflows({
  // Says when an execution has ended, which nothing else asks of the driver.
  executions: {
    ...executions,
    commit: async (change, at) => {
      const isDone = await executions.commit(change, at);
      if (change.record.execution.status !== "RUNNING") ended.get(change.record.arn)?.();
      return isDone;
    },
  },
  parsed,
  tasks,
  now,
  newId: randomUUID,
  wakeAt: () => {},
  failed: (_arn, error) => {
    throw error;
  },
  told: () => {},
  queued: () => {},
  mapRunsChanged: () => {},
  childEnded: () => {},
});
const express = newExpressRuns({ tasks, now, newId: randomUUID, told: () => {} });

const next = (index: number) => (index + 1 < length ? `S${index + 1}` : "End");
const chain = (state: (index: number) => object) =>
  JSON.stringify({
    StartAt: "S0",
    States: {
      ...Object.fromEntries(Array.from({ length }, (_, index) => [`S${index}`, state(index)])),
      End: { Type: "Succeed" },
    },
  });

const chains = {
  passes: chain((index) => ({ Type: "Pass", Next: next(index) })),
  choices: chain((index) =>
    index % 2 === 0
      ? { Type: "Pass", Result: index, ResultPath: "$.n", Next: next(index) }
      : { Type: "Choice", Choices: [{ Variable: "$.n", NumericLessThan: 0, Next: "End" }], Default: next(index) },
  ),
  tasks: chain((index) => ({ Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Next: next(index) })),
  one: JSON.stringify({ StartAt: "S0", States: { S0: { Type: "Pass", End: true } } }),
};
type Chain = keyof typeof chains;

const machineArnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
for (const [name, definition] of Object.entries(chains)) {
  const arn = machineArnOf(name);
  const revision = { id: name, machineArn: arn, definition, roleArn: "arn:aws:iam::000000000000:role/r", settings: {}, createdAt: now() };
  const fixed = { account: "000000000000", region: "us-east-1", type: "STANDARD", lastVersion: 0, tags: {} } as const;
  // oxlint-disable-next-line no-await-in-loop -- once each
  await machines.add({ ...fixed, arn, name, createdAt: now(), revision });
}

const originOf = (name: Chain, executionName: string): Origin => ({
  executionArn: `${machineArnOf(name).replace("stateMachine", "execution")}:${executionName}`,
  name: executionName,
  roleArn: "arn:aws:iam::000000000000:role/r",
  stateMachineArn: machineArnOf(name),
  stateMachineName: name,
  region: "us-east-1",
  input: `{"n":0,"name":"a workflow"}`,
});

/** Runs a Standard execution to its end, durable. */
const runStandard = async (name: Chain): Promise<void> => {
  const executionName = randomUUID();
  const origin = { ...originOf(name, executionName), historyLimit: 25_000 };
  const arn = origin.executionArn;
  await new Promise<void>((resolve, reject) => {
    ended.set(arn, resolve);
    const birth = { arn, account: "000000000000", machineArn: machineArnOf(name), revisionId: name, name: executionName };
    workflows.start({ ...birth, traceHeader: undefined, child: undefined }, origin).catch(reject);
  });
  ended.delete(arn);
};

const runExpress = async (name: Chain) => express.run(await parsed.get(name), originOf(name, randomUUID()));

const standard = (name: Chain, atOnce: number, total: number) => async () =>
  (await concurrently(atOnce, total, () => runStandard(name))) * (name === "one" ? 1 : length);

const baseName = "Pass chain, one execution after the other";
const measured = await measureRounds(
  [
    { name: baseName, round: standard("passes", 1, 50) },
    { name: "Pass chain, 50 executions at once", round: standard("passes", 50, 300) },
    { name: "Pass and Choice chain, 50 at once", round: standard("choices", 50, 300) },
    { name: "Task chain, 50 at once", round: standard("tasks", 50, 50) },
    { name: "executions of one Pass, 50 at once", round: standard("one", 50, 1_000) },
    { name: "Express executions of one Pass", round: async () => concurrently(50, 5_000, () => runExpress("one")) },
  ],
  rounds,
);
printMeasured(measured, baseName);

const latencies: number[] = [];
for (let index = 0; index < 10; index++) {
  const began = performance.now();
  await runStandard("tasks"); // oxlint-disable-line no-await-in-loop -- one after the other
  latencies.push((performance.now() - began) / (length + 1));
}
console.log(`\nOne step, committed and synced, of a lone execution: ${spread(spreadOf(latencies), 2)} ms`);

const many = 10_000;
const began = performance.now();
await Promise.all(Array.from({ length: many }, () => runStandard("one")));
console.log(`${many} executions started at the same moment, all ended: ${((performance.now() - began) / 1_000).toFixed(2)} s`);

workflows.close();
express.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
