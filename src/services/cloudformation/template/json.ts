/** What a template is made of once JSON or YAML is read. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);
export const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** A member of an object; never one of its prototype's, whatever a template calls its things. */
export const member = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** Whether two values are the same, the order of an object's members aside. */
export const sameJson = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
};

/** An intrinsic function is an object with one member, named `Ref`, `Condition` or `Fn::…`. */
export const functionOf = (value: Json): readonly [name: string, argument: Json] | undefined => {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const [name] = keys;
  if (keys.length !== 1 || name === undefined) return undefined;
  return name === "Ref" || name === "Condition" || name.startsWith("Fn::") ? [name, value[name] ?? null] : undefined;
};

/** A scalar as CloudFormation writes it into a string; `undefined` for anything else. */
export const asText = (value: Json | undefined): string | undefined => (isScalar(value) ? String(value) : undefined);
