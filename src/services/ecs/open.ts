import { EngineError } from "#engine/engine.ts";
import type { Engine } from "#engine/engine.ts";
import type { Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { DeleteAccountSetting, ListAccountSettings, PutAccountSetting, PutAccountSettingDefault } from "./account-settings.ts";
import { newClusterRows } from "./cluster-rows.ts";
import { CreateCluster, DeleteCluster, DescribeClusters, ListClusters, PutClusterCapacityProviders } from "./clusters.ts";
import { DescribeCapacityProviders, DescribeContainerInstances, ListContainerInstances } from "./container-instances.ts";
import type { EcsContext, EcsParts, TaskRecord } from "./ecs.ts";
import { readEnvironmentFiles } from "./environment-files.ts";
import { executionCaller } from "./execution-role.ts";
import { newLogRows } from "./log-rows.ts";
import { newTaskImages } from "./loops/images.ts";
import { newTaskLogs } from "./loops/logs.ts";
import { newTaskLoop } from "./loops/tasks.ts";
import { migrations } from "./migrations/all.ts";
import { othersShare } from "./placement.ts";
import type { Room } from "./placement.ts";
import { resetTasks } from "./reset.ts";
import { ListTagsForResource, TagResource, UntagResource } from "./resource-tags.ts";
import { RunTask } from "./run-task.ts";
import { newSettingRows } from "./setting-rows.ts";
import { serveCredentials } from "./task-credentials.ts";
import { newTaskDefinitionRows } from "./task-definition-rows.ts";
import {
  DeleteTaskDefinitions,
  DeregisterTaskDefinition,
  DescribeTaskDefinition,
  ListTaskDefinitionFamilies,
  ListTaskDefinitions,
  RegisterTaskDefinition,
} from "./task-definitions.ts";
import { serveMetadata } from "./task-metadata.ts";
import { newTaskRows } from "./task-rows.ts";
import { DescribeTasks, ListTasks, StopTask } from "./tasks.ts";
import { resourceTypes } from "./template-resources.ts";

export const openEcs: OpenService = async (platform) => {
  const { store, loops, log, now, callAs, containers, config } = platform;
  await store.migrate("ecs", migrations);
  const tasks = newTaskRows(store);
  let watching: Promise<Disposable> | undefined;
  const engine = async (): Promise<Engine> => {
    const opened = await platform.engine();
    watching ??= Promise.resolve(opened.watch((taskId) => look(taskId)));
    return opened;
  };
  const callFor = (task: TaskRecord, region: string) => callAs(executionCaller(task), region);
  const look = (taskId: string) => loop.enqueue(taskId);
  const logs = newTaskLogs({ engine, callFor, rows: newLogRows(store), log });
  const images = newTaskImages({ engine, callFor, endpoint: platform.endpoint, auth: config.auth, now, look, prepare: logs.prepare });
  const parts: EcsParts = {
    clusters: newClusterRows(store),
    definitions: newTaskDefinitionRows(store),
    tasks,
    settings: newSettingRows(store),
    isShared: config.auth,
    room: () => roomOf(engine, tasks),
    look,
  };
  containers.serve("/v2/credentials", serveCredentials({ tasks, callFor, now }));
  containers.serve("/v4", serveMetadata({ tasks }));
  const surroundings = async (task: TaskRecord) => {
    const [grants, fileVariables] = await Promise.all([
      containers.grants(task.region),
      readEnvironmentFiles(task, callFor(task, task.region)),
    ]);
    return { grants, fileVariables };
  };
  const loop = loops.add(newTaskLoop({ ...parts, engine, images, logs, surroundings, now }));
  await removeOrphans({ engine, tasks, log });
  loops.add({
    name: "ecs-stopped-tasks",
    keys: async () => ["all"],
    sweepMs: 60_000,
    reconcile: () => tasks.dropOld(now()),
  });
  return {
    operations: handlersOf<"ecs", EcsContext>()({
      CreateCluster,
      DeleteAccountSetting,
      DeleteCluster,
      DeleteTaskDefinitions,
      DeregisterTaskDefinition,
      DescribeCapacityProviders,
      DescribeClusters,
      DescribeContainerInstances,
      DescribeTaskDefinition,
      DescribeTasks,
      ListAccountSettings,
      ListClusters,
      ListContainerInstances,
      ListTagsForResource,
      ListTaskDefinitionFamilies,
      ListTaskDefinitions,
      ListTasks,
      PutAccountSetting,
      PutAccountSettingDefault,
      PutClusterCapacityProviders,
      RegisterTaskDefinition,
      RunTask,
      StopTask,
      TagResource,
      UntagResource,
    }),
    context: parts,
    resourceTypes,
    reset: () => resetTasks(store, { engine: platform.engine, tasks, images }),
    close: async () => {
      (await watching)?.[Symbol.dispose]();
      await logs.close();
    },
  };
};

const roomOf = async (engine: () => Promise<Engine>, tasks: EcsParts["tasks"]): Promise<Room> => {
  try {
    const [capacity, { running }] = await Promise.all([(await engine()).capacity(), tasks.reserved()]);
    const others = othersShare({ cpuUnits: capacity.reservedCpuUnits, memoryBytes: capacity.reservedMemoryBytes }, running);
    return {
      cpuUnits: capacity.cpuUnits,
      memoryBytes: capacity.memoryBytes,
      othersCpuUnits: others.cpuUnits,
      othersMemoryBytes: others.memoryBytes,
    };
  } catch (error) {
    if (error instanceof EngineError) throw new Fault("ServerException", `The container engine does not answer: ${error.message}`, 500);
    throw error;
  }
};

type Adopting = { engine: () => Promise<Engine>; tasks: EcsParts["tasks"]; log: Log };

/** Containers whose task is not known any more, or has ended, go. Only when there were tasks at all: asking means to open the engine. */
const removeOrphans = async ({ engine, tasks, log }: Adopting): Promise<void> => {
  if ((await tasks.unfinished()).length === 0) return;
  const sweep = async () => {
    const opened = await engine();
    for (const { id, kind } of await opened.list()) {
      if (kind !== "ecs-task") continue;
      const task = await tasks.find(id);
      if (!task || task.lastStatus === "STOPPED") await opened.remove(id);
    }
  };
  sweep().catch((error: unknown) => log.warn({ error }, "containers of ended tasks could not be looked for"));
};
