import { handlersOf } from "../service.ts";
import type { OpenService, Service } from "../service.ts";
import { CreateActivity, DeleteActivity, DescribeActivity, GetActivityTask, ListActivities } from "./activities.ts";
import { newActivityRows } from "./activity-rows.ts";
import {
  CreateStateMachineAlias,
  DeleteStateMachineAlias,
  DescribeStateMachineAlias,
  ListStateMachineAliases,
  UpdateStateMachineAlias,
} from "./aliases.ts";
import { newExecutionLogs } from "./execution-logs.ts";
import { newExecutionRows } from "./execution-rows.ts";
import { newJournalledExecutions } from "./journalled-executions.ts";
import {
  DescribeExecution,
  DescribeStateMachineForExecution,
  ListExecutions,
  RedriveExecution,
  StartExecution,
  StartSyncExecution,
  StopExecution,
} from "./executions.ts";
import { GetExecutionHistory } from "./history.ts";
import { newNamings } from "./integrations/members.ts";
import { newModelOf, newTaskChecks } from "./integrations/task-checks.ts";
import { newTasks } from "./integrations/tasks.ts";
import { quotas } from "./limits.ts";
import { newExpressRuns } from "./loops/express.ts";
import { adoptionLoop, timerLoop } from "./loops/timers.ts";
import { Workflows } from "./loops/workflows.ts";
import { newMachineRows } from "./machine-rows.ts";
import { migrations } from "./migrations/all.ts";
import { newMapRunRows } from "./map-runs/map-run-rows.ts";
import { openMapRuns } from "./map-runs/open.ts";
import { DescribeMapRun, ListMapRuns, UpdateMapRun } from "./map-runs.ts";
import { newParsedMachines } from "./parsed-machines.ts";
import type { Sfn, SfnContext, SfnParts } from "./sfn.ts";
import {
  CreateStateMachine,
  DeleteStateMachine,
  DescribeStateMachine,
  ListStateMachines,
  UpdateStateMachine,
  ValidateStateMachineDefinition,
} from "./state-machines.ts";
import { ListTagsForResource, TagResource, UntagResource } from "./tags.ts";
import { newTaskRows } from "./task-rows.ts";
import { SendTaskFailure, SendTaskHeartbeat, SendTaskSuccess } from "./task-tokens.ts";
import { resourceTypes } from "./template-resources.ts";
import { newVersionRows } from "./version-rows.ts";
import { DeleteStateMachineVersion, ListStateMachineVersions, PublishStateMachineVersion } from "./versions.ts";
import { newWorkerQueue } from "./worker-queue.ts";

const TestState: Sfn["TestState"] = async (input, context) => (await import("./test-state/test-state.ts")).TestState(input, context);

const operations = handlersOf<"sfn", SfnContext>()({
  CreateActivity,
  CreateStateMachine,
  CreateStateMachineAlias,
  DeleteActivity,
  DeleteStateMachine,
  DeleteStateMachineAlias,
  DeleteStateMachineVersion,
  DescribeActivity,
  DescribeExecution,
  DescribeMapRun,
  DescribeStateMachine,
  DescribeStateMachineAlias,
  DescribeStateMachineForExecution,
  GetActivityTask,
  GetExecutionHistory,
  ListActivities,
  ListExecutions,
  ListMapRuns,
  ListStateMachineAliases,
  ListStateMachines,
  ListStateMachineVersions,
  ListTagsForResource,
  PublishStateMachineVersion,
  RedriveExecution,
  SendTaskFailure,
  SendTaskHeartbeat,
  SendTaskSuccess,
  StartExecution,
  StartSyncExecution,
  StopExecution,
  TagResource,
  TestState,
  UntagResource,
  UpdateMapRun,
  UpdateStateMachine,
  UpdateStateMachineAlias,
  ValidateStateMachineDefinition,
} satisfies Partial<Sfn>);

const retryMs = 1000;
const dropAtOnce = 100;

export const openSfn: OpenService = async ({ store, loops, log, now, newId, callAs, model }) => {
  await store.migrate("sfn", migrations);
  const machines = newMachineRows(store);
  const executions = newJournalledExecutions({
    store,
    rows: newExecutionRows(store),
    settleInTurn: (arn) => workflows.settle(arn),
    failed: (error) => log.error({ error }, "executions stay in the journal until they can be written"),
  });
  await executions.recover();
  const taskRows = newTaskRows(store);
  const activities = newActivityRows(store);
  const modelOf = newModelOf(model);
  const namings = newNamings();
  const taskChecks = newTaskChecks({ modelOf, namings });
  const taskParts = { callAs, modelOf, namings, now, newId, log };
  const parsed = newParsedMachines(machines, taskChecks.checkInput);
  const workers = newWorkerQueue();
  const logs = newExecutionLogs({ callAs, newId, log });
  let nextLook = Number.POSITIVE_INFINITY;
  const mapRunRows = newMapRunRows(store);
  const workflows = new Workflows({
    executions,
    parsed,
    tasks: newTasks({ ...taskParts, rows: taskRows }),
    now,
    newId,
    wakeAt: (at) => {
      if (at >= nextLook) return;
      nextLook = at;
      timers.enqueue("due");
    },
    failed: (execution, error) => {
      log.error({ error, execution }, "a step of an execution could not be kept");
      setTimeout(() => adoption.enqueue(execution), retryMs).unref();
    },
    told: ({ revisionId, execution }, history) =>
      void parsed.get(revisionId).then(({ revision }) => logs.write(revision, execution, history)),
    queued: workers.arrived,
    hasActivity: async (arn) => (await activities.find(arn)) !== undefined,
    mapRunsChanged: (execution) =>
      void mapRunRows.open(execution).then(
        (open) => open.forEach((arn) => mapRuns.look(arn)),
        (error: unknown) => log.error({ error, execution }, "map runs are looked at with the next sweep"),
      ),
    childEnded: (mapRunArn) => mapRuns.look(mapRunArn),
  });
  const look = (arn: string) => workflows.look(arn);
  const timers = loops.add(timerLoop({ executions, now, look, next: (at) => (nextLook = at) }));
  const adoption = loops.add(adoptionLoop({ executions, look }));
  loops.add({
    name: "sfn-ended-executions",
    keys: async () => ["all"],
    sweepMs: 3_600_000,
    reconcile: async () => ((await executions.dropOld(now() - quotas.retentionMs, dropAtOnce)) === dropAtOnce ? 0 : undefined),
  });
  const tasks = newTasks({ ...taskParts, rows: undefined });
  const express = newExpressRuns({ tasks, now, newId, told: logs.write });
  const mapRuns = openMapRuns({ store, loops, rows: mapRunRows, callAs, executions, parsed, workflows, express, now, newId, log });
  const context: SfnParts = {
    machines,
    versions: newVersionRows(store),
    executions,
    mapRuns: { ...mapRunRows, ...mapRuns },
    activities,
    taskRows,
    parsed,
    workflows,
    express,
    testTasks: tasks,
    workers,
    taskChecks,
  };
  const close = async () => {
    await executions.close();
    workflows.close();
    express.close();
    workers.close();
    await logs.close();
  };
  const http: Service["http"] = async (...exchange) => {
    const { newMapRunItems } = await import("./graph/map-run-items.ts");
    const { newRecentExecutions } = await import("./graph/recent-executions.ts");
    const { serveWorkflows } = await import("./graph/serve.ts");
    return serveWorkflows({ executions, recent: newRecentExecutions(store), mapRunItems: newMapRunItems(context.mapRuns), parsed, log })(
      ...exchange,
    );
  };
  return { operations, context, resourceTypes, http, reset: executions.clear, close };
};
