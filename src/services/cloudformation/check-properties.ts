import type { Properties, Shape } from "../resource-type.ts";
import { validationError } from "./faults.ts";
import { isList, isObject, isScalar } from "./template/json.ts";
import type { Json, JsonObject } from "./template/json.ts";

/**
 * Checks resolved properties against those of their type, and turns text into the numbers and booleans that are wanted, as CloudFormation does.
 * What a type can't honour is refused.
 * @throws Fault `ValidationError`: `Properties validation failed for resource X with message:` and each thing that is wrong
 */
export const checkProperties = (logicalId: string, properties: JsonObject, declared: Properties): JsonObject => {
  const wrong: string[] = [];
  const checked = checkMembers(properties, declared, { path: "#", wrong });
  if (wrong.length > 0)
    throw validationError(`Properties validation failed for resource ${logicalId} with message:\n[${wrong.join(", ")}]`);
  return checked;
};

type Place = { path: string; wrong: string[] };

const checkMembers = (value: JsonObject, declared: Properties, { path, wrong }: Place): JsonObject => {
  for (const [name, property] of Object.entries(declared))
    if (property.isRequired && !Object.hasOwn(value, name)) wrong.push(`${path}: required key [${name}] not found`);
  const checked: Record<string, Json> = {};
  for (const [name, child] of Object.entries(value)) {
    const property = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (property === undefined) wrong.push(`${path}: extraneous key [${name}] is not permitted`);
    else checked[name] = checkShape(child, property.shape, { path: `${path}/${name}`, wrong });
  }
  return checked;
};

const checkShape = (value: Json, shape: Shape, place: Place): Json => {
  if (shape.kind === "json") return typeof value === "string" ? parsed(value) : value;
  if (shape.kind === "list") {
    // A single item stands for a list of one, as in templates from before the type registry.
    const items = isList(value) ? value : isScalar(value) ? [value] : undefined;
    return items === undefined
      ? mismatch("JSONArray", value, place)
      : items.map((item, index) => checkShape(item, shape.of, { ...place, path: `${place.path}/${index}` }));
  }
  if (shape.kind === "map" || shape.kind === "object") {
    if (!isObject(value)) return mismatch("JSONObject", value, place);
    if (shape.kind === "object") return checkMembers(value, shape.members, place);
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, child]) => [key, checkShape(child, shape.of, { ...place, path: `${place.path}/${key}` })]),
    );
  }
  return checkScalar(value, shape.kind, place);
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

const expected = { string: "String", integer: "Integer", number: "Number", boolean: "Boolean" } as const;

const checkScalar = (value: Json, kind: keyof typeof expected, place: Place): Json => {
  if (!isScalar(value)) return mismatch(expected[kind], value, place);
  if (kind === "string") return String(value);
  if (kind === "boolean") {
    const lower = String(value).toLowerCase();
    return lower === "true" || lower === "false" ? lower === "true" : mismatch("Boolean", value, place);
  }
  const number = typeof value === "boolean" || String(value).trim() === "" ? NaN : Number(value);
  const isRight = kind === "integer" ? Number.isSafeInteger(number) : Number.isFinite(number);
  return isRight ? number : mismatch(expected[kind], value, place);
};

const mismatch = (wanted: string, value: Json, { path, wrong }: Place): Json => {
  const found = isList(value)
    ? "JSONArray"
    : isObject(value)
      ? "JSONObject"
      : typeof value === "string"
        ? "String"
        : typeof value === "number"
          ? "Number"
          : "Boolean";
  wrong.push(`${path}: expected type: ${wanted}, found: ${found}`);
  return value;
};

/** The names of the top-level properties whose values differ. */
export const changedProperties = (
  before: JsonObject,
  after: JsonObject,
  same: (a: Json | undefined, b: Json | undefined) => boolean,
): string[] => [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !same(before[name], after[name]));
