import type { StackResource } from "../cloudformation.ts";
import { maskSecrets } from "../mask-secrets.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";

type Note = { resource: StackResource; reason?: string | undefined; also?: readonly StackResource[] };

/** Writes down where a resource stands, and the event that tells it, in one transaction. A resource without a slot gets one. */
export const record = (
  { stack, operation }: Pick<Moving, "stack" | "operation">,
  { stacks, now, newId }: DeploymentTools,
  { resource, reason, also = [] }: Note,
): Promise<StackResource> =>
  stacks.change(async (tx) => {
    const slot = resource.slot > 0 ? resource.slot : await stacks.nextSlot(tx, stack.stackId);
    const written: StackResource = { ...resource, slot, statusReason: reason, changedAt: now() };
    await stacks.putResource(tx, stack.stackId, written);
    for (const other of also) await stacks.putResource(tx, stack.stackId, other);
    await stacks.addEvent(tx, stack.stackId, {
      eventId: `${resource.logicalId}-${resource.status}-${newId()}`,
      at: now(),
      logicalId: resource.logicalId,
      physicalId: resource.physicalId ?? "",
      type: resource.type,
      status: resource.status,
      reason,
      properties: JSON.stringify(maskSecrets(resource.properties, stack, operation.target)),
      token: operation.token,
    });
    return written;
  });
