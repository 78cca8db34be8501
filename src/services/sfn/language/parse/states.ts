import type { State, TaskState, WaitState } from "../definition.ts";
import { limits } from "../limits.ts";
import { parseResource, patternOf } from "../resource.ts";
import { parseTimestamp } from "../timestamp.ts";
import { parseChoice } from "./choice.ts";
import { branchFields, fieldsOf, stateTypes } from "./fields.ts";
import { parseFlow, parseOnward } from "./flow.ts";
import { parseCatch, parseRetry } from "./guards.ts";
import { checkLanguageFields, stateLanguage } from "./language.ts";
import { parseMap } from "./map.ts";
import { allow, choose, complain, get, has, need, oneOf, placesIn, textIn, warn, type Place } from "./place.ts";
import { numberFieldIn, payloadIn, textFieldIn } from "./values.ts";

/** Reads the states of a nested scope and gives its number. */
export type ParseScope = (place: Place, fields: ReadonlySet<string>) => number;

export const parseState = (outer: Place, name: string, parseScope: ParseScope): State | undefined => {
  need(outer, "Type");
  const type = oneOf(outer, "Type", stateTypes);
  if (type === undefined) return undefined;
  const place = { ...outer, language: stateLanguage(outer) };
  allow(place, fieldsOf[type]);
  checkLanguageFields(place);
  textIn(place, "Comment");
  const common = { name, location: place.location, language: place.language, flow: parseFlow(place) };
  switch (type) {
    case "Pass":
      warnOfPathsInResult(place);
      return { ...common, ...parseOnward(place), type, result: has(place, "Result") ? { value: get(place, "Result") ?? null } : undefined };
    case "Succeed":
      return { ...common, type };
    case "Fail":
      return { ...common, type, error: textFieldIn(place, "Error", true), cause: textFieldIn(place, "Cause", true) };
    case "Wait":
      return { ...common, ...parseOnward(place), type, ...parseWait(place) };
    case "Choice":
      return { ...common, type, ...parseChoice(place) };
    case "Task":
      return { ...common, ...parseOnward(place), ...guards(place), type, ...parseTask(place) };
    case "Parallel":
      return { ...common, ...parseOnward(place), ...guards(place), type, branches: parseBranches(place, parseScope) };
    case "Map":
      return { ...common, ...parseOnward(place), ...guards(place), type, ...parseMap(place, parseScope) };
  }
};

const guards = (place: Place) => ({ retry: parseRetry(place), catch: parseCatch(place) });

const parseWait = (place: Place): Pick<WaitState, "seconds" | "timestamp"> => {
  choose(place, ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"], true);
  const timestamp = textFieldIn(place, "Timestamp");
  if (timestamp?.kind === "literal" && parseTimestamp(timestamp.value) === undefined) {
    complain(place, "Value is not a valid ISO-8601 extended offset date-time", "/Timestamp");
  }
  return { seconds: numberFieldIn(place, "Seconds", { least: 0, most: limits.seconds }), timestamp };
};

const parseTask = (place: Place): Pick<TaskState, "resource" | "timeoutSeconds" | "heartbeatSeconds" | "credentials"> => {
  need(place, "Resource");
  const text = textIn(place, "Resource");
  const resource = text === undefined ? undefined : parseResource(text);
  if (text !== undefined && resource === undefined) complain(place, "Value is not a valid resource ARN", "/Resource");
  const parameters = place.language === "JSONata" ? "Arguments" : "Parameters";
  const complaints = resource ? place.parsing.checkTask(resource, get(place, parameters), place.language) : [];
  for (const { message, about } of complaints) complain(place, message, about === "resource" ? "/Resource" : `/${parameters}`);
  if (place.parsing.express && resource && patternOf(resource) !== "request") {
    complain(place, `Express state machine does not support '${resource.arn}' service integration`, "/Resource");
  }
  const timeoutSeconds = numberFieldIn(place, "TimeoutSeconds", { least: 1, most: limits.seconds });
  const heartbeatSeconds = numberFieldIn(place, "HeartbeatSeconds", { least: 1, most: limits.seconds });
  if (timeoutSeconds?.kind === "literal" && heartbeatSeconds?.kind === "literal" && heartbeatSeconds.value >= timeoutSeconds.value) {
    complain(place, "HeartbeatSeconds must be smaller than TimeoutSeconds", "/HeartbeatSeconds");
  }
  return {
    resource: resource ?? { kind: "lambda", arn: text ?? "" },
    timeoutSeconds,
    heartbeatSeconds,
    credentials: payloadIn(place, "Credentials", "Object"),
  };
};

const parseBranches = (place: Place, parseScope: ParseScope): number[] => {
  need(place, "Branches");
  const branches = placesIn(place, "Branches");
  if (has(place, "Branches") && branches.length === 0) complain(place, "Branches must not be empty", "/Branches");
  return branches.map((branch) => parseScope(branch, branchFields));
};

const warnOfPathsInResult = (place: Place): void => {
  if (JSON.stringify(get(place, "Result") ?? null).match(/"[^"]*\.\$":"\$/)) {
    warn(place, "PASS_RESULT_IS_STATIC", "Attempt to use a path in the result of a pass state.", "/Result");
  }
};
