import type jsonata from "jsonata";
import { isNode, stepsOf } from "./syntax-tree.ts";
import type { Node } from "./syntax-tree.ts";

/** What `$states` holds, besides input and context, where an expression stands. */
export type Held = "result" | "errorOutput" | undefined;

/**
 * What is wrong with an expression's references: names that it takes from the top level, where Step Functions puts nothing
 * (a bare `name`, `$`, `$$`, a wildcard), and `$states.result` or `$states.errorOutput` where there is none.
 */
export const unsupportedReferences = (compiled: jsonata.Expression, held: Held): string[] => {
  const found = new Set<string>();
  visit(compiled.ast(), found, { context: false, held });
  return [...found];
};

/** Operators that the library has and JSONata 2.0.6 has not, with the character that its parser stops at. */
const newer: ReadonlyMap<string, string> = new Map([
  ["??", "?"],
  ["?:", ":"],
]);

/**
 * What is wrong with an expression that uses an operator which Step Functions lacks: it has the language of JSONata 2.0.6
 * (docs.aws.amazon.com/step-functions: transforming-data), where `??` and `?:` do not parse.
 */
export const newerOperator = (compiled: jsonata.Expression, source: string): string | undefined => {
  const stop = stopIn(compiled.ast(), source);
  return stop === undefined ? undefined : `The symbol "${stop}" cannot be used as a unary operator`;
};

/** The library makes an ordinary condition of both; where it stands tells them apart. */
const stopIn = (node: unknown, source: string): string | undefined => {
  if (!Array.isArray(node) && !isNode(node)) return undefined;
  if (isNode(node) && node["type"] === "condition" && typeof node["position"] === "number") {
    const stop = newer.get(source.slice(node["position"] - 2, node["position"]));
    if (stop !== undefined) return stop;
  }
  for (const inner of Object.values(node)) {
    const stop = stopIn(inner, source);
    if (stop !== undefined) return stop;
  }
  return undefined;
};

type Where = { readonly context: boolean; readonly held: Held };

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
  const [first, second, ...others] = stepsOf(path);
  const member = isNode(first) && isNode(second) && first["value"] === "states" ? second["value"] : undefined;
  if ((member === "result" || member === "errorOutput") && member !== where.held) found.add(`Field '$states.${member}' does not exist.`);
  visit(first, found, where);
  visit([second, ...others, path["group"]], found, { ...where, context: true });
};

const noteTop = (node: Node, found: Set<string>): void => {
  const { type, value } = node;
  const add = (name: string) => found.add(`Reference to '${name}' at the top level is not supported.`);
  if (type === "name" && typeof value === "string") add(value);
  if (type === "variable" && value === "") add("$");
  if (type === "variable" && value === "$") add("$$");
  if (type === "wildcard") add("*");
  if (type === "descendant") add("**");
};
