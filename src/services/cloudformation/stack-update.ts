import { planChanges } from "./plan-changes.ts";
import type { DeployedResource, ResourceChange } from "./plan-changes.ts";
import type { CloudFormationContext, Desired, Stack } from "./cloudformation.ts";
import { openTemplate } from "./open-template.ts";
import type { Prepared } from "./prepare-template.ts";
import { sameTags } from "./stack-changes.ts";
import { sameJson } from "./template/json.ts";
import { resolveValue } from "./template/resolve.ts";

/** What an update would change: resources, or only outputs and tags. */
export type Difference = { changes: ResourceChange[]; isEmpty: boolean };

/** Statuses from which a stack can be updated. */
export const canUpdate = ({ status, operation }: Stack): boolean =>
  operation === undefined && /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE|UPDATE_FAILED|CREATE_FAILED)$/.test(status);

export const findDifference = async (
  stack: Stack,
  { desired, open }: Prepared,
  { stacks, types }: CloudFormationContext,
): Promise<Difference> => {
  if (stack.status === "REVIEW_IN_PROGRESS") {
    const changes = planChanges({
      deployed: new Map(),
      template: open.template,
      scope: open.scope,
      typeOf: () => undefined,
      changedParameters: new Set(),
    });
    return { changes, isEmpty: false };
  }
  const before = openTemplate(stack.desired, stack);
  const resources = await stacks.resources(stack.stackId);
  const deployed = new Map<string, DeployedResource>();
  for (const { role, logicalId, type, physicalId, properties, attributes } of resources) {
    const declared = before.active.get(logicalId);
    if (role !== "current" || declared === undefined || physicalId === undefined) continue;
    deployed.set(logicalId, { logicalId, type, physicalId, properties, attributes, ref: physicalId, declared });
  }
  const known = await types();
  const changes = planChanges({
    deployed,
    template: open.template,
    scope: open.scope,
    typeOf: (type) => known.get(type),
    changedParameters: changedParameters(stack.desired, desired),
  });
  const isWhole = resources.every(({ role, standing }) => role === "gone" || standing === "COMPLETE") && !stack.status.endsWith("FAILED");
  const isEmpty = changes.length === 0 && isWhole && sameTags(stack.desired.tags, desired.tags) && sameOutputs(before, open);
  return { changes, isEmpty };
};

const changedParameters = (before: Desired, after: Desired): Set<string> =>
  new Set(Object.keys(after.values).filter((name) => before.values[name] !== after.values[name]));

/** Outputs are compared as far as they can be worked out without resources. */
const sameOutputs = (before: ReturnType<typeof openTemplate>, after: ReturnType<typeof openTemplate>): boolean => {
  const shown = ({ template, scope }: typeof before) =>
    [...template.outputs.values()].map(({ name, value, exportName, description, condition }) => {
      const plain = (part: typeof value | undefined) => {
        try {
          return part === undefined ? null : (resolveValue(part, scope) ?? null);
        } catch {
          return part ?? null;
        }
      };
      return { name, value: plain(value), exportName: plain(exportName), description: description ?? null, condition: condition ?? null };
    });
  return sameJson(shown(before), shown(after));
};
