import type { Desired, Stack } from "./cloudformation.ts";
import { activeResources, dependencyGraph } from "./template/dependencies.ts";
import type { Graph } from "./template/dependencies.ts";
import { functionOf, isList, isObject } from "./template/json.ts";
import type { Json } from "./template/json.ts";
import { parseTemplateText } from "./template/parse-text.ts";
import { readTemplate } from "./template/read-template.ts";
import { resolveValue } from "./template/resolve.ts";
import { templateScope } from "./template/scope.ts";
import type { Scope, Surroundings } from "./template/scope.ts";
import type { Template, TemplateResource } from "./template/template.ts";

/** A template filled in with its parameters, before any of its resources is looked at. */
export type OpenTemplate = { template: Template; scope: Scope; active: ReadonlyMap<string, TemplateResource>; graph: Graph };

export const surroundingsOf = ({
  stackId,
  name,
  account,
  region,
}: Pick<Stack, "stackId" | "name" | "account" | "region">): Surroundings => ({
  region,
  stackId,
  accountId: account,
  stackName: name,
  partition: "aws",
  urlSuffix: "amazonaws.com",
  notificationArns: [],
});

/** What a stack under review has: it is there, and nothing of it yet. */
const noTemplate: Template = {
  description: undefined,
  version: undefined,
  metadata: undefined,
  transforms: [],
  parameters: new Map(),
  mappings: new Map(),
  conditions: new Map(),
  resources: new Map(),
  outputs: new Map(),
};

/** Opens a template that has been checked when the stack was given it. */
export const openTemplate = (
  desired: Pick<Desired, "templateBody" | "values">,
  stack: Parameters<typeof surroundingsOf>[0],
): OpenTemplate => {
  const template = desired.templateBody === "" ? noTemplate : readTemplate(parseTemplateText(desired.templateBody), desired.values);
  return fillIn(template, templateScope(template, desired.values, surroundingsOf(stack)));
};

export const fillIn = (template: Template, scope: Scope): OpenTemplate => {
  const active = activeResources(template, scope);
  return { template, scope, active, graph: dependencyGraph(active) };
};

/** The names of the exports that a template imports. */
export const importsOf = ({ template, scope, active }: OpenTemplate): string[] => {
  const names: string[] = [];
  const collect = (value: Json): void => {
    const call = functionOf(value);
    if (call?.[0] === "Fn::ImportValue") {
      const name = resolveValue(call[1], scope);
      if (typeof name === "string") names.push(name);
    } else if (isObject(value) || isList(value)) for (const child of Object.values(value)) collect(child);
  };
  for (const { properties } of active.values()) collect(properties);
  for (const { value } of template.outputs.values()) collect(value);
  return names;
};
