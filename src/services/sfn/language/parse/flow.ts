import type { Flow, Payload } from "../definition.ts";
import { isObject } from "../json.ts";
import { limits } from "../limits.ts";
import { complain, get, has, textIn, choose, type Place } from "./place.ts";
import { pathIn, payloadIn, resultPathIn } from "./values.ts";

/** How data flows through the state at this place. */
export const parseFlow = (place: Place): Flow => {
  const jsonPath = place.language === "JSONPath";
  return {
    inputPath: jsonPath ? pathIn(place, "InputPath") : undefined,
    outputPath: jsonPath ? pathIn(place, "OutputPath") : undefined,
    resultPath: jsonPath ? resultPathIn(place, "ResultPath") : undefined,
    arguments: jsonPath ? payloadIn(place, "Parameters") : payloadIn(place, "Arguments"),
    resultSelector: jsonPath ? payloadIn(place, "ResultSelector", "Object") : undefined,
    output: jsonPath ? undefined : payloadIn(place, "Output"),
    assign: assignIn(place),
  };
};

/** AWS takes the identifiers of Unicode (UAX #31): an underscore may follow, but not lead. */
const variableName = /^\p{ID_Start}\p{ID_Continue}*$/u;

/** What `Assign` sets: an object whose members are variables. */
export const assignIn = (place: Place): Payload | undefined => {
  const value = get(place, "Assign");
  if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const name = place.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
      if (!variableName.test(name)) complain(place, `Invalid variable name '${name}'`, "/Assign");
      else if (name === "states") complain(place, "The variable name 'states' is reserved", "/Assign");
      else if (name.length > limits.variableNameLength) complain(place, `The variable name '${name}' is too long`, "/Assign");
    }
  }
  if (typeof value === "string") complain(place, "Expected value of type Object", "/Assign");
  return typeof value === "string" ? undefined : payloadIn(place, "Assign", "Object");
};

/** Where the state leads: `Next`, or nowhere with `End`. */
export const parseOnward = (place: Place): { next: string | undefined } => {
  const end = get(place, "End");
  if (end !== undefined && typeof end !== "boolean") complain(place, "Expected value of type Boolean", "/End");
  if (end === false && !has(place, "Next")) complain(place, "These fields are required: [Next]");
  if (end !== false) choose(place, ["Next", "End"], true);
  return { next: end === true ? undefined : textIn(place, "Next") };
};
