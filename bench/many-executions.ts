import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { spawnCloud } from "../test/cloud.ts";
import { residentMb } from "./measure/cpu.ts";
import { concurrently, spreadOf } from "./measure/rounds.ts";
import type { Spread } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";
import { answersAtOnce, executionArnOf, machineArnOf, openWorkflowDriver } from "./measure/workflow-driver.ts";

/**
 * Executions that wait: 10,000 in the middle of a task at the same moment; then 100,000, or a million with `--million`, in a Wait state, made by the
 * driver, and what a cloud over their folder takes to start, to wake one, to start, describe and list others, beside a cloud that has a thousand.
 */
const atTheSameTime = 10_000;
const waiting = process.argv.includes("--million") ? 1_000_000 : 100_000;
const few = 1_000;
const samples = 40;
const waitSeconds = 1;

const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));
const machines = {
  task: { StartAt: "S0", States: { S0: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", End: true } } },
  far: { StartAt: "S0", States: { S0: { Type: "Wait", Seconds: 30_000_000, End: true } } },
  soon: { StartAt: "S0", States: { S0: { Type: "Wait", Seconds: waitSeconds, End: true } } },
};

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
};

const inTasks = async (): Promise<void> => {
  const inFlight: (() => void)[] = [];
  const driver = await openWorkflowDriver(join(folder, "tasks"), machines, {
    perform: async (effect, around) => {
      await new Promise<void>((resolve) => inFlight.push(resolve));
      return answersAtOnce.perform(effect, around);
    },
  });
  const before = residentMb(process.pid);
  const ends: Promise<void>[] = [];
  const began = await secondsOf(async () => {
    for (let index = 0; index < atTheSameTime; index += 1) ends.push(driver.runStandard("task"));
    while (inFlight.length < atTheSameTime) await pause(1); // oxlint-disable-line no-await-in-loop -- until all are in their task
  });
  const held = residentMb(process.pid) - before;
  const ended = await secondsOf(() => {
    for (const answer of inFlight) answer();
    return Promise.all(ends);
  });
  console.log(
    `${number(atTheSameTime)} executions at the same time: all in their task after ${began.toFixed(2)} s, with ${held.toFixed(0)} MB; all answered, and ended ${ended.toFixed(2)} s later\n`,
  );
  await driver.close();
};

const number = (value: number) => value.toLocaleString("en-US");

const fill = async (dataPath: string, count: number): Promise<void> => {
  const driver = await openWorkflowDriver(dataPath, machines);
  const seconds = await secondsOf(() => concurrently(500, count, (index) => driver.startStandard("far", `e${index}`)));
  if (count > few) console.log(`${number(count)} executions begun that wait, ${number(Math.round(count / seconds))} a second\n`);
  await driver.close();
};

type Figures = Record<string, Spread>;

const millisecondsOf = async (count: number, work: (index: number) => Promise<unknown>): Promise<Spread> => {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) all.push((await secondsOf(() => work(index))) * 1_000); // oxlint-disable-line no-await-in-loop -- one after the other
  return spreadOf(all);
};

const single = (value: number): Spread => ({ median: value, min: value, max: value });

/** How many milliseconds after its time each was woken. */
const latenessOf = async (sfn: SFNClient): Promise<Spread> => {
  const start = () => sfn.send(new StartExecutionCommand({ stateMachineArn: machineArnOf("soon") }));
  const started = await Promise.all(Array.from({ length: samples }, async (_, index) => pause(index * 25).then(start)));
  await pause(waitSeconds * 1_000 + 500);
  const late = started.map(async ({ executionArn }) => {
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    const at = (type: string) => events.find((event) => event.type === type)?.timestamp?.getTime() ?? Number.NaN;
    return at("WaitStateExited") - at("WaitStateEntered") - waitSeconds * 1_000;
  });
  return spreadOf(await Promise.all(late));
};

/** The pages of a listing one after the other: the time that the last one took. */
const pageMs = async (sfn: SFNClient, pages: number): Promise<number> => {
  let nextToken: string | undefined;
  let seconds = 0;
  for (let page = 0; page < pages; page += 1) {
    const list = new ListExecutionsCommand({ stateMachineArn: machineArnOf("far"), maxResults: 1_000, nextToken });
    // oxlint-disable-next-line no-await-in-loop, no-loop-func -- each page names the next
    seconds = await secondsOf(async () => ({ nextToken } = await sfn.send(list)));
    if (nextToken === undefined) break;
  }
  return seconds * 1_000;
};

const measure = async (dataPath: string, count: number): Promise<Figures> => {
  const began = performance.now();
  await using cloud = await spawnCloud(dataPath);
  const ready = performance.now() - began;
  const sfn = new SFNClient(cloud.client);
  const describe = (index: number) =>
    sfn.send(new DescribeExecutionCommand({ executionArn: executionArnOf("far", `e${(index * 7_919) % count}`) }));
  await describe(0);
  const first = performance.now() - began;
  await pause(2_000);
  const resident = residentMb(cloud.process.pid ?? 0);
  const list = (statusFilter: "RUNNING" | "SUCCEEDED", maxResults: number) => () =>
    sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArnOf("far"), statusFilter, maxResults }));
  const start = () => sfn.send(new StartExecutionCommand({ stateMachineArn: machineArnOf("far") }));
  await millisecondsOf(samples, start);
  const figures = {
    "ready after a restart, ms": single(ready),
    "the first DescribeExecution answered, ms": single(first),
    "MB resident when idle": single(resident),
    "DescribeExecution, ms": await millisecondsOf(samples, describe),
    "StartExecution, ms": await millisecondsOf(samples, start),
    "ListExecutions, 100 of those that run, ms": await millisecondsOf(samples, list("RUNNING", 100)),
    "ListExecutions, those that succeeded (none), ms": await millisecondsOf(5, list("SUCCEEDED", 100)),
    "ListExecutions, the first page of 1,000, ms": await millisecondsOf(5, () => pageMs(sfn, 1)),
    "ListExecutions, the hundredth page of 1,000, ms": single(await pageMs(sfn, 100)),
    "woken so late, ms": await latenessOf(sfn),
    "MB resident at the end": single(residentMb(cloud.process.pid ?? 0)),
  };
  sfn.destroy();
  return figures;
};

try {
  await inTasks();
  const paths = { few: join(folder, "few"), many: join(folder, "many") };
  await fill(paths.few, few);
  await fill(paths.many, waiting);
  // The first start of all makes the bundle.
  await (await spawnCloud(join(folder, "bundle"))).kill();
  const beside = await measure(paths.few, few);
  const among = await measure(paths.many, waiting);
  const text = (figure: Spread | undefined) =>
    figure === undefined ? "" : figure.min === figure.max ? figure.median.toFixed(1) : spread(figure, 1);
  printTable(
    ["", `among ${number(few)}`, `among ${number(waiting)}`],
    Object.entries(among).map(([name, figure]) => [name, text(beside[name]), text(figure)]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
