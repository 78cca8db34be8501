import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDbos } from "./measure/dbos.ts";
import type { Dbos } from "./measure/dbos.ts";
import { concurrently, measureRounds, spreadOf } from "./measure/rounds.ts";
import type { Measured } from "./measure/rounds.ts";
import { printMeasured, spread } from "./measure/table.ts";
import { chainInput, openWorkflowDriver } from "./measure/workflow-driver.ts";

/**
 * Transitions a second of the service's driver, history and all, each commit synced: a state entered and left is a transition. Without HTTP. Tasks answer
 * at once, so that each is a commit of its own: what a step is to DBOS on PostgreSQL, which does the same work in the same run where it is there.
 */
const length = 100;
const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));

const next = (index: number) => (index + 1 < length ? `S${index + 1}` : "End");
const chain = (state: (index: number) => object) => ({
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
  one: { StartAt: "S0", States: { S0: { Type: "Pass", End: true } } },
};
type Chain = keyof typeof chains;

const driver = await openWorkflowDriver(folder, chains);
const dbos = await startDbos();

const standard = (name: Chain, atOnce: number, total: number) => async () =>
  (await concurrently(atOnce, total, () => driver.runStandard(name))) * (name === "one" ? 1 : length);
const peers = (atOnce: number, total: number) => {
  const variant = ({ name, chain: run, databaseCpuMicros }: Dbos) => ({
    name,
    round: async () => (await concurrently(atOnce, total, () => run(length, chainInput))) * length,
    otherCpuMicros: databaseCpuMicros,
  });
  return dbos ? [variant(dbos)] : [];
};

const ours = "Tasks, a commit each";
const print = (title: string, measured: readonly Measured[]) => {
  console.log(`\n${title}\n`);
  printMeasured(measured, dbos?.name ?? ours);
};
const stepMs = ({ name, perSecond: { median, min, max } }: Measured) =>
  `${name} ${spread({ median: 1_000 / median, min: 1_000 / max, max: 1_000 / min }, 2)}`;

try {
  if (!dbos) console.log("PostgreSQL isn't installed (Debian's package is postgresql), so there is no peer beside ours.");
  const lone = await measureRounds([{ name: ours, round: standard("tasks", 1, 5) }, ...peers(1, 5)], rounds);
  print(`Steps of one execution after the other; CPU with the database's`, lone);
  console.log(`\nMilliseconds a step: ${lone.map(stepMs).join(", ")}`);
  print(
    "Steps of 50 executions at once; CPU with the database's",
    await measureRounds([{ name: ours, round: standard("tasks", 50, 200) }, ...peers(50, 50)], rounds),
  );

  const baseName = "Pass chain, one execution after the other";
  console.log("\nStates that wait for nothing, up to 100 to a commit\n");
  printMeasured(
    await measureRounds(
      [
        { name: baseName, round: standard("passes", 1, 50) },
        { name: "Pass chain, 50 executions at once", round: standard("passes", 50, 300) },
        { name: "Pass and Choice chain, 50 at once", round: standard("choices", 50, 300) },
        { name: "executions of one Pass, 50 at once", round: standard("one", 50, 1_000) },
        { name: "Express executions of one Pass", round: async () => concurrently(50, 5_000, () => driver.runExpress("one")) },
      ],
      rounds,
    ),
    baseName,
  );

  const many = 10_000;
  const endedMs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    await Promise.all(Array.from({ length: many }, () => driver.runStandard("one"))); // oxlint-disable-line no-await-in-loop -- one after the other
    endedMs.push((performance.now() - began) / 1_000);
  }
  console.log(`\n${many} executions started at the same moment, all ended: ${spread(spreadOf(endedMs), 2)} s`);
} finally {
  await dbos?.[Symbol.asyncDispose]();
  await driver.close();
  rmSync(folder, { recursive: true, force: true });
}
