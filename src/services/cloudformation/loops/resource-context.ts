import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "#wire/context.ts";
import type { ResourceContext } from "../../resource-type.ts";
import type { Stack, StackOperation, StackResource } from "../cloudformation.ts";
import { physicalName, tokenOf } from "../names.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";

/**
 * What a resource type works with in one step. Names and tokens follow from the stack, the slot and the phase, so a repeated step has the
 * same. `created` notes a physical id.
 */
export const newResourceContext = (
  { stack, operation }: Pick<Moving, "stack" | "operation">,
  { slot, logicalId, created }: Pick<StackResource, "slot" | "logicalId"> & Partial<Pick<ResourceContext, "created">>,
  { callAs, stopping }: DeploymentTools,
): ResourceContext => ({
  call: callAs(callerOf(stack, operation), stack.region),
  region: stack.region,
  accountId: stack.account,
  stackId: stack.stackId,
  stackName: stack.name,
  name: (options) => physicalName({ stackName: stack.name, logicalId, seed: `${stack.stackId}#${slot}` }, options),
  token: tokenOf(`${stack.stackId}#${slot}:${operation.id}:${operation.phase}`),
  created: created ?? (async () => {}),
  pause: (milliseconds) => sleep(milliseconds, undefined, { signal: stopping }),
});

/** A stack with a role acts as that role, one without as whoever asked for the operation. */
const callerOf = ({ roleArn, account }: Stack, { caller }: StackOperation): Caller => {
  const [, role] = /:role\/(?:.+\/)?([^/]+)$/.exec(roleArn ?? "") ?? [];
  if (role === undefined) return caller;
  return { ...caller, account, arn: `arn:aws:sts::${account}:assumed-role/${role}/AWSCloudFormation`, userId: `${role}:AWSCloudFormation` };
};
