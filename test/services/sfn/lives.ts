import { setTimeout as pause } from "node:timers/promises";
import { newExecutionRows } from "#services/sfn/execution-rows.ts";
import type { Tasks } from "#services/sfn/integrations/tasks.ts";
import type { Execution, Origin } from "#services/sfn/language/interpreter/execution.ts";
import { newJournalledExecutions } from "#services/sfn/journalled-executions.ts";
import type { JournalledExecutions } from "#services/sfn/journalled-executions.ts";
import { Workflows } from "#services/sfn/loops/workflows.ts";
import { newMachineRows } from "#services/sfn/machine-rows.ts";
import { migrations } from "#services/sfn/migrations/all.ts";
import { newParsedMachines } from "#services/sfn/parsed-machines.ts";
import type { Outbox } from "#store/outbox.ts";
import { openSqliteStore } from "#store/sqlite/open.ts";
import type { Store } from "#store/store.ts";
import { epoch, originOf } from "./driver.ts";
import type { Answer } from "./driver.ts";

const account = "000000000000";
/** How many moments of virtual time pass until the rows take over what the journal has. */
const momentsASettling = 5;
const never = () => new Promise<never>(() => {});

/** What outlives a process: the data folder, the time, and the jobs that tasks have started elsewhere. */
export type World = {
  readonly dataPath: string;
  now: number;
  readonly answer: (input: unknown) => Answer;
  /** When the job of a task ends, by its execution and key: a task that is asked for again finds its job. */
  readonly jobs: Map<string, number>;
};

export const newWorld = (dataPath: string, answer: World["answer"]): World => ({ dataPath, now: epoch, answer, jobs: new Map() });

export type Life = {
  executions: JournalledExecutions;
  outbox: Outbox;
  workflows: Workflows;
  /** Begins an execution of a definition. False when this life ended before it was sure. */
  start(name: string, definition: object, input: unknown): Promise<boolean>;
  /** Lets virtual time pass until all have ended; false when this life ended first. */
  run(): Promise<boolean>;
  close(): Promise<void>;
};

/**
 * The service's driver over a store of its own, from the opening of the data folder until the commit at which it dies: before or after it is made, and
 * nothing that it would do then is done any more.
 */
export const openLife = async (world: World, dies: { atCommit: number; isBefore: boolean } | undefined): Promise<Life> => {
  const store = await openSqliteStore({ dataPath: world.dataPath, now: () => world.now });
  await store.migrate("sfn", migrations);
  const machines = newMachineRows(store);
  let [isDead, commits, busy] = [false, 0, 0];
  let sleepers: { at: number; wake: () => void }[] = [];
  /** Work that virtual time waits for; what a dead process still does reaches nobody. */
  const real = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) return never();
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      if (isDead) await never();
    }
  };
  const commit = <T>(work: () => Promise<T>): Promise<T> =>
    real(async () => {
      commits += 1;
      const isLast = commits === dies?.atCommit;
      if (isLast) isDead = true;
      if (!isLast || !dies?.isBefore) return work();
      busy -= 1;
      return never();
    });
  const mortal: Store = {
    ...store,
    transaction: (work) => commit(() => store.transaction(work)),
    write: (statement) => commit(() => store.write(statement)),
  };
  const executions = newJournalledExecutions({
    store: mortal,
    rows: newExecutionRows(mortal),
    settleInTurn: (arn) => workflows.settle(arn),
    failed: (error) => (failure ??= error),
  });
  const tasks: Tasks = {
    perform: async ({ key, input }, { origin }) => {
      const answer = world.answer(JSON.parse(input));
      if (!answer) throw new Error("A task of these machines always answers");
      const job = `${origin.executionArn} ${key}`;
      const at = world.jobs.get(job) ?? world.now + (answer.afterMs ?? 0);
      world.jobs.set(job, at);
      await new Promise<void>((wake) => sleepers.push({ at, wake }));
      if (isDead) return never();
      if ("error" in answer) return { kind: "taskFailed", key, error: answer.error, ...(answer.cause ? { cause: answer.cause } : {}) };
      return { kind: "taskSucceeded", key, output: JSON.stringify(answer.output) };
    },
  };
  let failure: unknown;
  let ids = 0;
  const workflows = new Workflows({
    executions,
    parsed: newParsedMachines(machines),
    tasks,
    now: () => world.now,
    newId: () => `${world.now}-${(ids += 1)}`,
    wakeAt: () => {},
    failed: (_arn, error) => (failure ??= error),
    told: () => {},
    queued: () => {},
    hasActivity: async () => true,
    mapRunsChanged: () => {},
    childEnded: () => {},
  });
  const idle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet = busy === 0 ? quiet + 1 : 0) await pause(busy === 0 ? 0 : 1);
    if (failure !== undefined) throw failure;
  };
  const start: Life["start"] = async (name, definition, input) => {
    const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
    const arn = `arn:aws:states:us-east-1:${account}:execution:${name}:run`;
    const revision = {
      id: name,
      machineArn: stateMachineArn,
      definition: JSON.stringify(definition),
      roleArn: "r",
      settings: {},
      createdAt: world.now,
    };
    const fixed = { account, region: "us-east-1", type: "STANDARD", lastVersion: 0, tags: {}, firstVersion: undefined } as const;
    await machines.add({ ...fixed, arn: stateMachineArn, name, createdAt: world.now, revision });
    const origin: Origin = originOf(input, { executionArn: arn, stateMachineArn, stateMachineName: name });
    const birth = { arn, account, machineArn: stateMachineArn, revisionId: name, name: "run", traceHeader: undefined, child: undefined };
    const begun = workflows.start(birth, origin).then(() => true);
    return Promise.race([begun, died()]);
  };
  const died = async (): Promise<false> => {
    while (!isDead) await pause(1);
    return false;
  };
  await Promise.race([executions.recover(), died()]);
  const run = async (): Promise<boolean> => {
    for (const arn of await executions.pending()) void workflows.look(arn);
    for (let moments = 1; ; moments++) {
      await idle();
      if (isDead) return false;
      if (moments % momentsASettling === 0) void executions.settleAll();
      const wakes = [(await executions.nextWake(Number.NEGATIVE_INFINITY)) ?? Number.POSITIVE_INFINITY, ...sleepers.map(({ at }) => at)];
      const next = Math.min(...wakes);
      if (next === Number.POSITIVE_INFINITY) return true;
      world.now = Math.max(world.now, next);
      const due = sleepers.filter(({ at }) => at <= world.now);
      sleepers = sleepers.filter(({ at }) => at > world.now);
      for (const { wake } of due) wake();
      for (const arn of await executions.due(world.now, 1_000)) void workflows.look(arn);
    }
  };
  const close = async () => {
    isDead = true;
    workflows.close();
    await store.close();
  };
  return { executions, outbox: store.outbox, workflows, start, run, close };
};

export const endOf = ({ status, output, error, cause }: Execution) => [status, output, error, cause];
