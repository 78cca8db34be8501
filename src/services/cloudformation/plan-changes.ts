import type { ResourceType } from "../resource-type.ts";
import { changedProperties } from "./check-properties.ts";
import { validationError } from "./faults.ts";
import { activeResources, dependencyGraph } from "./template/dependencies.ts";
import type { Graph } from "./template/dependencies.ts";
import { isObject, isList, sameJson } from "./template/json.ts";
import type { Json, JsonObject } from "./template/json.ts";
import { readPolicy } from "./template/read-template.ts";
import { referencesIn } from "./template/references.ts";
import { resolveValue } from "./template/resolve.ts";
import type { Deployed, Scope } from "./template/scope.ts";
import type { Template, TemplateResource } from "./template/template.ts";

/** A resource as it is deployed, with the part of its template that it was deployed from. */
export type DeployedResource = Deployed & {
  logicalId: string;
  type: string;
  physicalId: string;
  properties: JsonObject;
  declared: TemplateResource;
};

type Recreation = "Always" | "Conditionally" | "Never";

/** One entry of a change set's `Details`. */
export type ChangeDetail = {
  attribute: "Properties" | "Metadata" | "DeletionPolicy" | "UpdateReplacePolicy";
  name: string | undefined;
  recreation: Recreation;
  evaluation: "Static" | "Dynamic";
  source: "DirectModification" | "ParameterReference" | "ResourceReference" | "ResourceAttribute";
  cause: string | undefined;
};

export type ResourceChange = {
  action: "Add" | "Modify" | "Remove";
  logicalId: string;
  physicalId: string | undefined;
  type: string;
  replacement: "True" | "False" | "Conditional" | undefined;
  policyAction: "Delete" | "Retain" | "ReplaceAndDelete" | "ReplaceAndRetain" | undefined;
  details: ChangeDetail[];
};

export type Comparison = {
  deployed: ReadonlyMap<string, DeployedResource>;
  template: Template;
  scope: Scope;
  /** Names of the parameters whose values differ from those that the stack was deployed with. */
  changedParameters: ReadonlySet<string>;
  typeOf: (type: string) => Pick<ResourceType, "properties" | "attributes"> | undefined;
};

/** What AWS shows for a value that only a deployment can tell. */
export const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}";

/** What an update of a stack to a template would change, before it is done. */
export const planChanges = (comparison: Comparison): ResourceChange[] => {
  const { deployed, template, scope, typeOf } = comparison;
  const wanted = activeResources(template, scope);
  refuseOtherTypes(deployed, wanted);
  const changes = new Map<string, ResourceChange>();
  const known = new Map<string, Deployed>();
  for (const logicalId of inOrder(dependencyGraph(wanted))) {
    const resource = wanted.get(logicalId);
    const current = deployed.get(logicalId);
    if (resource === undefined) continue;
    const change = current === undefined ? added(resource) : modified(resource, current, { ...comparison, known, changes });
    if (change !== undefined) changes.set(logicalId, change);
    const isNew = change?.action === "Add" || change?.replacement === "True";
    known.set(logicalId, isNew || current === undefined ? unknownResource(typeOf, resource) : current);
  }
  const removed = [...deployed.values()].filter(({ logicalId }) => !wanted.has(logicalId)).map((resource) => removal(resource));
  return [...removed, ...changes.values()];
};

const refuseOtherTypes = (deployed: Comparison["deployed"], wanted: ReadonlyMap<string, TemplateResource>): void => {
  const changed = [...wanted.values()].filter(({ logicalId, type }) => (deployed.get(logicalId)?.type ?? type) !== type);
  if (changed.length === 0) return;
  const names = changed.map(({ logicalId }) => logicalId).join(", ");
  throw validationError(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${names}]`,
  );
};

/** The nodes of a graph without circles, each after what it needs. */
const inOrder = (graph: Graph): string[] => {
  const order = new Set<string>();
  const visit = (name: string): void => {
    if (order.has(name)) return;
    for (const need of graph.get(name) ?? []) visit(need);
    order.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return [...order];
};

const unknownResource = (typeOf: Comparison["typeOf"], { type }: TemplateResource): Deployed => ({
  ref: knownAfterApply,
  attributes: Object.fromEntries((typeOf(type)?.attributes ?? []).map((name) => [name, knownAfterApply])),
});

const added = (resource: TemplateResource): ResourceChange => ({
  action: "Add",
  logicalId: resource.logicalId,
  physicalId: undefined,
  type: resource.type,
  replacement: undefined,
  policyAction: undefined,
  details: [],
});

const removal = (resource: DeployedResource): ResourceChange => ({
  action: "Remove",
  logicalId: resource.logicalId,
  physicalId: resource.physicalId,
  type: resource.type,
  replacement: undefined,
  policyAction:
    resource.declared.deletionPolicy === "Retain" || resource.declared.deletionPolicy === "RetainExceptOnCreate" ? "Retain" : "Delete",
  details: [],
});

type Known = Comparison & { known: ReadonlyMap<string, Deployed>; changes: ReadonlyMap<string, ResourceChange> };

const modified = (resource: TemplateResource, current: DeployedResource, known: Known): ResourceChange | undefined => {
  const wanted = Object.fromEntries(
    Object.entries(resource.properties)
      .map(([name, value]) => [name, resolveOrUnknown(value, { ...known.scope, resources: known.known })] as const)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
  const declared = known.typeOf(resource.type)?.properties ?? {};
  const details = [
    ...changedProperties(current.properties, wanted, sameValue).flatMap((name) => {
      const replaces = Object.hasOwn(declared, name) && declared[name]?.replaces === true;
      return propertyDetails(
        { name, replaces, wanted: wanted[name] },
        [current.declared.properties[name], resource.properties[name]],
        known,
      );
    }),
    ...attributeDetails(resource, current.declared),
  ];
  if (details.length === 0) return undefined;
  const always = details.filter(({ recreation }) => recreation !== "Never");
  const replacement = always.some(({ evaluation }) => evaluation === "Static") ? "True" : always.length > 0 ? "Conditional" : "False";
  const policy = readPolicy("UpdateReplacePolicy", resource.updateReplacePolicy, resource.logicalId);
  const policyAction = replacement === "False" ? undefined : policy === "Retain" ? "ReplaceAndRetain" : "ReplaceAndDelete";
  const { logicalId, type } = resource;
  return { action: "Modify", logicalId, physicalId: current.physicalId, type, replacement, policyAction, details };
};

/** A function over something unknown may not work out at all (`Fn::Select` of what is not there yet): then its value is unknown too. */
const resolveOrUnknown = (value: Json, scope: Scope): Json | undefined => {
  const dependsOnUnknown = referencesIn(value).some(
    (use) => use.kind !== "condition" && scope.resources.get(use.target)?.ref === knownAfterApply,
  );
  if (!dependsOnUnknown) return resolveValue(value, scope);
  try {
    return resolveValue(value, scope);
  } catch {
    return knownAfterApply;
  }
};

/** Deployed values have been turned into the types that they want; those of a template may still be text. */
const sameValue = (a: Json | undefined, b: Json | undefined): boolean => sameJson(plainText(a), plainText(b));
const plainText = (value: Json | undefined): Json | undefined => {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isList(value)) return value.map((item) => plainText(item) ?? null);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plainText(child) ?? null]));
  return value;
};

const propertyDetails = (
  property: { name: string; replaces: boolean; wanted: Json | undefined },
  [before, after]: readonly [Json | undefined, Json | undefined],
  { changes, changedParameters }: Known,
): ChangeDetail[] => {
  const target = { attribute: "Properties", name: property.name, recreation: property.replaces ? "Always" : "Never" } as const;
  const details: ChangeDetail[] = [];
  const isDynamic = JSON.stringify(property.wanted ?? null).includes(knownAfterApply);
  for (const use of after === undefined ? [] : referencesIn(after)) {
    if (use.kind === "condition") continue;
    const cause = use.kind === "attribute" ? `${use.target}.${use.attribute}` : use.target;
    if (changedParameters.has(use.target)) details.push({ ...target, evaluation: "Static", source: "ParameterReference", cause });
    const change = changes.get(use.target);
    if (change !== undefined && change.replacement !== "False")
      details.push({ ...target, evaluation: "Dynamic", source: use.kind === "ref" ? "ResourceReference" : "ResourceAttribute", cause });
  }
  const isDirect = !sameJson(before, after);
  if (isDirect || details.length === 0)
    details.push({ ...target, evaluation: isDynamic ? "Dynamic" : "Static", source: "DirectModification", cause: undefined });
  // A value that also follows a parameter or another resource is listed as one whose own part is yet to be evaluated, as AWS does.
  else if (details.some(({ source }) => source === "ParameterReference"))
    details.push({ ...target, evaluation: "Dynamic", source: "DirectModification", cause: undefined });
  return details;
};

const attributeDetails = (after: TemplateResource, before: TemplateResource): ChangeDetail[] => {
  const pairs = [
    ["Metadata", before.metadata, after.metadata],
    ["DeletionPolicy", before.deletionPolicy, after.deletionPolicy],
    ["UpdateReplacePolicy", before.updateReplacePolicy, after.updateReplacePolicy],
  ] as const;
  return pairs
    .filter(([, old, wanted]) => !sameJson(old, wanted))
    .map(([attribute]) => ({
      attribute,
      name: undefined,
      recreation: "Never",
      evaluation: "Static",
      source: "DirectModification",
      cause: undefined,
    }));
};
