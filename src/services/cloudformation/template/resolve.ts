import { templateError, templateFormatError, validationError } from "../faults.ts";
import { cidrBlocks } from "./cidr.ts";
import { holds } from "./conditions.ts";
import { asText, functionOf, isList, isObject, member } from "./json.ts";
import type { Json } from "./json.ts";
import { readGetAtt, readSub, subReference } from "./references.ts";
import { pseudoValue } from "./scope.ts";
import type { Scope } from "./scope.ts";

/**
 * A value with its intrinsic functions carried out; `undefined` where it is `AWS::NoValue`, which leaves out the member that has it.
 * @throws Fault `ValidationError`: `Template error: …`
 */
export const resolveValue = (value: Json, scope: Scope): Json | undefined => {
  if (typeof value === "string") return refuseDynamic(value);
  if (isList(value)) return value.map((item) => resolveValue(item, scope)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const call = functionOf(value);
  if (call !== undefined && Object.hasOwn(functions, call[0])) return functions[call[0]]?.(call[1], scope);
  if (call?.[0].startsWith("Fn::") === true) throw templateFormatError(`Template contains unsupported function ${call[0]}`);
  const members = Object.entries(value).map(([key, child]) => [key, resolveValue(child, scope)] as const);
  return Object.fromEntries(members.filter((entry): entry is [string, Json] => entry[1] !== undefined));
};

const refuseDynamic = (text: string): string => {
  const dynamic = /\{\{resolve:([\w-]+):[^}]*\}\}/.exec(text);
  if (dynamic) throw validationError(`Dynamic reference ${dynamic[0]} can't be resolved: the service ${dynamic[1]} is not here.`);
  return text;
};

/** A resolved argument; a function may stand nearly everywhere where a value may. */
const argumentsOf = (value: Json, scope: Scope): readonly Json[] => {
  const resolved = resolveValue(value, scope);
  return isList(resolved) ? resolved : [];
};

const refValue = (name: Json, scope: Scope): Json | undefined => {
  if (typeof name !== "string") throw templateError("every Ref object must have a single String value.");
  if (name === "AWS::NoValue") return undefined;
  const found = pseudoValue(name, scope.surroundings) ?? scope.parameters.get(name) ?? scope.resources.get(name)?.ref;
  if (found === undefined) throw templateFormatError(`Unresolved resource dependencies [${name}] in the Resources block of the template`);
  return found;
};

const attributeValue = (target: string, attribute: string, scope: Scope): Json => {
  const resource = scope.resources.get(target);
  if (resource === undefined) throw templateError(`instance of Fn::GetAtt references undefined resource ${target}`);
  const found = member(resource.attributes, attribute);
  if (found === undefined) throw templateError(`resource ${target} does not support attribute type ${attribute} in Fn::GetAtt`);
  return found;
};

const joinForm = () =>
  templateError(
    "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
  );

const join = (argument: Json, scope: Scope): string => {
  const [delimiter, items] = isList(argument) && argument.length === 2 ? argument : [];
  const resolved = items === undefined ? undefined : resolveValue(items, scope);
  if (typeof delimiter !== "string" || !isList(resolved)) throw joinForm();
  return resolved
    .map((item) => {
      const text = asText(item);
      if (text === undefined) throw joinForm();
      return text;
    })
    .join(delimiter);
};

const sub = (argument: Json, scope: Scope): string => {
  const { parts, variables } = readSub(argument);
  const text = parts.map((part) => ("text" in part ? part.text : subText(part.name, variables, scope))).join("");
  return refuseDynamic(text);
};

const subText = (name: string, variables: ReadonlyMap<string, Json>, scope: Scope): string => {
  const reference = subReference(name);
  const variable = variables.get(name);
  const value =
    variable !== undefined
      ? resolveValue(variable, scope)
      : reference.kind === "ref"
        ? refValue(name, scope)
        : attributeValue(reference.target, reference.attribute, scope);
  const text = asText(value);
  if (text === undefined) throw templateError(`Fn::Sub expression does not resolve to a string: \${${name}}`);
  return text;
};

const split = (argument: Json, scope: Scope): string[] => {
  const [delimiter, source] = argumentsOf(argument, scope);
  const text = asText(source);
  if (typeof delimiter !== "string" || text === undefined)
    throw templateError(
      "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.",
    );
  return text.split(delimiter);
};

const select = (argument: Json, scope: Scope): Json => {
  const [index, items] = argumentsOf(argument, scope);
  const text = asText(index);
  if (text === undefined || !/^\d+$/.test(text) || !isList(items))
    throw templateError("Fn::Select requires a list argument with two elements: an integer index and a list");
  const found = items[Number(text)];
  if (found === undefined) throw templateError(`Fn::Select cannot select nonexistent value at index ${text}`);
  return found;
};

const findInMap = (argument: Json, scope: Scope): Json | undefined => {
  const items = isList(argument) ? argument : [];
  const [name, first, second] = items.slice(0, 3).map((item) => asText(resolveValue(item, scope)));
  if (name === undefined || first === undefined || second === undefined || items.length > (scope.extended ? 4 : 3))
    throw templateError("every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value");
  const found = member(member(scope.mappings.get(name), first), second);
  if (found !== undefined) return found;
  const fallback = member(items[3], "DefaultValue");
  if (fallback !== undefined) return resolveValue(fallback, scope);
  if (!scope.mappings.has(name)) throw templateError(`Mapping named '${name}' is not present in the 'Mappings' section of template.`);
  throw templateError(`Unable to get mapping for ${name}::${first}::${second}`);
};

const choose = (argument: Json, scope: Scope): Json | undefined => {
  const [condition, whenTrue, whenFalse] = isList(argument) && argument.length === 3 ? argument : [];
  if (typeof condition !== "string") throw templateError("Fn::If requires a list argument with three elements");
  return resolveValue((holds(condition, scope) ? whenTrue : whenFalse) ?? null, scope);
};

const base64 = (argument: Json, scope: Scope): string => {
  const text = asText(resolveValue(argument, scope));
  if (text === undefined) throw templateError("every Fn::Base64 object must have a String-typed value.");
  return Buffer.from(text).toString("base64");
};

const getAvailabilityZones = (argument: Json, scope: Scope): readonly string[] => {
  const region = resolveValue(argument, scope);
  if (typeof region !== "string") throw templateError("every Fn::GetAZs object must have a String-typed value.");
  return scope.zones(region === "" ? scope.surroundings.region : region);
};

const importValue = (argument: Json, scope: Scope): string => {
  const name = asText(resolveValue(argument, scope));
  if (name === undefined) throw templateError("the attribute in Fn::ImportValue must be a string or a function that returns a string");
  const found = scope.exports.get(name);
  if (found === undefined) throw validationError(`No export named ${name} found.`);
  return found;
};

const extension = (name: string, scope: Scope): void => {
  if (!scope.extended) throw templateFormatError(`${name} requires the transform AWS::LanguageExtensions.`);
};

const length = (argument: Json, scope: Scope): number => {
  extension("Fn::Length", scope);
  const items = resolveValue(argument, scope);
  if (!isList(items)) throw templateError("Fn::Length object's value must be a list.");
  return items.length;
};

const toJsonString = (argument: Json, scope: Scope): string => {
  extension("Fn::ToJsonString", scope);
  return JSON.stringify(resolveValue(argument, scope) ?? null);
};

const getAtt = (argument: Json, scope: Scope): Json => {
  const { target, attribute } = readGetAtt(argument);
  const name = asText(resolveValue(attribute, scope));
  if (name === undefined)
    throw templateError("every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute");
  return attributeValue(target, name, scope);
};

type Intrinsic = (argument: Json, scope: Scope) => Json | undefined;

/** `Condition` is no function here: outside of conditions it is an ordinary member, as of a policy's statement. */
const functions: Readonly<Record<string, Intrinsic>> = {
  Ref: refValue,
  "Fn::GetAtt": getAtt,
  "Fn::Join": join,
  "Fn::Sub": sub,
  "Fn::Split": split,
  "Fn::Select": select,
  "Fn::FindInMap": findInMap,
  "Fn::If": choose,
  "Fn::Base64": base64,
  "Fn::Cidr": (argument, scope) => cidrBlocks(argumentsOf(argument, scope)),
  "Fn::GetAZs": getAvailabilityZones,
  "Fn::ImportValue": importValue,
  "Fn::Length": length,
  "Fn::ToJsonString": toJsonString,
};
