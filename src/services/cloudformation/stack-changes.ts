import type { CloudFormationContext, Desired, Stack, StackOperation, StackResource } from "./cloudformation.ts";
import { stackType } from "./cloudformation.ts";
import type { Tx } from "./stack-rows.ts";

/** Puts a stack into a new status, with the event that tells it. */
export const moveStack = async (
  tx: Tx,
  { stacks, now, newId }: Pick<CloudFormationContext, "stacks" | "newId"> & { now: number },
  { stack, ...change }: { stack: Stack } & Partial<Stack> & Pick<Stack, "status">,
): Promise<Stack> => {
  const moved: Stack = { ...stack, statusReason: undefined, ...change };
  await stacks.update(tx, moved);
  await stacks.addEvent(tx, stack.stackId, {
    eventId: newId(),
    at: now,
    logicalId: stack.name,
    physicalId: stack.stackId,
    type: stackType,
    status: moved.status,
    reason: moved.statusReason,
    properties: undefined,
    token: (moved.operation ?? stack.operation)?.token,
  });
  return moved;
};

/** The stack as it is once an operation on it has begun. */
export const begun = (stack: Stack, operation: StackOperation): Stack => ({
  ...stack,
  operation,
  tokens: operation.token === undefined ? stack.tokens : [...stack.tokens.slice(-9), `${operation.kind}:${operation.token}`],
});

/** What an instance of a resource looks like in the answers: one for each logical id, the newest that counts. */
export const visibleResources = (resources: readonly StackResource[]): StackResource[] => {
  const visible = new Map<string, StackResource>();
  for (const resource of resources) {
    const known = visible.get(resource.logicalId);
    const rank = ({ role }: StackResource) => ["gone", "leaving", "coming", "current"].indexOf(role);
    if (known === undefined || rank(resource) >= rank(known)) visible.set(resource.logicalId, resource);
  }
  return [...visible.values()].filter(({ role, replacedBy }) => role !== "leaving" || replacedBy === undefined);
};

export const sameTags = (a: Desired["tags"], b: Desired["tags"]): boolean => {
  const text = (tags: Desired["tags"]) => JSON.stringify(tags.map(({ Key, Value }) => [Key, Value]).toSorted());
  return text(a) === text(b);
};
