import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, LineCounter } from "yaml";
import type { Node, YAMLMap } from "yaml";
import { templateError, templateFormatError } from "../faults.ts";
import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

const deepest = 200;

/**
 * Reads the text of a template, JSON or YAML.
 * @throws Fault `ValidationError`: `Template format error: YAML not well-formed. (line 1, column 2)`
 */
export const parseTemplateText = (text: string): JsonObject => {
  const value = text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text);
  if (!isObject(value)) throw templateFormatError("unsupported structure.");
  return value;
};

const parseJson = (text: string): Json => {
  try {
    return checkDepth(JSON.parse(text) as Json, 0);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, line, column] = /line (\d+) column (\d+)/.exec(error.message) ?? endOf(text);
    throw templateFormatError(`JSON not well-formed. (line ${line}, column ${column})`);
  }
};

const endOf = (text: string): [string, number, number] => {
  const lines = text.split("\n");
  return ["", lines.length, (lines.at(-1)?.length ?? 0) + 1];
};

const checkDepth = (value: Json, depth: number): Json => {
  if (depth > deepest) throw templateFormatError("unsupported structure.");
  if (typeof value === "object" && value !== null) for (const child of Object.values(value)) checkDepth(child, depth + 1);
  return value;
};

const parseYaml = (text: string): Json => {
  if (nesting(text) > deepest) throw templateFormatError("unsupported structure.");
  const lineCounter = new LineCounter();
  // Dates stay text, as on AWS: `Version: 2012-10-17` is a string in every policy.
  const document = parseDocument(text, {
    version: "1.1",
    lineCounter,
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !/:(timestamp|binary|omap|pairs|set|merge)$/.test(tag.tag)),
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw templateFormatError(`YAML not well-formed. (line ${line}, column ${col})`);
  }
  return document.contents === null ? null : fromNode(document.contents, 0);
};

/** How deep flow collections nest at most: the YAML reader recurses, and a template may not take its stack away. */
const nesting = (text: string): number => {
  let depth = 0;
  let most = 0;
  for (const character of text) {
    if (character === "[" || character === "{") most = Math.max(most, ++depth);
    else if (character === "]" || character === "}") depth = Math.max(0, depth - 1);
  }
  return most;
};

const fromNode = (node: Node, depth: number): Json => {
  if (depth > deepest) throw templateFormatError("unsupported structure.");
  if (isAlias(node)) throw templateError("YAML aliases are not allowed in CloudFormation templates");
  const value = isMap(node) ? fromMap(node, depth) : isSeq(node) ? node.items.map((item) => fromItem(item, depth)) : fromScalar(node);
  return node.tag?.startsWith("!") === true && node.tag !== "!" ? shortForm(node.tag.slice(1), value) : value;
};

const fromItem = (item: unknown, depth: number): Json => {
  if (isPair(item)) throw templateFormatError("unsupported structure.");
  return item === null ? null : fromNode(item as Node, depth + 1);
};

const fromMap = (map: YAMLMap, depth: number): JsonObject =>
  Object.fromEntries(map.items.map(({ key, value }) => [keyText(key), value === null ? null : fromNode(value as Node, depth + 1)]));

const keyText = (key: unknown): string => {
  if (!isScalar(key)) throw templateFormatError("YAML not well-formed. A key must be a scalar.");
  return key.source ?? String(key.value);
};

/** A number whose text says more than its value (`012345678901`, `1.10`) stays text: a property that wants a number reads it from there. */
const fromScalar = (node: Node): Json => {
  if (!isScalar(node)) throw templateFormatError("unsupported structure.");
  const { value, source } = node;
  if (typeof value === "number") return source === undefined || String(value) === source ? value : source;
  // A lone `y` or `n` is a name to AWS, though YAML 1.1 has it as a boolean.
  if (typeof value === "boolean") return source?.length === 1 ? source : value;
  if (typeof value === "string" || value === null) return value;
  return source ?? String(value);
};

const shortForm = (tag: string, value: Json): Json => {
  if (tag === "Ref" || tag === "Condition") return { [tag]: value };
  if (tag === "GetAtt" && typeof value === "string") {
    const dot = value.indexOf(".");
    return { "Fn::GetAtt": dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [`Fn::${tag}`]: value };
};
