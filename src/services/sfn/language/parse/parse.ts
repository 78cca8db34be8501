import type { Machine, Scope, State } from "../definition.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { CheckTask, CheckTaskInput } from "../task-check.ts";
import { machineFields } from "./fields.ts";
import { checkGraph } from "./graph.ts";
import { languageIn } from "./language.ts";
import { allow, checkNumber, complain, need, placeIn, textIn, type Parsing, type Place } from "./place.ts";
import { parseState } from "./states.ts";
import { checkVariables } from "./variables.ts";

export type ParseOptions = {
  readonly type?: "STANDARD" | "EXPRESS";
  /** What the platform says of each Task. */
  readonly checkTask?: CheckTask;
  /** Asked before each task is scheduled. */
  readonly checkTaskInput?: CheckTaskInput;
  /** The text is that of a single state, which is to have this name. */
  readonly stateName?: string;
};

/** The machine is there unless a diagnostic is an error. */
export type Parsed = { readonly machine: Machine | undefined; readonly diagnostics: readonly Diagnostic[] };

const refuse = (code: Diagnostic["code"], message: string): Parsed => ({
  machine: undefined,
  diagnostics: [{ severity: "ERROR", code, message }],
});

/** Reads a definition in the Amazon States Language. Never throws, whatever the text is. */
export const parseDefinition = (text: string, options: ParseOptions = {}): Parsed => {
  if (text.trim() === "") return refuse("MISSING_DESCRIPTION", "Received a null or empty workflow input.");
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (thrown) {
    return refuse("INVALID_JSON_DESCRIPTION", (thrown as SyntaxError).message);
  }
  if (!isObject(value)) return refuse("SCHEMA_VALIDATION_FAILED", "Expected value of type Object");
  const { stateName } = options;
  try {
    return parseMachine(stateName === undefined ? value : { StartAt: stateName, States: { [stateName]: value } }, options);
  } catch (thrown) {
    if (thrown instanceof RangeError) return refuse("TOO_DEEPLY_NESTED", "The definition is too deeply nested.");
    throw thrown;
  }
};

/**
 * Reads the definition of one state, as TestState takes it, into a machine of its own; where it leads is not looked at.
 * Its name is the one that `$$.State.Name` shows.
 */
export const parseStateDefinition = (text: string, name: string, options: ParseOptions = {}): Parsed => {
  const { machine, diagnostics } = parseDefinition(text, { ...options, stateName: name });
  const prefix = `/States/${name}`;
  const local = diagnostics.map((found) =>
    found.location?.startsWith(prefix) ? { ...found, location: found.location.slice(prefix.length) } : found,
  );
  return { machine, diagnostics: local };
};

const parseMachine = (object: JsonObject, options: ParseOptions): Parsed => {
  const diagnostics: Diagnostic[] = [];
  const start: Parsing = {
    diagnostics,
    scopes: [],
    language: "JSONPath",
    express: options.type === "EXPRESS",
    checkTask: options.checkTask ?? (() => []),
    labels: new Set(),
  };
  const outline: Place = { parsing: start, object, location: "", language: "JSONPath", field: "", depth: 0 };
  const language = languageIn(outline) ?? "JSONPath";
  const place: Place = { ...outline, parsing: { ...start, language }, language };
  textIn(place, "Comment");
  textIn(place, "Version");
  const timeoutSeconds = checkNumber(place, "TimeoutSeconds", { least: 1, most: limits.seconds });
  parseScope(place, machineFields);
  const scopes = place.parsing.scopes.filter((scope) => scope !== undefined);
  if (!diagnostics.some(isError) && options.stateName === undefined) {
    diagnostics.push(...scopes.flatMap(checkGraph), ...duplicates(scopes), ...checkVariables(scopes));
  }
  const { checkTaskInput } = options;
  return { machine: diagnostics.some(isError) ? undefined : { timeoutSeconds, scopes, checkTaskInput }, diagnostics };
};

const isError = ({ severity }: Diagnostic): boolean => severity === "ERROR";

/** Reads the states at a place, which may have these fields, into a scope of their own; gives the scope's number. */
const parseScope = (outer: Place, fields: ReadonlySet<string>): number => {
  const place: Place = { ...outer, depth: outer.depth + 1, language: outer.parsing.language };
  const { scopes } = place.parsing;
  const id = scopes.push(undefined) - 1;
  if (place.depth > limits.nesting) {
    complain(place, "The states are too deeply nested.", "", "TOO_DEEPLY_NESTED");
    return id;
  }
  need(place, "States", "StartAt");
  allow(place, fields);
  const startAt = textIn(place, "StartAt") ?? "";
  const block = placeIn(place, "States");
  const states = new Map<string, State>();
  for (const name of Object.keys(block?.object ?? {})) {
    const state = block && parseNamed(block, name);
    if (state) states.set(name, state);
  }
  if (block && Object.keys(block.object).length === 0) complain(block, "States must not be empty");
  scopes[id] = { id, location: place.location, startAt, states };
  return id;
};

const parseNamed = (block: Place, name: string): State | undefined => {
  const place = placeIn({ ...block, field: "" }, name);
  if (place === undefined) return undefined;
  if (name === "" || name.length > limits.stateNameLength) {
    complain(place, `State name '${name}' must have between 1 and ${limits.stateNameLength} characters`, "", "INVALID_STATE_NAME");
  }
  return parseState({ ...place, field: "" }, name, parseScope);
};

const duplicates = (scopes: readonly Scope[]): Diagnostic[] => {
  const seen = new Set<string>();
  return scopes.flatMap((scope) =>
    [...scope.states.values()].flatMap(({ name, location }): Diagnostic[] => {
      if (seen.has(name)) return [{ severity: "ERROR", code: "DUPLICATE_STATE_NAME", message: `Duplicate State name: ${name}`, location }];
      seen.add(name);
      return [];
    }),
  );
};
