import jsonata from "jsonata";
import { BoundedPattern } from "../bounded-pattern.ts";
import { typeName, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import { queryFailure } from "../state-failure.ts";
import { boundTexts } from "./texts.ts";
import { takeTurns } from "./turns.ts";
import { builtins, type Ambient } from "./builtins.ts";

/** A JSONata expression, compiled when the definition is parsed. */
export type Query = {
  readonly source: string;
  /** The field it stands in, as causes name it: `Output/total`, `Choices[0]/Condition`. */
  readonly field: string;
  readonly compiled: jsonata.Expression;
};

/** What an expression sees: `$states` and the variables, and where time and chance come from. */
export type Bindings = { readonly states: JsonObject; readonly variables: JsonObject; readonly ambient: Ambient };

export const compile = (source: string): jsonata.Expression => {
  const RegexEngine = BoundedPattern as unknown as RegExpConstructor;
  const compiled = jsonata(source, { RegexEngine, stack: limits.jsonataDepth, sequence: limits.jsonataSequence });
  takeTurns(compiled, limits.jsonataMilliseconds);
  boundTexts(compiled);
  return compiled;
};

/** Evaluates an expression; it fails with `States.QueryEvaluationError` if it throws or gives nothing. */
export const ask = async (query: Query, bindings: Bindings): Promise<Json> => {
  const subject = `The JSONata expression '${query.source}' specified for the field '${query.field}'`;
  let found: unknown;
  try {
    const scope = { ...builtins(bindings.ambient), ...bindings.variables, states: bindings.states };
    found = await query.compiled.evaluate(undefined, scope);
  } catch (thrown) {
    throw queryFailure(`${subject} threw an error during evaluation${reason(thrown)}`, query.field);
  }
  if (found === null || typeof found === "string" || typeof found === "boolean" || Number.isFinite(found)) return found as Json;
  const text = JSON.stringify(found, plain) as string | undefined;
  if (text === undefined) throw queryFailure(`${subject} returned nothing (undefined).`, query.field);
  // A round trip leaves behind the marks that the library puts on its own lists.
  return JSON.parse(text) as Json;
};

/** JSON has no functions, which are left out, and no number for `1/0`, for which AWS gives `"Infinity"`. */
const plain = (_: string, value: unknown): unknown => {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return isFunction(value) ? undefined : value;
};

/** The library's own functions and lambdas are objects with a mark. */
const isFunction = (value: unknown): boolean =>
  typeof value === "object" && value !== null && ("_jsonata_function" in value || "_jsonata_lambda" in value);

const guards: Readonly<Record<string, string>> = {
  D1011: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive",
  D1012: "Expression evaluation timeout: Check for infinite loop",
  D2014: "Expression evaluation memory limit exceeded: Check for excessive memory usage",
  D2015: "Expression evaluation memory limit exceeded: Check for excessive memory usage",
};

/** The library's code, also for the engine's own errors of its stack, and of a text or list that it cannot hold. */
const codeOf = (thrown: unknown): unknown => {
  if (!(thrown instanceof RangeError)) return (thrown as { code?: unknown }).code;
  if (thrown.message.startsWith("Maximum call stack")) return "D1011";
  return /^Invalid (?:string|array) length/.test(thrown.message) ? "D2015" : undefined;
};

const reason = (thrown: unknown): string => {
  const { message } = thrown as { message?: unknown };
  const code = codeOf(thrown);
  if (typeof code !== "string") return `: ${typeof message === "string" ? message : String(thrown)}`;
  const guard = guards[code];
  return guard === undefined ? `. ${code}: ${typeof message === "string" ? message : ""}` : `: ${guard}`;
};

/** The value of an expression that must be of one type. */
export const askFor = async <T extends Json>(
  query: Query,
  bindings: Bindings,
  expected: { readonly type: string; readonly is: (value: Json) => value is T },
): Promise<T> => {
  const value = await ask(query, bindings);
  if (expected.is(value)) return value;
  throw unsuitable(
    query,
    `returned an unexpected result type. Expected '${expected.type}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
  );
};

/** A whole number of an expression, if it is within what its field takes. */
export const within = (query: Query, value: number, { least, most }: { readonly least: number; readonly most: number }): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw unsuitable(query, `returned a value that is out of range. Expected an integer from ${least} to ${most}, but was: ${value}`);
};

/** The failure of an expression whose value its field cannot take. */
export const unsuitable = (query: Query, reason: string) =>
  queryFailure(`The JSONata expression '${query.source}' specified for the field '${query.field}' ${reason}`, query.field);
