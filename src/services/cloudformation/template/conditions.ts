import { templateError, templateFormatError } from "../faults.ts";
import { functionOf, isList } from "./json.ts";
import type { Json } from "./json.ts";
import { resolveValue } from "./resolve.ts";
import type { Scope } from "./scope.ts";
import { sameJson } from "./json.ts";

const booleans = ["Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"];

/** Whether a named condition holds. */
export const holds = (name: string, scope: Scope): boolean => {
  const condition = scope.conditions.get(name);
  if (condition === undefined) throw templateError(`unresolved condition dependency ${name} in Fn::If`);
  return evaluate(condition, scope);
};

const evaluate = (value: Json, scope: Scope): boolean => {
  const [name, argument] = functionOf(value) ?? ["", null];
  const items = isList(argument) ? argument : [];
  if (name === "Condition" && typeof argument === "string") return holds(argument, scope);
  if (name === "Fn::Equals") return sameJson(operand(items[0], scope), operand(items[1], scope));
  if (name === "Fn::Not") return !evaluate(items[0] ?? null, scope);
  if (name === "Fn::And") return items.every((item) => evaluate(item, scope));
  if (name === "Fn::Or") return items.some((item) => evaluate(item, scope));
  throw notBoolean();
};

const notBoolean = () => templateFormatError("Conditions can only be boolean operations on parameters and other conditions");

/** `true` and `"true"` are the same to CloudFormation, as parameters are text. */
const operand = (value: Json | undefined, scope: Scope): Json => {
  const resolved = resolveValue(value ?? null, scope) ?? null;
  return typeof resolved === "number" || typeof resolved === "boolean" ? String(resolved) : resolved;
};

/**
 * Checks the form of every condition, and that none needs itself.
 * @throws Fault `ValidationError`: `Template error: Found circular condition dependency between A and B`
 */
export const checkConditions = (conditions: ReadonlyMap<string, Json>): void => {
  for (const condition of conditions.values()) checkForm(condition);
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return;
    const condition = conditions.get(name);
    const last = path.at(-1) ?? name;
    if (condition === undefined)
      throw templateFormatError(`Unresolved condition dependency ${name} in the Conditions block of the template`);
    if (path.includes(name)) throw templateError(`Found circular condition dependency between ${name} and ${last}`);
    for (const other of namesIn(condition)) visit(other, [...path, name]);
    done.add(name);
  };
  for (const name of conditions.keys()) visit(name, []);
};

const namesIn = (value: Json): string[] => {
  const call = functionOf(value);
  if (call === undefined) return [];
  const [name, argument] = call;
  if (name === "Condition" && typeof argument === "string") return [argument];
  return isList(argument) ? argument.flatMap((item) => namesIn(item)) : [];
};

const checkForm = (value: Json): void => {
  const [name, argument] = functionOf(value) ?? ["", null];
  if (!booleans.includes(name)) throw notBoolean();
  if (name === "Condition") {
    if (typeof argument !== "string") throw templateError("every Condition object must have a single String value.");
    return;
  }
  const items = isList(argument) ? argument : [];
  if (name === "Fn::Equals") {
    if (items.length !== 2) throw templateError("every Fn::Equals object requires a list of 2 string parameters.");
    return;
  }
  if (name === "Fn::Not" && items.length !== 1) throw templateError("every Fn::Not object requires a list of 1 boolean parameter.");
  if (name !== "Fn::Not" && (items.length < 2 || items.length > 10))
    throw templateError(`every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`);
  for (const item of items) checkForm(item);
};
