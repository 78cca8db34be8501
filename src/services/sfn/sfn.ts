import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { ActivityRows } from "./activity-rows.ts";
import type { JournalledExecutions } from "./journalled-executions.ts";
import type { TaskChecks } from "./integrations/task-checks.ts";
import type { Tasks } from "./integrations/tasks.ts";
import type { ExpressRuns } from "./loops/express.ts";
import type { Workflows } from "./loops/workflows.ts";
import type { MachineRows } from "./machine-rows.ts";
import type { MapRunRows } from "./map-runs/map-run-rows.ts";
import type { RunningMaps } from "./map-runs/open.ts";
import type { ParsedMachines } from "./parsed-machines.ts";
import type { TaskRows } from "./task-rows.ts";
import type { VersionRows } from "./version-rows.ts";
import type { WorkerQueue } from "./worker-queue.ts";

export type SfnParts = {
  machines: MachineRows;
  versions: VersionRows;
  executions: JournalledExecutions;
  mapRuns: MapRunRows & RunningMaps;
  activities: ActivityRows;
  taskRows: TaskRows;
  parsed: ParsedMachines;
  workflows: Workflows;
  express: ExpressRuns;
  testTasks: Tasks;
  workers: WorkerQueue;
  taskChecks: TaskChecks;
};

export type SfnContext = RequestContext & SfnParts;
export type Sfn = Operations<SdkModules["sfn"], SfnContext>;
