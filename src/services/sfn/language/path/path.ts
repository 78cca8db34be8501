import { parseFilter, type Filter } from "./filter.ts";
import { fail, Scanner } from "./scanner.ts";

/** One step of a JSONPath, read once when the definition is parsed. */
export type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "indexes"; readonly indexes: readonly number[] }
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly kind: "every" }
  | { readonly kind: "descend" }
  | { readonly kind: "filter"; readonly filter: Filter }
  | { readonly kind: "call"; readonly name: string };

/** A JSONPath over the input (`$`), the context object (`$$`) or a variable (`$name`). */
export type Path = {
  readonly source: string;
  readonly root: { readonly kind: "input" } | { readonly kind: "context" } | { readonly kind: "variable"; readonly name: string };
  readonly steps: readonly Step[];
  /** A definite path selects one value; any other selects a list, which may be empty. */
  readonly definite: boolean;
};

const aggregates = new Set(["length", "size", "keys", "min", "max", "avg", "sum", "stddev"]);
/** A name after a dot; a backslash takes the character after it as it is. */
const plainKey = /(?:\\[^]|[^.[\]()'"\s,=<>!&|\\])+/y;
const variableName = /\p{ID_Start}\p{ID_Continue}*/uy;

/** Reads a JSONPath; throws a `SyntaxError` saying what is wrong. */
export const parsePath = (source: string): Path => {
  const scanner = new Scanner(source);
  const path = scanPath(scanner);
  if (!scanner.done()) fail(`Unexpected '${scanner.rest()}'`);
  return path;
};

export const scanPath = (scanner: Scanner): Path => {
  const start = scanner.at;
  if (!scanner.take("$")) fail("A path starts with '$'");
  const root = scanRoot(scanner);
  const steps = scanSteps(scanner);
  return { source: scanner.text.slice(start, scanner.at), root, steps, definite: isDefinite(steps) };
};

const scanRoot = (scanner: Scanner): Path["root"] => {
  if (scanner.take("$")) return { kind: "context" };
  const name = scanner.match(variableName);
  return name === undefined ? { kind: "input" } : { kind: "variable", name };
};

/** Several names at the end select one object that has them all, as in Jayway's JSONPath, which AWS takes its own from. */
export const isDefinite = (steps: readonly Step[]): boolean =>
  steps.every(({ kind }, at) => kind === "key" || kind === "index" || kind === "call" || (kind === "keys" && at === steps.length - 1));

export const scanSteps = (scanner: Scanner): Step[] => {
  const steps: Step[] = [];
  for (;;) {
    if (scanner.take("..")) {
      steps.push({ kind: "descend" });
      if (scanner.peek("[")) continue;
      steps.push(scanDotted(scanner));
    } else if (scanner.take(".")) {
      if (scanner.peek("[")) continue;
      steps.push(scanDotted(scanner));
    } else if (scanner.take("[")) {
      steps.push(scanBracket(scanner));
    } else {
      return steps;
    }
  }
};

const scanDotted = (scanner: Scanner): Step => {
  if (scanner.take("*")) return { kind: "every" };
  const key = scanner.match(plainKey);
  if (key === undefined) return fail("A name follows '.'");
  if (aggregates.has(key) && scanner.take("()")) return { kind: "call", name: key };
  return { kind: "key", key: key.replaceAll(/\\([^])/g, "$1") };
};

const scanBracket = (scanner: Scanner): Step => {
  scanner.spaces();
  const step = scanSubscript(scanner);
  scanner.spaces();
  if (!scanner.take("]")) fail("']' is missing");
  return step;
};

const scanSubscript = (scanner: Scanner): Step => {
  if (scanner.take("*")) return { kind: "every" };
  if (scanner.peek("?")) return { kind: "filter", filter: parseFilter(scanner) };
  if (scanner.peek("'") || scanner.peek('"')) return scanKeys(scanner);
  const first = scanner.integer();
  scanner.spaces();
  if (scanner.take(":")) return scanSlice(scanner, first);
  if (first === undefined) return fail("A subscript is a name, a number, a slice, a filter or '*'");
  const indexes = [first];
  while (scanner.take(",")) {
    scanner.spaces();
    indexes.push(scanner.integer() ?? fail("A number follows ','"));
    scanner.spaces();
  }
  return indexes.length === 1 ? { kind: "index", index: first } : { kind: "indexes", indexes };
};

const scanKeys = (scanner: Scanner): Step => {
  const keys = [scanner.quoted()];
  scanner.spaces();
  while (scanner.take(",")) {
    scanner.spaces();
    keys.push(scanner.quoted());
    scanner.spaces();
  }
  const [key = ""] = keys;
  return keys.length === 1 ? { kind: "key", key } : { kind: "keys", keys };
};

const scanSlice = (scanner: Scanner, from: number | undefined): Step => {
  scanner.spaces();
  const to = scanner.integer();
  scanner.spaces();
  const by = scanner.take(":") ? (scanner.integer() ?? 1) : 1;
  if (by < 1) fail("A slice's step is positive");
  return { kind: "slice", from, to, by };
};
