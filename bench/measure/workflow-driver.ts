import { randomUUID } from "node:crypto";
import { newExecutionRows } from "#services/sfn/execution-rows.ts";
import type { Tasks } from "#services/sfn/integrations/tasks.ts";
import type { Execution, Origin } from "#services/sfn/language/interpreter/execution.ts";
import { newExpressRuns } from "#services/sfn/loops/express.ts";
import { newJournalledExecutions } from "#services/sfn/journalled-executions.ts";
import { Workflows } from "#services/sfn/loops/workflows.ts";
import { newMachineRows } from "#services/sfn/machine-rows.ts";
import { migrations } from "#services/sfn/migrations/all.ts";
import { newParsedMachines } from "#services/sfn/parsed-machines.ts";
import { openSqliteStore } from "#store/sqlite/open.ts";

/** The service's drivers of executions over a store on the disk, without the wire. */
export type WorkflowDriver = {
  /** Runs a Standard execution to its end, durable. */
  runStandard(machine: string, name?: string): Promise<void>;
  /** Begins one: its first step is durable. */
  startStandard(machine: string, name?: string): Promise<Execution>;
  runExpress(machine: string): Promise<Execution>;
  close(): Promise<void>;
};

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/r`;

/** What chains are given. */
export const chainInput = `{"n":0,"name":"a workflow"}`;

/** Tasks that answer at once with their input. */
export const answersAtOnce: Tasks = { perform: async ({ key, input }) => ({ kind: "taskSucceeded", key, output: input }) };

export const machineArnOf = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
export const executionArnOf = (machine: string, name: string) => `${machineArnOf(machine).replace("stateMachine", "execution")}:${name}`;

const originOf = (machine: string, name: string): Origin => ({
  executionArn: executionArnOf(machine, name),
  name,
  roleArn,
  stateMachineArn: machineArnOf(machine),
  stateMachineName: machine,
  region: "us-east-1",
  input: chainInput,
});

/** Opens the drivers in a data folder, with state machines by their names. */
export const openWorkflowDriver = async (
  dataPath: string,
  definitions: Readonly<Record<string, object>>,
  tasks: Tasks = answersAtOnce,
): Promise<WorkflowDriver> => {
  const now = () => Date.now();
  const store = await openSqliteStore({ dataPath, now });
  await store.migrate("sfn", migrations);
  const machines = newMachineRows(store);
  const executions = newJournalledExecutions({
    store,
    rows: newExecutionRows(store),
    settleInTurn: (arn) => workflows.settle(arn),
    failed: (error) => {
      throw error;
    },
  });
  const parsed = newParsedMachines(machines);
  const ended = new Map<string, () => void>();
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
    hasActivity: async () => true,
    mapRunsChanged: () => {},
    childEnded: () => {},
  });
  const express = newExpressRuns({ tasks, now, newId: randomUUID, told: () => {} });
  for (const [name, definition] of Object.entries(definitions)) {
    const arn = machineArnOf(name);
    const revision = { id: name, machineArn: arn, definition: JSON.stringify(definition), roleArn, settings: {}, createdAt: now() };
    const fixed = { account, region: "us-east-1", type: "STANDARD", lastVersion: 0, tags: {}, firstVersion: undefined } as const;
    await machines.add({ ...fixed, arn, name, createdAt: now(), revision }); // oxlint-disable-line no-await-in-loop -- once each
  }
  const startStandard = (machine: string, name: string = randomUUID()) => {
    const arn = executionArnOf(machine, name);
    const birth = { arn, account, machineArn: machineArnOf(machine), revisionId: machine, name, traceHeader: undefined, child: undefined };
    return workflows.start(birth, { ...originOf(machine, name), historyLimit: 25_000 });
  };
  return {
    startStandard,
    runStandard: async (machine, name = randomUUID()) => {
      const arn = executionArnOf(machine, name);
      await new Promise<void>((resolve, reject) => {
        ended.set(arn, resolve);
        startStandard(machine, name).catch(reject);
      });
      ended.delete(arn);
    },
    runExpress: async (machine) => express.run(await parsed.get(machine), originOf(machine, randomUUID())),
    close: async () => {
      await executions.close();
      workflows.close();
      express.close();
      await store.close();
    },
  };
};
