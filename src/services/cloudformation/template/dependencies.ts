import { validationError } from "../faults.ts";
import { holds } from "./conditions.ts";
import { functionOf, isList, isObject } from "./json.ts";
import type { Json } from "./json.ts";
import { referencesIn } from "./references.ts";
import type { Scope } from "./scope.ts";
import type { Template, TemplateOutput, TemplateResource } from "./template.ts";

/** For each node, the nodes that must be there before it. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** A value with every `Fn::If` replaced by the branch that its condition chooses; other functions stay. */
const chooseBranches = (value: Json, scope: Scope): Json => {
  if (isList(value)) return value.map((item) => chooseBranches(item, scope));
  if (!isObject(value)) return value;
  const [name, argument] = functionOf(value) ?? ["", null];
  if (name === "Fn::If" && isList(argument) && typeof argument[0] === "string")
    return chooseBranches((holds(argument[0], scope) ? argument[1] : argument[2]) ?? null, scope);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, chooseBranches(child, scope)]));
};

/** The resources that the conditions let exist, their properties without the branches not chosen. */
export const activeResources = (template: Template, scope: Scope): Map<string, TemplateResource> => {
  const active = [...template.resources.values()].filter(({ condition }) => condition === undefined || holds(condition, scope));
  return new Map(active.map((resource) => [resource.logicalId, { ...resource, properties: chooseMembers(resource, scope) }]));
};

const chooseMembers = ({ properties }: TemplateResource, scope: Scope): TemplateResource["properties"] =>
  Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, chooseBranches(value, scope)]));

export const activeOutputs = (template: Template, scope: Scope): TemplateOutput[] =>
  [...template.outputs.values()]
    .filter(({ condition }) => condition === undefined || holds(condition, scope))
    .map((output) => ({ ...output, value: chooseBranches(output.value, scope) }));

/** Which resources each resource needs: by `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`. */
export const dependencyGraph = (resources: ReadonlyMap<string, TemplateResource>): Graph =>
  new Map(
    [...resources.values()].map((resource) => {
      const names = [
        ...resource.dependsOn,
        ...referencesIn(resource.properties).flatMap((use) => (use.kind === "condition" ? [] : [use.target])),
      ];
      return [resource.logicalId, new Set(names.filter((name) => resources.has(name)))];
    }),
  );

/**
 * Refuses a graph in which something needs itself.
 * @throws Fault `ValidationError`: `Circular dependency between resources: [A, B]`
 */
export const refuseCircles = (graph: Graph): void => {
  const left = new Map([...graph].map(([name, needs]) => [name, new Set(needs)]));
  const drop = (useless: (name: string, needs: Set<string>) => boolean): void => {
    for (let found = true; found;) {
      const names = [...left].filter(([name, needs]) => useless(name, needs)).map(([name]) => name);
      for (const name of names) left.delete(name);
      for (const needs of left.values()) for (const name of names) needs.delete(name);
      found = names.length > 0;
    }
  };
  // What needs nothing is in no circle, nor is what nothing needs.
  drop((_name, needs) => needs.size === 0);
  drop((name) => ![...left.values()].some((needs) => needs.has(name)));
  if (left.size > 0) throw validationError(`Circular dependency between resources: [${[...left.keys()].join(", ")}]`);
};
