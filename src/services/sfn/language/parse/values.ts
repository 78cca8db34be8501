import type { Field, Payload } from "../definition.ts";
import { newerOperator, unsupportedReferences, type Held } from "../jsonata/check.ts";
import { expressionIn, isHalfOpen } from "../jsonata/delimiters.ts";
import { compile, type Query } from "../jsonata/expression.ts";
import { parseQueryTemplate } from "../jsonata/template.ts";
import { isArray, isObject, type Json } from "../json.ts";
import { parseReferencePath, type ReferencePath } from "../path/reference.ts";
import { parseTemplate, readExpression } from "../template.ts";
import type { Expression } from "../intrinsics/parse.ts";
import { checkNumber, choose, complain, fieldName, get, has, textIn, warn, type Place, type Range } from "./place.ts";

/** Compiles a JSONata expression that stands at a field of this place. */
export const queryAt = (place: Place, source: string, path: string): Query | undefined => {
  const at = `/${path}`;
  try {
    const compiled = compile(source);
    const newer = newerOperator(compiled, source);
    if (newer !== undefined) throw new SyntaxError(newer);
    const unsupported = unsupportedReferences(compiled, heldAt(place, path));
    for (const message of unsupported) complain(place, message, at, "UNSUPPORTED_JSONATA_EXPRESSION");
    return unsupported.length > 0 ? undefined : { source, field: fieldName(place, path), compiled };
  } catch (thrown) {
    const message = (thrown as { message?: unknown }).message;
    complain(place, typeof message === "string" ? message : "Invalid expression", at, "INVALID_JSONATA_EXPRESSION");
    return undefined;
  }
};

const withResult: readonly (Json | undefined)[] = ["Task", "Parallel", "Map"];

/** Output and Assign see the result of the state's work; in a Catch they see the error. */
const heldAt = (place: Place, path: string): Held => {
  if (!/^(?:Output|Assign)(?:$|[/[])/.test(path)) return undefined;
  if (place.field.startsWith("Catch")) return "errorOutput";
  return place.field === "" && withResult.includes(get(place, "Type")) ? "result" : undefined;
};

/** Tells of strings that open an expression and do not close it, or the other way round. */
const checkDelimiters = (place: Place, value: Json, at: string): void => {
  if (isArray(value)) value.forEach((item, index) => checkDelimiters(place, item, `${at}[${index}]`));
  else if (isObject(value)) for (const [key, inner] of Object.entries(value)) checkDelimiters(place, inner, `${at}/${key}`);
  else if (typeof value === "string" && isHalfOpen(value)) {
    complain(place, "A JSONata expression must start with '{%' and end with '%}'", at, "INVALID_JSONATA_EXPRESSION");
  }
};

/** JSON with expressions, in the language of the place. */
export const payloadIn = (place: Place, name: string, only?: "Object"): Payload | undefined => {
  const value = get(place, name);
  if (value === undefined) return undefined;
  if (place.language === "JSONata") {
    if (only && !isObject(value) && (typeof value !== "string" || expressionIn(value) === undefined)) {
      complain(place, "Expected value of type Object", `/${name}`);
    }
    checkDelimiters(place, value, `/${name}`);
    return { language: "JSONata", template: parseQueryTemplate(value, name, (source, field) => queryAt(place, source, field)) };
  }
  if (!isObject(value) && (only || !isArray(value))) {
    if (only) complain(place, "Expected value of type Object", `/${name}`);
    return { language: "JSONPath", template: { kind: "literal", value } };
  }
  warnOfPlainPaths(place, value, `/${name}`);
  const template = parseTemplate(value, place.location + `/${name}`, (message, location) => {
    complain(place, message, location.slice(place.location.length));
  });
  return { language: "JSONPath", template };
};

const warnOfPlainPaths = (place: Place, value: Json, at: string): void => {
  if (isArray(value)) value.forEach((item, index) => warnOfPlainPaths(place, item, `${at}[${index}]`));
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const looks = typeof inner === "string" && !key.endsWith(".$") && /^(?:\$[.[$]|States\.[A-Z])/.test(inner);
    if (looks && readExpression(inner) !== undefined) {
      warn(place, "NO_DOLLAR", "No .$ on a field that appears to be a JSONPath or Intrinsic Function.", `${at}/${key}`);
    } else warnOfPlainPaths(place, inner, `${at}/${key}`);
  }
};

/** A path to read from; `$` is the same as none, null discards. */
export const pathIn = (place: Place, name: string): Expression | null | undefined => {
  const value = get(place, name);
  if (value === undefined || value === null || value === "$") return value === null ? null : undefined;
  const expression = readExpression(value);
  if (expression?.kind === "path") return expression;
  complain(place, "Value must be a valid JSONPath.", `/${name}`);
  return undefined;
};

/** A place to write to; `$` is the same as none, null discards. */
export const resultPathIn = (place: Place, name: string): ReferencePath | null | undefined => {
  const value = get(place, name);
  if (value === undefined || value === null) return value;
  const path = referenceAt(place, name);
  return path === undefined || path.steps.length === 0 ? undefined : path;
};

const referenceAt = (place: Place, name: string): ReferencePath | undefined => {
  const text = textIn(place, name);
  if (text === undefined) return undefined;
  try {
    const path = parseReferencePath(text);
    if (path.root.kind === "input" || name !== "ResultPath") return path;
    complain(place, "Value is not a Reference Path: ResultPath cannot refer to a variable or the context object", `/${name}`);
  } catch (thrown) {
    complain(place, `Value is not a Reference Path: ${(thrown as Error).message}`, `/${name}`);
  }
  return undefined;
};

const queryFieldIn = (place: Place, name: string): Field<never> | undefined => {
  const value = get(place, name);
  const source = place.language === "JSONata" && typeof value === "string" ? expressionIn(value) : undefined;
  if (source === undefined) return undefined;
  const query = queryAt(place, source, name);
  return query === undefined ? undefined : { kind: "query", query };
};

const isQuery = (place: Place, name: string): boolean => {
  const value = get(place, name);
  return place.language === "JSONata" && typeof value === "string" && expressionIn(value) !== undefined;
};

/** Fields of a Map that cannot be read from the context object. */
const withoutContext = new Set(
  ["MaxConcurrency", "MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch", "ToleratedFailureCount", "ToleratedFailurePercentage"].map(
    (name) => `${name}Path`,
  ),
);

/** A field of a JSONPath state that names its value by a path: `SecondsPath`. */
export const pathFieldIn = (place: Place, name: string): Field<never> | undefined => {
  if (!has(place, name) || place.language !== "JSONPath") return undefined;
  const path = referenceAt(place, name);
  if (path?.root.kind === "context" && withoutContext.has(name)) complain(place, "Value is not a Reference Path: Invalid path", `/${name}`);
  return path === undefined ? undefined : { kind: "path", field: name, expression: { kind: "path", path } };
};

/** A number written out (`Seconds`), by path (`SecondsPath`) or by expression. */
export const numberFieldIn = (place: Place, name: string, range: Range): Field<number> | undefined => {
  choose(place, [name, `${name}Path`]);
  if (has(place, `${name}Path`)) return pathFieldIn(place, `${name}Path`);
  if (isQuery(place, name)) return queryFieldIn(place, name);
  const value = checkNumber(place, name, range);
  return value === undefined ? undefined : { kind: "literal", value };
};

/** The functions that the path of a Fail state may call (docs.aws.amazon.com/step-functions: state-fail). */
const givingText = new Set(
  ["Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"].map((name) => `States.${name}`),
);

/** A text written out, by path or by expression; `intrinsics` are allowed in the paths of Fail states. */
export const textFieldIn = (place: Place, name: string, intrinsics = false): Field<string> | undefined => {
  choose(place, [name, `${name}Path`]);
  const byPath = `${name}Path`;
  if (has(place, byPath) && intrinsics) {
    const expression = readExpression(get(place, byPath));
    if (expression !== undefined && (expression.kind === "path" || givingText.has(expression.name)))
      return { kind: "path", field: byPath, expression };
    complain(place, "Value must be a valid JSONPath or a valid intrinsic function call", `/${byPath}`);
    return undefined;
  }
  if (has(place, byPath)) return pathFieldIn(place, byPath);
  if (isQuery(place, name)) return queryFieldIn(place, name);
  const value = textIn(place, name);
  if (value !== undefined && place.language === "JSONata") checkDelimiters(place, value, `/${name}`);
  if (value?.startsWith("$.") && readExpression(value) !== undefined) {
    warn(place, "NO_PATH", "Field value looks like a path, but field name does not end with 'Path'.", `/${name}`);
  }
  return value === undefined ? undefined : { kind: "literal", value };
};

export { queryFieldIn };
