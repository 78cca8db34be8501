import { templateError, templateFormatError } from "../faults.ts";
import { checkConditions } from "./conditions.ts";
import { activeOutputs, activeResources, dependencyGraph, refuseCircles } from "./dependencies.ts";
import type { Json } from "./json.ts";
import { checkMappings } from "./mappings.ts";
import { readPolicy } from "./read-template.ts";
import { referencesIn } from "./references.ts";
import { pseudoParameters } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { languageExtensions } from "./template.ts";
import type { Template } from "./template.ts";

/** What the check wants to know of a resource type: the attributes that it answers to `Fn::GetAtt`; `Outputs.*` stands for any that starts so. */
type TypeOf = (type: string) => { readonly attributes: readonly string[] } | undefined;

type Named = { value: Json; dependsOn: readonly string[]; condition: string | undefined };

/**
 * Checks what a template refers to, whatever its parameters will be.
 * @throws Fault `ValidationError`, in AWS's words
 */
export const checkTemplate = (template: Template, typeOf: TypeOf): void => {
  const resources = [...template.resources.values()];
  const unknownTypes = new Set(resources.map(({ type }) => type).filter((type) => typeOf(type) === undefined));
  if (unknownTypes.size > 0) throw templateFormatError(`Unrecognized resource types: [${[...unknownTypes].join(", ")}]`);
  checkConditions(template.conditions);
  checkConditionOperands(template);
  const names = new Set(template.resources.keys());
  for (const { logicalId, deletionPolicy, updateReplacePolicy } of resources) {
    if (template.transforms.includes(languageExtensions)) continue;
    readPolicy("DeletionPolicy", deletionPolicy, logicalId);
    readPolicy("UpdateReplacePolicy", updateReplacePolicy, logicalId);
  }
  checkAttributes(template, typeOf);
  for (const { properties } of resources) checkMappings(properties, template.mappings);
  for (const { value } of template.outputs.values()) checkMappings(value, template.mappings);
  checkBlock(
    "Resources",
    resources.map(({ properties, dependsOn, condition }) => ({ value: properties, dependsOn, condition })),
    { template, names },
  );
  checkBlock(
    "Outputs",
    [...template.outputs.values()].map(({ value, exportName, condition }) => ({
      value: [value, exportName ?? ""],
      dependsOn: [],
      condition,
    })),
    { template, names },
  );
};

/** Checks what is left of a template once its conditions are known. */
export const checkActive = (template: Template, scope: Scope): void => {
  const resources = activeResources(template, scope);
  const names = new Set(resources.keys());
  checkBlock(
    "Resources",
    // `DependsOn` may name a resource that its condition leaves out: AWS takes no notice of it.
    [...resources.values()].map(({ properties, condition }) => ({ value: properties, dependsOn: [], condition })),
    { template, names },
  );
  checkBlock(
    "Outputs",
    activeOutputs(template, scope).map(({ value, condition }) => ({ value, dependsOn: [], condition })),
    { template, names },
  );
  refuseCircles(dependencyGraph(resources));
};

const checkBlock = (
  block: "Resources" | "Outputs",
  entries: readonly Named[],
  { template, names }: { template: Template; names: ReadonlySet<string> },
): void => {
  const missing = new Set<string>();
  for (const { value, dependsOn, condition } of entries) {
    if (condition !== undefined && !template.conditions.has(condition))
      throw templateFormatError(`Unresolved condition dependency ${condition} in the ${block} block of the template`);
    for (const name of dependsOn) if (!names.has(name)) missing.add(name);
    for (const use of referencesIn(value)) {
      const isParameter = template.parameters.has(use.target) || pseudoParameters.includes(use.target);
      if (use.kind === "ref" && !isParameter && !names.has(use.target)) missing.add(use.target);
      if (use.kind === "attribute" && !names.has(use.target))
        throw templateError(`instance of Fn::GetAtt references undefined resource ${use.target}`);
      if (use.kind === "condition" && use.where === "Fn::If" && !template.conditions.has(use.target))
        throw templateError(`unresolved condition dependency ${use.target} in Fn::If`);
    }
  }
  if (missing.size > 0)
    throw templateFormatError(`Unresolved resource dependencies [${[...missing].join(", ")}] in the ${block} block of the template`);
};

const checkConditionOperands = (template: Template): void => {
  const missing = new Set<string>();
  for (const use of [...template.conditions.values()].flatMap((condition) => referencesIn(condition))) {
    if (use.kind === "condition") continue;
    if (use.kind === "attribute" || !(template.parameters.has(use.target) || pseudoParameters.includes(use.target)))
      missing.add(use.target);
  }
  if (missing.size > 0)
    throw templateFormatError(
      `Unresolved dependencies [${[...missing].join(", ")}]. Cannot reference resources in the Conditions block of the template`,
    );
};

const checkAttributes = (template: Template, typeOf: TypeOf): void => {
  const values = [
    ...[...template.resources.values()].map(({ properties }) => properties),
    ...[...template.outputs.values()].map(({ value }) => value),
  ];
  for (const use of values.flatMap((value) => referencesIn(value))) {
    if (use.kind !== "attribute" || use.attribute === "") continue;
    const resource = template.resources.get(use.target);
    const attributes = resource === undefined ? undefined : typeOf(resource.type)?.attributes;
    const isAnswered = attributes?.some(
      (name) => name === use.attribute || (name.endsWith("*") && use.attribute.startsWith(name.slice(0, -1))),
    );
    if (isAnswered === false) throw templateError(`resource ${use.target} does not support attribute type ${use.attribute} in Fn::GetAtt`);
  }
};
