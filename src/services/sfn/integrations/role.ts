import type { Caller } from "#wire/context.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import type { TaskEffect } from "./tasks.ts";

/** A task is done as the state machine's role, or the one that its Credentials name. */
export const roleCaller = ({ credentials }: Pick<TaskEffect, "credentials">, { roleArn, executionArn }: Origin): Caller => {
  const named = credentials?.["RoleArn"];
  const role = typeof named === "string" ? named : roleArn;
  const name = role.slice(role.lastIndexOf("/") + 1);
  const account = role.split(":")[4] || (executionArn.split(":")[4] ?? "");
  const session = (executionArn.split(":")[7] ?? "tandem").slice(0, 64);
  return { account, arn: `arn:aws:sts::${account}:assumed-role/${name}/${session}`, userId: `${name}:${session}`, accessKeyId: "" };
};
