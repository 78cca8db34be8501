import { runInNewContext } from "node:vm";
import { validationError } from "../faults.ts";
import { limits } from "../limits.ts";
import type { ParameterDeclaration, Template } from "./template.ts";

/** What a caller says about a parameter, as `Parameters` of CreateStack has it. */
export type GivenParameter = {
  ParameterKey?: string | undefined;
  ParameterValue?: string | undefined;
  UsePreviousValue?: boolean | undefined;
};

export type ParameterValues = Readonly<Record<string, string>>;

/**
 * The value of each of the template's parameters: given, the one before, or the default.
 * @throws Fault `ValidationError`: `Parameters: [X] must have values`
 */
export const chooseValues = (
  template: Template,
  given: readonly GivenParameter[],
  previous: ParameterValues | undefined,
): ParameterValues => {
  const unknown = given.map((parameter) => parameter.ParameterKey ?? "").filter((key) => !template.parameters.has(key));
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  const values: Record<string, string> = {};
  for (const parameter of given) {
    const key = parameter.ParameterKey ?? "";
    if (Object.hasOwn(values, key)) throw validationError(`Duplicate parameter key: ${key}`);
    if (parameter.UsePreviousValue === true) values[key] = previousValue(key, parameter, previous);
    else if (parameter.ParameterValue !== undefined) values[key] = parameter.ParameterValue;
  }
  const missing: string[] = [];
  for (const declaration of template.parameters.values()) {
    const value = Object.hasOwn(values, declaration.name) ? values[declaration.name] : declaration.default;
    if (value === undefined) missing.push(declaration.name);
    else {
      checkValue(declaration, value);
      values[declaration.name] = value;
    }
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(", ")}] must have values`);
  return Object.fromEntries([...template.parameters.keys()].map((name) => [name, values[name] ?? ""]));
};

const previousValue = (key: string, parameter: GivenParameter, previous: ParameterValues | undefined): string => {
  const start = `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true`;
  if (parameter.ParameterValue !== undefined) throw validationError(`${start} and also specify a parameter value`);
  if (previous === undefined || !Object.hasOwn(previous, key))
    throw validationError(`${start} for a parameter key not in the previous template`);
  return previous[key] ?? "";
};

/** What `Ref` gives: a string, or the items of a list. */
export const typedValue = (declaration: ParameterDeclaration, value: string): string | string[] =>
  isListType(declaration.type) ? splitList(value) : value;

const isListType = (type: string): boolean => type === "CommaDelimitedList" || type.startsWith("List<");
const splitList = (value: string): string[] => value.split(",").map((item) => item.trim());

const checkValue = (declaration: ParameterDeclaration, value: string): void => {
  if (Buffer.byteLength(value) > limits.parameterValueBytes)
    throw validationError(`Parameter '${declaration.name}' must contain at most ${limits.parameterValueBytes} bytes`);
  const items = isListType(declaration.type) ? splitList(value) : [value];
  for (const item of items) {
    const wrong = findWrong(declaration, item);
    if (wrong === undefined) continue;
    const { constraintDescription } = declaration;
    const reason = constraintDescription === undefined ? wrong : `failed to satisfy constraint: ${constraintDescription}`;
    throw validationError(`Parameter '${declaration.name}' ${reason}`);
  }
};

const findWrong = (declaration: ParameterDeclaration, item: string): string | undefined => {
  const { allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = declaration;
  if (allowedValues !== undefined && !allowedValues.includes(item)) return "must be one of AllowedValues";
  if (/Number/.test(declaration.type)) {
    const number = Number(item);
    if (item.trim() === "" || !Number.isFinite(number)) return "must be a number";
    if (minValue !== undefined && number < minValue) return `must be a number not less than ${minValue}`;
    if (maxValue !== undefined && number > maxValue) return `must be a number not greater than ${maxValue}`;
    return undefined;
  }
  if (minLength !== undefined && item.length < minLength) return `must contain at least ${minLength} characters`;
  if (maxLength !== undefined && item.length > maxLength) return `must contain at most ${maxLength} characters`;
  if (allowedPattern !== undefined && !matchesWhole(allowedPattern, item)) return `must match pattern ${allowedPattern}`;
  return undefined;
};

/**
 * Java's `matches` wants the whole value to match. A pattern that only Java reads, or that backtracks without end, is the template's own mistake:
 * it is given a time, for it runs in everybody's process.
 */
const matchesWhole = (pattern: string, value: string): boolean => {
  const flags = compiles(pattern, "u") ? "u" : "";
  if (!compiles(pattern, flags)) throw validationError(`Invalid AllowedPattern: ${pattern}`);
  try {
    return (
      runInNewContext("new RegExp(source, flags).test(value)", { source: `^(?:${pattern})$`, flags, value }, { timeout: patternMs }) ===
      true
    );
  } catch {
    throw validationError(`AllowedPattern ${pattern} takes too long to match.`);
  }
};

const patternMs = 100;

const compiles = (pattern: string, flags: string): boolean => {
  try {
    return new RegExp(`^(?:${pattern})$`, flags) instanceof RegExp;
  } catch {
    return false;
  }
};
