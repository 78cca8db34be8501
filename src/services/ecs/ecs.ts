import type { ContainerDefinition, Tag, TaskDefinition, TaskOverride } from "@aws-sdk/client-ecs";
import type { PortMapping } from "#engine/engine.ts";
import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { ClusterRows } from "./cluster-rows.ts";
import type { Need, Room } from "./placement.ts";
import type { SettingRows } from "./setting-rows.ts";
import type { TaskDefinitionRows } from "./task-definition-rows.ts";
import type { TaskRows } from "./task-rows.ts";
import type { Stop, TaskState } from "./task-states.ts";

/** What operations and loops share. */
export type EcsParts = {
  clusters: ClusterRows;
  definitions: TaskDefinitionRows;
  tasks: TaskRows;
  settings: SettingRows;
  /** Callers must say who they are, so they may be several. */
  isShared: boolean;
  /** What the machine has, and what others than this service's tasks have reserved of it. */
  room: () => Promise<Room>;
  /** Says that a task is to be looked at. */
  look: (taskId: string) => void;
};

export type EcsContext = RequestContext & EcsParts;

export type Ecs = Operations<SdkModules["ecs"], EcsContext>;

/** Where things live: names are unique within it. */
export type Scope = { account: string; region: string };

export type Tags = readonly Tag[];

export type LaunchType = "EC2" | "FARGATE";

/** What the caller asked for, fixed when the task is made. */
export type Wanted = {
  definition: TaskDefinition & { containerDefinitions: readonly ContainerDefinition[] };
  overrides: TaskOverride;
  need: Need;
  subnets: readonly string[];
  securityGroups: readonly string[];
  enableExecuteCommand: boolean;
  platformVersion: string | undefined;
  capacityProvider: string | undefined;
  attachmentId: string;
  /** The last parts of the addresses at which the task's containers ask for credentials and metadata: secrets. */
  credentialsId: string;
  metadataId: string;
};

export type ContainerRecord = {
  name: string;
  lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  health: "UNKNOWN" | "HEALTHY" | "UNHEALTHY";
  runtimeId?: string;
  imageDigest?: string;
  exitCode?: number;
  reason?: string;
  startedAt?: number;
  finishedAt?: number;
};

/** What was seen of the task: only its loop writes it. */
export type Observed = {
  containers: readonly ContainerRecord[];
  address: string | undefined;
  ports: readonly Required<PortMapping>[];
  /** Why it waits for room. */
  waitingReason: string | undefined;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
};

export type TaskRecord = Scope & {
  id: string;
  cluster: string;
  group: string;
  startedBy: string | undefined;
  launchType: LaunchType;
  createdAt: number;
  stoppedAt: number | undefined;
  lastStatus: TaskState;
  desiredStatus: "RUNNING" | "STOPPED";
  stop: Stop | undefined;
  isPlaced: boolean;
  version: number;
  tags: Tags;
  wanted: Wanted;
  observed: Observed;
};
