import jsonata from "jsonata";
import { builtins } from "./builtins.ts";
import { isNode, stepsOf } from "./syntax-tree.ts";
import type { Node } from "./syntax-tree.ts";

/** The variables that an expression takes from outside, without its own, `$states` and functions, in the order in which they stand. */
export const variablesIn = async (compiled: jsonata.Expression): Promise<string[]> => {
  const found = new Set<string>();
  visit(compiled.ast(), found, new Set(["", "$", "states"]));
  const names: string[] = [];
  for (const name of found) if (!(await isFunction(name))) names.push(name);
  return names;
};

/** None of them is called. */
const awsFunctions = builtins({ nowMs: 0, chance: { fraction: () => 0, uuid: () => "" } });

/** A function may stand as a value: `$map(items, $string)`. */
const isFunction = async (name: string): Promise<boolean> =>
  (await jsonata(`$type($${name})`).evaluate(undefined, awsFunctions)) === "function";

/** Notes the variables of a node that are not bound where it stands, and binds what it declares. */
const visit = (node: unknown, found: Set<string>, bound: Set<string>): void => {
  if (Array.isArray(node)) return node.forEach((inner) => visit(inner, found, bound));
  if (!isNode(node)) return;
  switch (node["type"]) {
    case "variable":
      if (!bound.has(String(node["value"]))) found.add(String(node["value"]));
      return visitAll(node, found, bound);
    case "block":
      return visitAll(node, found, new Set(bound));
    case "bind":
      return visitBinding(node, found, bound);
    case "lambda":
      return visit(node["body"], found, new Set([...bound, ...namesOf(node["arguments"])]));
    case "index":
      return void bound.add(String(node["value"]));
    case "path":
      return visitPath(node, found, new Set(bound));
    case "function":
    case "partial":
      // What is called by a name is a function, and variables of a workflow are data.
      if (isNode(node["procedure"]) && node["procedure"]["type"] !== "variable") visit(node["procedure"], found, bound);
      return visit(node["arguments"], found, bound);
    default:
      return visitAll(node, found, bound);
  }
};

const visitAll = (node: Node, found: Set<string>, bound: Set<string>): void => visit(Object.values(node), found, bound);

/** `$name := …`, which a function may see in its own body. */
const visitBinding = ({ lhs, rhs }: Node, found: Set<string>, bound: Set<string>): void => {
  const names = namesOf([lhs]);
  visit(rhs, found, isNode(rhs) && rhs["type"] === "lambda" ? new Set([...bound, ...names]) : bound);
  for (const name of names) bound.add(name);
};

/** Steps, of which one may bind what it is at (`@$name`) and its position (`#$name`) for those after it. */
const visitPath = (path: Node, found: Set<string>, bound: Set<string>): void => {
  for (const step of stepsOf(path)) {
    if (isNode(step)) for (const name of [step["focus"], step["index"]]) if (typeof name === "string") bound.add(name);
    visit(step, found, bound);
  }
  visit(path["group"], found, bound);
};

const namesOf = (variables: unknown): string[] =>
  (Array.isArray(variables) ? (variables as unknown[]) : []).filter(isNode).map(({ value }) => String(value));
