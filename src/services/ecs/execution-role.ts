import type { Caller } from "#wire/context.ts";
import { rootOf } from "#wire/identity.ts";
import type { TaskRecord } from "./ecs.ts";

/** Who fetches images and writes logs for a task: its execution role, or its account where it has none. */
export const executionCaller = (task: TaskRecord): Caller => {
  const role = task.wanted.overrides.executionRoleArn ?? task.wanted.definition.executionRoleArn;
  if (role === undefined) return rootOf(task.account);
  const name = role.slice(role.lastIndexOf("/") + 1);
  return {
    account: task.account,
    arn: `arn:aws:sts::${task.account}:assumed-role/${name}/${task.id}`,
    userId: `${name}:${task.id}`,
    accessKeyId: "",
  };
};
