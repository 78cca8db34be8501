import { requiredMembers } from "#wire/schema.ts";
import type { NormalizedSchema } from "#wire/schema.ts";
import { isArray, isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import type { Naming } from "./members.ts";
import type { Target } from "./target.ts";

export type Checked = {
  target: Target;
  naming: Naming;
  /** The operation's input, if the cloud has the service. */
  schema: NormalizedSchema | undefined;
  /** Whether a value is only known when the task runs. */
  isOpen: (key: string, value: Json) => boolean;
};

const unsupported = (name: string) => `The field "${name}" is not supported by Step Functions`;
const missing = (name: string) => `The field '${name}' is required but was missing`;
/** A value of the right type that cannot be read. */
export const malformed = (name: string) => `The value of the field '${name}' has an invalid format`;
const mistyped = (name: string, type: string) => `The value for the field '${name}' must be a ${type}`;

/** What is wrong with the parameters of a task, in AWS's words. */
export const checkParameters = (parameters: JsonObject, { target, naming, schema, isOpen }: Checked): string[] => {
  const found = target.fields ? checkFields(parameters, { target, isOpen }) : [];
  if (!schema) return found;
  // A list of its own says what is allowed, and the operation what is in it.
  const known = target.fields ? Object.fromEntries(Object.entries(parameters).filter(([key]) => isKnown(key, target.fields))) : parameters;
  const inside = checkStructure(known, { schema, naming, isOpen, isRequired: target.required === undefined });
  return [...found, ...inside];
};

/** `Name.$` stands for `Name`. */
const plain = (key: string) => (key.endsWith(".$") ? key.slice(0, -2) : key);
const isKnown = (key: string, fields: readonly string[] | undefined) => fields?.includes(plain(key)) === true;
const has = (object: JsonObject, name: string) => (object[name] ?? null) !== null || Object.hasOwn(object, `${name}.$`);

const checkFields = (
  parameters: JsonObject,
  { target: { fields, required = [] }, isOpen }: Pick<Checked, "target" | "isOpen">,
): string[] => [
  ...Object.entries(parameters).flatMap(([key, value]) =>
    isKnown(key, fields) || isDeferred(key, value, isOpen) ? [] : [unsupported(key)],
  ),
  ...required.filter((name) => !has(parameters, name)).map(missing),
];

/** AWS looks at names whose values come from a path only when it has the values. */
const isDeferred = (key: string, value: Json, isOpen: Checked["isOpen"]) => key.endsWith(".$") && isOpen(key, value);

type Structure = { schema: NormalizedSchema; naming: Naming; isOpen: Checked["isOpen"]; isRequired: boolean };

const checkStructure = (object: JsonObject, { schema, naming, isOpen, isRequired }: Structure): string[] => {
  const members = naming.membersOf(schema).byTold;
  const wrong = Object.entries(object).flatMap(([key, value]) => {
    if (isOpen(key, value)) return isDeferred(key, value, isOpen) || members.has(key) ? [] : [unsupported(key)];
    const member = members.get(key);
    return member ? checkValue(key, value, { schema: member.schema, naming, isOpen }) : [unsupported(key)];
  });
  const needed = isRequired ? requiredMembers(schema).map(naming.nameOf) : [];
  return [...wrong, ...needed.filter((name) => !has(object, name)).map(missing)];
};

const checkValue = (name: string, value: Json, { schema, naming, isOpen }: Omit<Structure, "isRequired">): string[] => {
  if (value === null || isOpen(name, value) || schema.isDocumentSchema()) return [];
  const inner = (below: NormalizedSchema) => ({ schema: below, naming, isOpen });
  if (schema.isStructSchema())
    return isObject(value) ? checkStructure(value, { ...inner(schema), isRequired: true }) : [mistyped(name, "OBJECT")];
  if (schema.isListSchema())
    return isArray(value) ? value.flatMap((each) => checkValue(name, each, inner(schema.getValueSchema()))) : [mistyped(name, "ARRAY")];
  if (schema.isMapSchema())
    return isObject(value)
      ? Object.entries(value).flatMap(([key, each]) => checkValue(key, each, inner(schema.getValueSchema())))
      : [mistyped(name, "OBJECT")];
  if (schema.isTimestampSchema()) return isTime(value) ? [] : [malformed(name)];
  const type = typeOf(schema);
  return type === undefined || matches(value, type) ? [] : [mistyped(name, type)];
};

const isTime = (value: Json) => typeof value === "number" || (typeof value === "string" && !Number.isNaN(Date.parse(value)));

const typeOf = (schema: NormalizedSchema): string | undefined => {
  if (schema.isBlobSchema() || schema.isStreaming()) return undefined;
  if (schema.isStringSchema()) return "STRING";
  if (schema.isBooleanSchema()) return "BOOLEAN";
  return schema.isNumericSchema() ? "NUMBER" : undefined;
};

/** An object where the operation takes a text is written as JSON. */
const matches = (value: Json, type: string): boolean =>
  type === "STRING" ? typeof value === "string" || typeof value === "object" : typeof value === type.toLowerCase();
