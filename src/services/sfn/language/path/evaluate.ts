import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import { runtimeFailure } from "../state-failure.ts";
import { passes } from "./filter.ts";
import type { Path, Step } from "./path.ts";

/** What a path finds: one value if it is definite, else a list. `undefined`: nothing is there. */
export const select = (path: Pick<Path, "steps" | "definite">, root: Json): Json | undefined =>
  path.definite ? selectOne(path.steps, root) : selectMany(path.steps, root);

const selectOne = (steps: readonly Step[], root: Json): Json | undefined => {
  let node: Json | undefined = root;
  for (const step of steps) {
    if (node === undefined) return undefined;
    if (step.kind === "key") node = isObject(node) ? member(node, step.key) : undefined;
    else if (step.kind === "index") node = isArray(node) ? node.at(step.index) : undefined;
    else if (step.kind === "keys") node = isObject(node) ? pick(step.keys, node) : undefined;
    else if (step.kind === "call") node = aggregate(step.name, node);
  }
  return node;
};

/**
 * A list from an indefinite path. A name or an index that leads nowhere gives an empty list, as AWS does; a slice or
 * a filter of what is no array fails the path, unless an earlier step could select many.
 */
const selectMany = (steps: readonly Step[], root: Json): Json | undefined => {
  let nodes: Json[] = [root];
  let lenient = false;
  for (const [at, step] of steps.entries()) {
    if (step.kind === "call") return aggregate(step.name, nodes);
    if (step.kind === "keys" && at < steps.length - 1) {
      nodes = nodes.flatMap((node) => (isObject(node) ? Object.values(pick(step.keys, node)) : []));
      lenient = true;
      continue;
    }
    const single = step.kind === "key" || step.kind === "index";
    const [only] = nodes;
    if (!lenient && !single && only !== undefined && children(step, only, root) === undefined) return undefined;
    nodes = eachOf(nodes, (node) => children(step, node, root) ?? []);
    lenient ||= !single;
  }
  return nodes;
};

/** One `..` after the other finds the same nodes again and again: a path that finds too many fails. */
const eachOf = (nodes: readonly Json[], found: (node: Json) => readonly Json[]): Json[] => {
  const all: Json[] = [];
  for (const node of nodes) {
    for (const each of found(node)) all.push(each);
    if (all.length > limits.pathNodes) throw runtimeFailure(`A JSONPath finds more than ${limits.pathNodes} values.`);
  }
  return all;
};

/** The nodes one step away; `undefined` if the step cannot be taken from here. */
const children = (step: Step, node: Json, root: Json): Json[] | undefined => {
  switch (step.kind) {
    case "key": {
      const value = isObject(node) ? member(node, step.key) : undefined;
      return value === undefined ? undefined : [value];
    }
    case "keys":
      return isObject(node) ? [pick(step.keys, node)] : undefined;
    case "index":
    case "indexes":
      return indexed(step.kind === "index" ? [step.index] : step.indexes, node);
    case "slice":
      return isArray(node) ? node.slice(step.from, step.to).filter((_, index) => index % step.by === 0) : undefined;
    case "every":
      return isArray(node) ? [...node] : isObject(node) ? Object.values(node) : [];
    case "descend":
      return descendants(node);
    case "filter":
      if (isArray(node)) return node.filter((item) => passes(step.filter, item, root));
      return isObject(node) ? [node].filter((item) => passes(step.filter, item, root)) : undefined;
    case "call":
      return undefined;
  }
};

const pick = (keys: readonly string[], node: JsonObject): JsonObject =>
  Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(node, key) ? [[key, node[key] ?? null]] : [])));

const indexed = (indexes: readonly number[], node: Json): Json[] | undefined => {
  if (!isArray(node)) return undefined;
  const found = indexes.flatMap((index) => {
    const value = node.at(index);
    return value === undefined ? [] : [value];
  });
  return found.length === 0 && indexes.length === 1 ? undefined : found;
};

/** The node and all within it, each before what it holds; without recursion, since data may be nested deeper than calls can be. */
const descendants = (node: Json): Json[] => {
  const found: Json[] = [];
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    const inner = isArray(next) ? next : isObject(next) ? Object.values(next) : [];
    for (let index = inner.length - 1; index >= 0; index--) waiting.push(inner[index] ?? null);
  }
  return found;
};

/** Jayway's functions; those that reckon with numbers find nothing on AWS (re:Post: "sum() function returns error about not finding path"). */
const aggregate = (name: string, node: Json): Json | undefined => {
  if (name === "length" || name === "size") {
    if (isArray(node) || typeof node === "string") return node.length;
    return isObject(node) ? Object.keys(node).length : undefined;
  }
  return name === "keys" && isObject(node) ? Object.keys(node) : undefined;
};
