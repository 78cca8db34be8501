import type { Selectable } from "kysely";
import type { Observed, Tags, TaskRecord, Wanted } from "./ecs.ts";
import { taskStates } from "./task-states.ts";
import type { Stop } from "./task-states.ts";
import type { Tables } from "./tables.ts";

export const rowOf = (task: TaskRecord): Tables["ecs_tasks"] => ({
  id: task.id,
  account: task.account,
  region: task.region,
  cluster: task.cluster,
  family: task.wanted.definition.family ?? "",
  task_group: task.group,
  started_by: task.startedBy ?? null,
  launch_type: task.launchType,
  created_at: task.createdAt,
  stopped_at: task.stoppedAt ?? null,
  last_status: task.lastStatus,
  desired_status: task.desiredStatus,
  is_placed: Number(task.isPlaced),
  cpu_units: task.wanted.need.cpuUnits,
  memory_bytes: task.wanted.need.memoryBytes,
  version: task.version,
  credentials_id: task.wanted.credentialsId,
  metadata_id: task.wanted.metadataId,
  stop: task.stop ? JSON.stringify(task.stop) : null,
  tags: JSON.stringify(task.tags),
  wanted: JSON.stringify(task.wanted),
  observed: JSON.stringify(task.observed),
});

export const taskOf = (row: Selectable<Tables["ecs_tasks"]>): TaskRecord => ({
  id: row.id,
  account: row.account,
  region: row.region,
  cluster: row.cluster,
  group: row.task_group,
  startedBy: row.started_by ?? undefined,
  launchType: row.launch_type === "FARGATE" ? "FARGATE" : "EC2",
  createdAt: row.created_at,
  stoppedAt: row.stopped_at ?? undefined,
  lastStatus: taskStates.find((state) => state === row.last_status) ?? "STOPPED",
  desiredStatus: row.desired_status === "STOPPED" ? "STOPPED" : "RUNNING",
  stop: row.stop === null ? undefined : (JSON.parse(row.stop) as Stop),
  isPlaced: row.is_placed === 1,
  version: row.version,
  tags: JSON.parse(row.tags) as Tags,
  wanted: JSON.parse(row.wanted) as Wanted,
  observed: JSON.parse(row.observed) as Observed,
});
