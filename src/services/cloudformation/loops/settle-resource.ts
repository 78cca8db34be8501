import type { Made, ResourceType } from "../../resource-type.ts";
import { changedProperties } from "../check-properties.ts";
import type { StackResource } from "../cloudformation.ts";
import { chooseAction } from "../plan-deployment.ts";
import { sameTags } from "../stack-changes.ts";
import { sameJson } from "../template/json.ts";
import type { JsonObject } from "../template/json.ts";
import type { TemplateResource } from "../template/template.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";
import { failureReason } from "./failure-reason.ts";
import { record } from "./record.ts";
import { declaredPart, newRow, resolveWanted } from "./resolve-wanted.ts";
import { newResourceContext } from "./resource-context.ts";
import { withStackTags } from "./stack-tags.ts";

type SettleStep = { type: ResourceType; properties: JsonObject; declared: TemplateResource; moving: Moving; tools: DeploymentTools };

/** Brings one resource to what its template says: makes, changes or replaces it, or finds that it is so already. */
export const settleResource = async (logicalId: string, moving: Moving, tools: DeploymentTools): Promise<void> => {
  const declared = moving.open.active.get(logicalId);
  if (declared === undefined) return;
  const mine = moving.resources.filter((resource) => resource.logicalId === logicalId);
  const current = mine.find(({ role }) => role === "current");
  const coming = mine.find(({ role }) => role === "coming");
  const wanted = await resolveWanted(declared, moving, tools);
  if ("reason" in wanted) return fail(current ?? coming ?? newRow(declared, moving), wanted.reason, { moving, tools });
  const step = { ...wanted, declared, moving, tools };
  const action = actionFor(step, current);
  if (action === "create") await create(step, { row: current ?? coming, replaced: undefined });
  else if (action === "replace") await create(step, { row: coming, replaced: current });
  else if (current !== undefined) await (action === "update" ? update(step, current) : keep(step, current));
};

const actionFor = ({ type, properties, moving }: SettleStep, current: StackResource | undefined) => {
  if (current?.physicalId === undefined || isBeingCreated(current)) return "create";
  // What could not be made whole is made anew, not mended.
  if (current.status === "CREATE_FAILED") return "replace";
  const tagsDiffer = Object.hasOwn(type.properties, "Tags") && !sameTags(current.stackTags, tagsOf(moving));
  return chooseAction(
    { type: current.type, isDirty: current.standing !== "COMPLETE" || tagsDiffer },
    {
      type: type.name,
      changed: changedProperties(current.properties, properties, sameJson),
      replacing: Object.entries(type.properties).flatMap(([name, property]) => (property.replaces ? [name] : [])),
    },
  );
};

const isBeingCreated = ({ status }: StackResource): boolean => status === "CREATE_IN_PROGRESS";

const tagsOf = ({ operation, stack }: Moving) => (operation.phase === "converge" ? operation.target : stack.desired).tags;

const create = async (
  step: SettleStep,
  { row, replaced }: { row: StackResource | undefined; replaced: StackResource | undefined },
): Promise<void> => {
  const { type, declared, properties, moving, tools } = step;
  const verb = replaced === undefined ? "CREATE" : "UPDATE";
  const isRepeated = row?.standing === "IN_PROGRESS";
  // A failed attempt that left something behind is on its way out; a new slot gives the new one another name.
  const isDiscarded = row?.physicalId !== undefined && !isRepeated;
  const fresh = newRow(declared, moving);
  let resource: StackResource = {
    ...fresh,
    slot: isDiscarded ? 0 : (row?.slot ?? 0),
    physicalId: isDiscarded ? undefined : row?.physicalId,
    properties,
    role: replaced === undefined ? "current" : "coming",
    status: `${verb}_IN_PROGRESS`,
    stackTags: tagsOf(moving),
  };
  if (!isRepeated) {
    const reason = replaced && "Requested update requires the creation of a new physical resource; hence creating one.";
    const discarded = isDiscarded && row ? [{ ...row, role: "leaving" as const, replacedBy: moving.operation.id }] : [];
    resource = await record(moving, tools, { resource, reason, also: discarded });
  }
  const created = async (physicalId: string): Promise<void> => {
    if (resource.physicalId === physicalId) return;
    resource = await record(moving, tools, { resource: { ...resource, physicalId }, reason: "Resource creation Initiated" });
  };
  const context = newResourceContext(moving, { ...resource, created }, tools);
  const wanted = { logicalId: resource.logicalId, properties: withStackTags(type, properties, resource.stackTags), isRepeated };
  const made = await attempt(() => type.create(wanted, context), context.token, tools);
  if ("reason" in made) return fail(resource, made.reason, { moving, tools });
  await created(made.physicalId);
  const outgoing = replaced === undefined ? [] : [{ ...replaced, role: "leaving" as const, replacedBy: moving.operation.id }];
  const whole = { role: "current", attributes: made.attributes ?? {}, standing: "COMPLETE", phase: moving.phaseId } as const;
  await record(moving, tools, { resource: { ...resource, ...whole, status: `${verb}_COMPLETE` }, also: outgoing });
};

const update = async (step: SettleStep, current: StackResource): Promise<void> => {
  const { type, declared, properties, moving, tools } = step;
  const isRepeated = current.standing === "IN_PROGRESS";
  const resource: StackResource = { ...current, standing: "IN_PROGRESS", status: "UPDATE_IN_PROGRESS" };
  if (!isRepeated) await record(moving, tools, { resource });
  const { logicalId, physicalId = "", attributes } = resource;
  const context = newResourceContext(moving, resource, tools);
  const before = { logicalId, physicalId, attributes, properties: withStackTags(type, current.properties, current.stackTags) };
  const stackTags = tagsOf(moving);
  const wanted = { logicalId, properties: withStackTags(type, properties, stackTags), isRepeated };
  const made = await attempt(
    async () => (await type.update?.(wanted, before, context)) ?? { physicalId, attributes },
    context.token,
    tools,
  );
  if ("reason" in made) return fail(resource, made.reason, { moving, tools });
  const whole = { properties, stackTags, standing: "COMPLETE", phase: moving.phaseId, status: "UPDATE_COMPLETE" } as const;
  const after = { physicalId: made.physicalId, attributes: made.attributes ?? attributes };
  await record(moving, tools, { resource: { ...resource, ...declaredPart(declared, moving.open), ...after, ...whole } });
};

const keep = ({ declared, moving, tools }: SettleStep, current: StackResource): Promise<void> =>
  tools.stacks.change((tx) =>
    tools.stacks.putResource(tx, moving.stack.stackId, { ...current, ...declaredPart(declared, moving.open), phase: moving.phaseId }),
  );

const attempt = async (
  work: () => Promise<Made>,
  token: string,
  { log, stopping }: DeploymentTools,
): Promise<Made | { reason: string }> => {
  try {
    return await work();
  } catch (error) {
    if (stopping.aborted) throw error;
    return { reason: failureReason(error, token, log) };
  }
};

const fail = async (
  resource: StackResource,
  reason: string,
  { moving, tools }: { moving: Moving; tools: DeploymentTools },
): Promise<void> => {
  const isNew = resource.status.startsWith("CREATE") && resource.createdBy === moving.operation.id;
  const status = isNew ? "CREATE_FAILED" : "UPDATE_FAILED";
  await record(moving, tools, { resource: { ...resource, standing: "FAILED", phase: moving.phaseId, status }, reason });
};
