import { Fault } from "#wire/fault.ts";
import type { ResourceType } from "../../resource-type.ts";
import { checkProperties } from "../check-properties.ts";
import type { StackResource } from "../cloudformation.ts";
import { validationError } from "../faults.ts";
import type { Json, JsonObject } from "../template/json.ts";
import { readPolicy } from "../template/read-template.ts";
import { resolveValue } from "../template/resolve.ts";
import type { Scope } from "../template/scope.ts";
import type { TemplateResource } from "../template/template.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";

/** The scope of a template whose resources are, in part, there. */
export const deployedScope = async ({ open, stack, resources }: Moving, tools: DeploymentTools): Promise<Scope> => {
  const here = resources.filter(({ role, physicalId }) => role === "current" && physicalId !== undefined);
  return {
    ...open.scope,
    exports: await tools.exports.values(stack),
    resources: new Map(here.map((resource) => [resource.logicalId, { ref: resource.physicalId ?? "", attributes: resource.attributes }])),
  };
};

/** A resource's type and its properties as they are to be, or why they can't be told. */
export const resolveWanted = async (
  declared: TemplateResource,
  moving: Moving,
  tools: DeploymentTools,
): Promise<{ type: ResourceType; properties: JsonObject } | { reason: string }> => {
  const scope = await deployedScope(moving, tools);
  const type = (await tools.types()).get(declared.type);
  try {
    if (type === undefined) throw validationError(`Template format error: Unrecognized resource types: [${declared.type}]`);
    const resolved = resolveValue(declared.properties, scope) as JsonObject;
    return { type, properties: checkProperties(declared.logicalId, resolved, type.properties) };
  } catch (error) {
    if (error instanceof Fault) return { reason: error.message };
    throw error;
  }
};

/** What a resource's row takes from its template besides the properties. */
export const declaredPart = (declared: TemplateResource, { graph, scope }: Moving["open"]) => {
  const policy = (attribute: "DeletionPolicy" | "UpdateReplacePolicy", value: Json | undefined) =>
    readPolicy(attribute, value === undefined ? undefined : resolveValue(value, scope), declared.logicalId);
  return {
    type: declared.type,
    needs: [...(graph.get(declared.logicalId) ?? [])],
    deletionPolicy: policy("DeletionPolicy", declared.deletionPolicy),
    updateReplacePolicy: policy("UpdateReplacePolicy", declared.updateReplacePolicy),
    metadata: declared.metadata === undefined ? undefined : JSON.stringify(declared.metadata),
  };
};

/** A row before anything is known of its resource; it has no slot yet. */
export const newRow = (declared: TemplateResource, { operation, open }: Moving): StackResource => ({
  slot: 0,
  logicalId: declared.logicalId,
  role: "current",
  standing: "IN_PROGRESS",
  phase: "",
  physicalId: undefined,
  status: "CREATE_IN_PROGRESS",
  statusReason: undefined,
  properties: {},
  attributes: {},
  stackTags: [],
  createdBy: operation.id,
  replacedBy: undefined,
  changedAt: 0,
  ...declaredPart(declared, open),
});
