import type { ResourceType } from "../../resource-type.ts";
import type { StackResource } from "../cloudformation.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";
import { failureReason } from "./failure-reason.ts";
import { record } from "./record.ts";
import { newResourceContext } from "./resource-context.ts";
import { withStackTags } from "./stack-tags.ts";

/** Removes what one slot of a stack holds, or leaves it to its owner where the template says so. */
export const removeResource = async (slot: number, moving: Moving, tools: DeploymentTools): Promise<void> => {
  const found = moving.resources.find((resource) => resource.slot === slot);
  if (found === undefined) return;
  const isGone = { ...found, role: "gone", standing: "COMPLETE", phase: moving.phaseId } as const;
  if (isKept(found, moving)) {
    await record(moving, tools, { resource: { ...isGone, status: "DELETE_SKIPPED" } });
    return;
  }
  const resource: StackResource = { ...found, standing: "IN_PROGRESS", status: "DELETE_IN_PROGRESS" };
  if (found.physicalId !== undefined) {
    if (found.status !== "DELETE_IN_PROGRESS") await record(moving, tools, { resource });
    const reason = await remove((await tools.types()).get(found.type), resource, { moving, tools });
    if (reason !== undefined) {
      await record(moving, tools, {
        resource: { ...resource, standing: "FAILED", phase: moving.phaseId, status: "DELETE_FAILED" },
        reason,
      });
      return;
    }
  }
  await record(moving, tools, { resource: { ...isGone, status: "DELETE_COMPLETE" } });
};

const isKept = (resource: StackResource, { operation }: Moving): boolean => {
  if (operation.kind === "delete" && operation.retained.includes(resource.logicalId)) return true;
  if (resource.physicalId === undefined) return false;
  if (resource.replacedBy !== undefined && resource.createdBy !== operation.id) return resource.updateReplacePolicy === "Retain";
  const isFresh = operation.kind !== "delete" && resource.createdBy === operation.id;
  return resource.deletionPolicy === "Retain" || (resource.deletionPolicy === "RetainExceptOnCreate" && !isFresh);
};

/** Answers with why it could not. */
const remove = async (
  type: ResourceType | undefined,
  resource: StackResource,
  { moving, tools }: { moving: Moving; tools: DeploymentTools },
): Promise<string | undefined> => {
  if (type === undefined) return `The resource type ${resource.type} is not here any more.`;
  const { logicalId, physicalId = "", properties, attributes, stackTags } = resource;
  const context = newResourceContext(moving, resource, tools);
  try {
    await type.remove({ logicalId, physicalId, properties: withStackTags(type, properties, stackTags), attributes }, context);
    return undefined;
  } catch (error) {
    if (tools.stopping.aborted) throw error;
    return failureReason(error, context.token, tools.log);
  }
};
