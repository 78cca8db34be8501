import { BoundedPattern } from "../bounded-pattern.ts";
import { isArray, isObject, sameJson, type Json } from "../json.ts";
import { select } from "./evaluate.ts";
import { isDefinite, scanSteps, type Step } from "./path.ts";
import { fail, type Scanner } from "./scanner.ts";

type Operand =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "pattern"; readonly pattern: RegExp }
  | { readonly kind: "path"; readonly from: "@" | "$"; readonly steps: readonly Step[]; readonly definite: boolean };

/** The condition in `[?( … )]`. */
export type Filter =
  | { readonly kind: "or" | "and"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | { readonly kind: "exists"; readonly operand: Operand }
  | { readonly kind: "compare"; readonly operator: string; readonly left: Operand; readonly right: Operand };

export const parseFilter = (scanner: Scanner): Filter => {
  if (!scanner.take("?")) fail("A filter starts with '?'");
  scanner.spaces();
  if (!scanner.take("(")) fail("'(' follows '?'");
  const filter = parseJoined(scanner, "||");
  scanner.spaces();
  if (!scanner.take(")")) fail("')' is missing");
  return filter;
};

const parseJoined = (scanner: Scanner, joint: "||" | "&&"): Filter => {
  const next = () => (joint === "||" ? parseJoined(scanner, "&&") : parseTest(scanner));
  const parts = [next()];
  for (scanner.spaces(); scanner.take(joint); scanner.spaces()) parts.push(next());
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: joint === "||" ? "or" : "and", parts };
};

const parseTest = (scanner: Scanner): Filter => {
  scanner.spaces();
  if (scanner.take("!")) return { kind: "not", part: parseTest(scanner) };
  if (scanner.take("(")) {
    const filter = parseJoined(scanner, "||");
    scanner.spaces();
    if (!scanner.take(")")) fail("')' is missing");
    return filter;
  }
  const left = parseOperand(scanner);
  scanner.spaces();
  const operator = scanner
    .match(/===|!==|==|!=|<=|>=|=~|<>|<|>|(?:in|nin|all|subsetof|anyof|noneof|size|empty|contains)\b/iy)
    ?.toLowerCase();
  if (operator === undefined) return { kind: "exists", operand: left };
  scanner.spaces();
  return { kind: "compare", operator, left, right: parseOperand(scanner) };
};

const parseOperand = (scanner: Scanner): Operand => {
  for (const from of ["@", "$"] as const) {
    if (scanner.take(from)) {
      const steps = scanSteps(scanner);
      return { kind: "path", from, steps, definite: isDefinite(steps) };
    }
  }
  const expression = scanner.match(/\/(?:[^/\\]|\\.)*\/[ims]*/y);
  if (expression !== undefined) return parsePattern(expression);
  return { kind: "literal", value: parseLiteral(scanner) };
};

const parsePattern = (expression: string): Operand => {
  const end = expression.lastIndexOf("/");
  return { kind: "pattern", pattern: new BoundedPattern(`^(?:${expression.slice(1, end)})$`, expression.slice(end + 1)) };
};

/** Unlike in JSON, a digit may be missing on one side of the point: `.85`, as Jayway's JSONPath takes it. */
const number = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

const parseLiteral = (scanner: Scanner): Json => {
  if (scanner.peek("'") || scanner.peek('"')) return scanner.quoted();
  const word = scanner.match(/(?:true|false|null)\b/y);
  if (word !== undefined) return word === "null" ? null : word === "true";
  if (scanner.take("[")) {
    const items: Json[] = [];
    for (scanner.spaces(); !scanner.take("]"); scanner.spaces()) {
      items.push(parseLiteral(scanner));
      scanner.spaces();
      if (!scanner.take(",") && !scanner.peek("]")) fail("']' is missing");
    }
    return items;
  }
  const digits = scanner.match(number);
  return digits === undefined ? fail(`A value is missing before '${scanner.rest()}'`) : Number(digits);
};

export const passes = (filter: Filter, node: Json, root: Json): boolean => {
  switch (filter.kind) {
    case "or":
      return filter.parts.some((part) => passes(part, node, root));
    case "and":
      return filter.parts.every((part) => passes(part, node, root));
    case "not":
      return !passes(filter.part, node, root);
    case "exists":
      return exists(filter.operand, node, root);
    case "compare":
      return compare(filter, node, root);
  }
};

const resolve = (operand: Operand, node: Json, root: Json): Json | undefined => {
  if (operand.kind === "literal") return operand.value;
  if (operand.kind === "pattern") return operand.pattern.source;
  return select(operand, operand.from === "@" ? node : root);
};

const exists = (operand: Operand, node: Json, root: Json): boolean => {
  const value = resolve(operand, node, root);
  // A null is taken for absent here, though `== null` finds it.
  if (value === undefined || value === null) return false;
  return operand.kind !== "path" || operand.definite || (isArray(value) && value.length > 0);
};

const compare = (filter: Filter & { kind: "compare" }, node: Json, root: Json): boolean => {
  const left = resolve(filter.left, node, root);
  const right = resolve(filter.right, node, root);
  const opposite = opposites.get(filter.operator);
  if (opposite !== undefined) return !compareValues(opposite, left, right);
  if (filter.operator === "=~") return filter.right.kind === "pattern" && matches(filter.right.pattern, left);
  return compareValues(filter.operator, left, right);
};

/** What holds wherever another operator does not, also for a value that is not there. */
const opposites: ReadonlyMap<string, string> = new Map([
  ["!=", "=="],
  ["<>", "=="],
  ["!==", "==="],
  ["nin", "in"],
]);

/** A list matches if one of its items does; what is no text, number or boolean is matched as an empty text. */
const matches = (pattern: RegExp, value: Json | undefined): boolean =>
  (isArray(value) ? value : [value]).some((item) => pattern.test(textOf(item)));

const textOf = (value: Json | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Jayway's `==`: a number equals the text that it can be read from, a text the number that is written so; `===` minds the type. */
const equals = (left: Json, right: Json): boolean => {
  if (typeof left === "number" && typeof right === "string") return numeral.test(right) && Number(right) === left;
  if (typeof left === "string" && typeof right === "number") return left === String(right);
  return sameJson(left, right);
};

const compareValues = (operator: string, left: Json | undefined, right: Json | undefined): boolean => {
  if (left === undefined || right === undefined) return false;
  switch (operator) {
    case "==":
      return equals(left, right);
    case "===":
      return sameJson(left, right);
    case "in":
      return isArray(right) && right.some((item) => equals(left, item));
    case "all":
      return isArray(left) && isArray(right) && right.every((item) => left.some((other) => equals(item, other)));
    case "size":
      return sizeOf(left) === (typeof right === "number" ? right : sizeOf(right));
    case "empty":
      return (sizeOf(left) === 0) === right;
    case "contains":
      return typeof left === "string" ? left.includes(String(right)) : isArray(left) && left.some((item) => equals(right, item));
    default:
      return compareLists(operator, left, right);
  }
};

const compareLists = (operator: string, left: Json, right: Json): boolean => {
  if (isArray(left) && isArray(right)) {
    const shared = (item: Json) => right.some((other) => equals(item, other));
    if (operator === "subsetof") return left.every(shared);
    if (operator === "anyof") return left.some(shared);
    if (operator === "noneof") return !left.some(shared);
  }
  const ordered = typeof left === typeof right && (typeof left === "number" || typeof left === "string");
  if (!ordered || left === null || right === null) return false;
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  return operator === ">=" && left >= right;
};

const sizeOf = (value: Json): number | undefined => {
  if (isArray(value) || typeof value === "string") return value.length;
  return isObject(value) ? Object.keys(value).length : undefined;
};
