import { templateError } from "../faults.ts";
import { functionOf, isList, isObject, member } from "./json.ts";
import type { Json } from "./json.ts";

/** Checks, before anything is made, every `Fn::FindInMap` whose names are written out: what it names must be in the template. */
export const checkMappings = (value: Json, mappings: ReadonlyMap<string, Json>): void => {
  const call = functionOf(value);
  if (call?.[0] === "Fn::FindInMap") checkLookup(call[1], mappings);
  const children = isList(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const child of children) checkMappings(child, mappings);
};

const checkLookup = (argument: Json, mappings: ReadonlyMap<string, Json>): void => {
  const [name, first, second] = isList(argument) && argument.length === 3 ? argument : [];
  if (typeof name !== "string") return;
  const mapping = mappings.get(name);
  if (mapping === undefined) throw templateError(`Mapping named '${name}' is not present in the 'Mappings' section of template.`);
  if (typeof first !== "string" || typeof second !== "string") return;
  if (member(member(mapping, first), second) === undefined) throw templateError(`Unable to get mapping for ${name}::${first}::${second}`);
};
