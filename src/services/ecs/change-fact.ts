import type { Fact } from "#store/outbox.ts";
import { taskArn } from "./arns.ts";
import { describeTask } from "./describe-task.ts";
import type { TaskRecord } from "./ecs.ts";

/** A change of a task, with the detail of AWS's `ECS Task State Change` event: the task as DescribeTasks shows it, times as text. */
export const changeFact = (task: TaskRecord, now: number): Fact => ({
  topic: "ecs.task-state-changed",
  account: task.account,
  region: task.region,
  subject: taskArn(task),
  at: now,
  detail: { ...describeTask(task), updatedAt: new Date(now) },
});
