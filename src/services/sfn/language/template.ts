import { evaluate, type Sight } from "./intrinsics/evaluate.ts";
import { parseExpression, type Expression } from "./intrinsics/parse.ts";
import { isArray, isObject, typeName, type Json, type JsonObject } from "./json.ts";

/** A payload template: JSON whose fields ending in `.$` take their values from paths and intrinsic functions. */
export type Template =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "expression"; readonly field: string; readonly expression: Expression }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, Template])[] }
  | { readonly kind: "array"; readonly items: readonly Template[] };

/** Told of each field that is not a valid expression, with the place of the object that has it. */
export type Complain = (message: string, location: string) => void;

export const parseTemplate = (value: Json, location: string, complain: Complain): Template => {
  if (isArray(value)) {
    const items = value.map((item, index) => parseTemplate(item, `${location}[${index}]`, complain));
    return items.every((item) => item.kind === "literal") ? { kind: "literal", value } : { kind: "array", items };
  }
  if (!isObject(value)) return { kind: "literal", value };
  const members = Object.entries(value).map(([key, inner]) => parseMember(key, inner, { location, complain }));
  const twice = members.find(([key], at) => members.findIndex(([other]) => other === key) < at);
  if (twice) complain(`The field '${twice[0]}' is there twice, with and without '.$'`, location);
  return members.every(([, inner]) => inner.kind === "literal") ? { kind: "literal", value } : { kind: "object", members };
};

const parseMember = (
  key: string,
  value: Json,
  { location, complain }: { location: string; complain: Complain },
): readonly [string, Template] => {
  if (!key.endsWith(".$")) return [key, parseTemplate(value, `${location}/${key}`, complain)];
  const expression = readExpression(value);
  if (expression === undefined) {
    const wanted =
      typeof value === "string"
        ? "valid JSONPath or a valid intrinsic function call"
        : `STRING that contains a JSONPath but was ${kindOf(value)}`;
    complain(`The value for the field '${key}' must be a ${wanted}`, location);
    return [key, { kind: "literal", value }];
  }
  return [key.slice(0, -2), { kind: "expression", field: key, expression }];
};

/** What a value is, in the words of AWS's diagnostics. */
const kindOf = (value: Json): string => {
  const name = typeName(value).toUpperCase();
  return `${/^[AO]/.test(name) ? "an" : "a"} ${name}`;
};

/** A path or an intrinsic call, or `undefined` if it is neither. */
export const readExpression = (value: Json | undefined): Expression | undefined => {
  if (typeof value !== "string") return undefined;
  try {
    return parseExpression(value);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
};

export const fill = (template: Template, sight: Sight): Json => {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "expression":
      return evaluate(template.expression, template.field, sight);
    case "array":
      return template.items.map((item) => fill(item, sight));
    case "object":
      return fillObject(template.members, sight);
  }
};

const fillObject = (members: readonly (readonly [string, Template])[], sight: Sight): JsonObject =>
  Object.fromEntries(members.map(([key, inner]) => [key, fill(inner, sight)]));
