import type { Json } from "../json.ts";
import { parseTimestamp } from "../timestamp.ts";

export type Operator = {
  /** The type of the value written in the rule, in AWS's words. */
  readonly type: "String" | "Number" | "Boolean" | "Timestamp";
  readonly accepts: (operand: Json) => boolean;
  readonly holds: (value: Json, operand: Json) => boolean;
};

const isText = (value: Json): value is string => typeof value === "string";
const isNumber = (value: Json): value is number => typeof value === "number";
const isBoolean = (value: Json): value is boolean => typeof value === "boolean";
const isTimestamp = (value: Json): boolean => parseTimestamp(value) !== undefined;

type Order = (left: number | string, right: number | string) => boolean;
const orders: Readonly<Record<string, Order>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
};

const ordered = (name: string, order: Order): [string, Operator][] => [
  [
    `String${name}`,
    { type: "String", accepts: isText, holds: (value, operand) => isText(value) && isText(operand) && order(value, operand) },
  ],
  [
    `Numeric${name}`,
    { type: "Number", accepts: isNumber, holds: (value, operand) => isNumber(value) && isNumber(operand) && order(value, operand) },
  ],
  [`Timestamp${name}`, { type: "Timestamp", accepts: isTimestamp, holds: (value, operand) => timestamps(value, operand, order) }],
];

const timestamps = (value: Json, operand: Json, order: Order): boolean => {
  const [left, right] = [parseTimestamp(value), parseTimestamp(operand)];
  return left !== undefined && right !== undefined && order(left, right);
};

const literal: readonly [string, Operator][] = [
  ...Object.entries(orders).flatMap(([name, order]) => ordered(name, order)),
  ["BooleanEquals", { type: "Boolean", accepts: isBoolean, holds: (value, operand) => isBoolean(value) && value === operand }],
];

const typeTest = (test: (value: Json) => boolean): Operator => ({
  type: "Boolean",
  accepts: isBoolean,
  holds: (value, operand) => test(value) === operand,
});

/** Every comparison of a Choice rule by its field's name; a `Path` form takes its operand from a path. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...literal,
  ...literal.map(([name, operator]): [string, Operator] => [`${name}Path`, operator]),
  [
    "StringMatches",
    { type: "String", accepts: isText, holds: (value, operand) => isText(value) && isText(operand) && matches(value, operand) },
  ],
  ["IsNull", typeTest((value) => value === null)],
  ["IsPresent", typeTest(() => true)],
  ["IsNumeric", typeTest(isNumber)],
  ["IsString", typeTest(isText)],
  ["IsBoolean", typeTest(isBoolean)],
  ["IsTimestamp", typeTest(isTimestamp)],
]);

/** `*` stands for any characters, `\*` for itself, `\\` for a backslash. */
const matches = (text: string, pattern: string): boolean => {
  const parts = [""];
  for (let at = 0; at < pattern.length; at += 1) {
    if (pattern[at] === "*") parts.push("");
    else {
      if (pattern[at] === "\\" && at + 1 < pattern.length) at += 1;
      parts[parts.length - 1] += pattern[at] ?? "";
    }
  }
  const [first = "", ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of others) {
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
};
