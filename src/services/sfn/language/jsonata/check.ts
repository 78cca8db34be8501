import type jsonata from "jsonata";

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/**
 * Names that an expression takes from the top level, where Step Functions puts nothing: a bare `name`, `$`, `$$`, a
 * wildcard. `errorOutput` is told too where the expression is not in a Catch.
 */
export const unsupportedReferences = (compiled: jsonata.Expression, inCatch: boolean): string[] => {
  const found = new Set<string>();
  visit(compiled.ast(), found, { context: false, inCatch });
  return [...found];
};

type Where = { readonly context: boolean; readonly inCatch: boolean };

const visit = (node: unknown, found: Set<string>, where: Where): void => {
  if (Array.isArray(node)) return node.forEach((inner) => visit(inner, found, where));
  if (!isNode(node)) return;
  if (node["type"] === "path") return visitPath(node, found, where);
  if (!where.context) noteTop(node, found);
  const inner = node["type"] === "transform" ? { ...where, context: true } : where;
  for (const [key, value] of Object.entries(node)) {
    if (key === "predicate" || key === "stages" || key === "group") visit(value, found, { ...where, context: true });
    else if (isNode(value)) visit(value, found, inner);
  }
};

const visitPath = (path: Node, found: Set<string>, where: Where): void => {
  const steps = Array.isArray(path["steps"]) ? (path["steps"] as unknown[]) : [];
  const [first, second, ...others] = steps;
  if (!where.inCatch && isNode(first) && isNode(second) && first["value"] === "states" && second["value"] === "errorOutput") {
    found.add("$states.errorOutput");
  }
  visit(first, found, where);
  visit([second, ...others, path["group"]], found, { ...where, context: true });
};

const noteTop = (node: Node, found: Set<string>): void => {
  const { type, value } = node;
  if (type === "name" && typeof value === "string") found.add(value);
  if (type === "variable" && value === "") found.add("$");
  if (type === "variable" && value === "$") found.add("$$");
  if (type === "wildcard") found.add("*");
  if (type === "descendant") found.add("**");
};
