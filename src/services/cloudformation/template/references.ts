import { templateError } from "../faults.ts";
import { functionOf, isList, isObject, isScalar } from "./json.ts";
import type { Json } from "./json.ts";

/** One use of a name in a template: `Ref` of a parameter, pseudo parameter or resource, an attribute, a condition. */
export type Reference =
  | { kind: "ref"; target: string }
  | { kind: "attribute"; target: string; attribute: string }
  | { kind: "condition"; target: string; where: string };

/** Every name that a value uses, in the order of the text. Checks the form of `Ref`, `Fn::GetAtt` and `Fn::Sub` on the way. */
export const referencesIn = (value: Json): Reference[] => {
  const found: Reference[] = [];
  collect(value, found);
  return found;
};

const collect = (value: Json, found: Reference[]): void => {
  if (isList(value)) for (const item of value) collect(item, found);
  if (!isObject(value)) return;
  const call = functionOf(value);
  if (call === undefined) for (const child of Object.values(value)) collect(child, found);
  else collectCall(call[0], call[1], found);
};

const collectCall = (name: string, argument: Json, found: Reference[]): void => {
  if (name === "Ref") {
    if (typeof argument !== "string") throw templateError("every Ref object must have a single String value.");
    found.push({ kind: "ref", target: argument });
  } else if (name === "Condition") {
    // `Condition: X` is a function among conditions and an ordinary member in a policy's statement.
    if (typeof argument === "string") found.push({ kind: "condition", target: argument, where: "Condition" });
    else collect(argument, found);
  } else if (name === "Fn::GetAtt") {
    const { target, attribute } = readGetAtt(argument);
    found.push({ kind: "attribute", target, attribute: typeof attribute === "string" ? attribute : "" });
    if (typeof attribute !== "string") collect(attribute, found);
  } else if (name === "Fn::Sub") {
    collectSub(argument, found);
  } else if (name === "Fn::If") {
    const [condition, ...branches] = isList(argument) ? argument : [];
    if (typeof condition !== "string" || branches.length !== 2) throw templateError("Fn::If requires a list argument with three elements");
    found.push({ kind: "condition", target: condition, where: "Fn::If" });
    for (const branch of branches) collect(branch, found);
  } else {
    collect(argument, found);
  }
};

const getAttForm = () =>
  templateError("every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute");

export const readGetAtt = (argument: Json): { target: string; attribute: Json } => {
  const parts = typeof argument === "string" ? splitOnce(argument) : isList(argument) ? argument : [];
  const [target, attribute] = parts;
  if (parts.length === 2 && typeof target === "string" && isObject(attribute)) return { target, attribute };
  if (parts.length < 2 || parts.some((part) => typeof part !== "string" || part === "") || typeof target !== "string") throw getAttForm();
  return { target, attribute: parts.slice(1).join(".") };
};

const splitOnce = (text: string): string[] => {
  const dot = text.indexOf(".");
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
};

export type SubPart = { text: string } | { name: string };

const subForm = () =>
  templateError(
    "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
  );

/** The text and the variables of `Fn::Sub`, in either of its two forms. */
export const readSub = (argument: Json): { parts: SubPart[]; variables: ReadonlyMap<string, Json> } => {
  if (isScalar(argument)) return { parts: splitSub(String(argument)), variables: new Map() };
  const [text, variables] = isList(argument) && argument.length === 2 ? argument : [];
  if (!isScalar(text) || !isObject(variables)) throw subForm();
  return { parts: splitSub(String(text)), variables: new Map(Object.entries(variables)) };
};

const splitSub = (text: string): SubPart[] => {
  const parts: SubPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    const name = match[1] ?? "";
    if (name.startsWith("!")) parts.push({ text: `\${${name.slice(1)}}` });
    else if (/^[\w.:]+$/.test(name)) parts.push({ name });
    else
      throw templateError("variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons");
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
};

const collectSub = (argument: Json, found: Reference[]): void => {
  const { parts, variables } = readSub(argument);
  for (const part of parts) {
    if (!("name" in part) || variables.has(part.name)) continue;
    found.push(subReference(part.name));
  }
  for (const value of variables.values()) collect(value, found);
};

/** `${Resource.Attribute}` is an attribute; `${AWS::Region}` and `${Name}` are refs. */
export const subReference = (name: string): Extract<Reference, { kind: "ref" | "attribute" }> => {
  const dot = name.indexOf(".");
  if (dot < 0 || name.startsWith("AWS::")) return { kind: "ref", target: name };
  return { kind: "attribute", target: name.slice(0, dot), attribute: name.slice(dot + 1) };
};
