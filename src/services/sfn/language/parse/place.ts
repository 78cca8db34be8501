import type { QueryLanguage, Scope } from "../definition.ts";
import type { Diagnostic, DiagnosticCode } from "../diagnostics.ts";
import type { CheckTask } from "../task-check.ts";
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";

/** What is gathered while one definition is read. */
export type Parsing = {
  readonly diagnostics: Diagnostic[];
  readonly scopes: (Scope | undefined)[];
  readonly language: QueryLanguage;
  readonly express: boolean;
  readonly checkTask: CheckTask;
  readonly labels: Set<string>;
};

/** An object of the definition and where it stands. */
export type Place = {
  readonly parsing: Parsing;
  readonly object: JsonObject;
  readonly location: string;
  readonly language: QueryLanguage;
  /** The field as causes name it, from the state on: `Catch[0]`; empty for the state itself. */
  readonly field: string;
  /** How many Parallel and Map states this is inside of. */
  readonly depth: number;
};

/** AWS calls the whole definition `/`. */
export const complain = (place: Place, message: string, at = "", code: DiagnosticCode = "SCHEMA_VALIDATION_FAILED"): void => {
  place.parsing.diagnostics.push({ severity: "ERROR", code, message, location: place.location + at || "/" });
};

export const warn = (place: Place, code: DiagnosticCode, message: string, at: string): void => {
  place.parsing.diagnostics.push({ severity: "WARNING", code, message, location: place.location + at });
};

export const get = (place: Place, name: string): Json | undefined => member(place.object, name);
export const has = (place: Place, name: string): boolean => Object.hasOwn(place.object, name);

/** The name of a field as the causes of failed expressions give it. */
export const fieldName = (place: Place, name: string): string => (place.field === "" ? name : `${place.field}/${name}`);

export const textIn = (place: Place, name: string): string | undefined => {
  const value = get(place, name);
  if (value === undefined || typeof value === "string") return value;
  complain(place, "Expected value of type String", `/${name}`);
  return undefined;
};

export const oneOf = <T extends string>(place: Place, name: string, allowed: readonly T[]): T | undefined => {
  const value = textIn(place, name);
  const found = allowed.find((word) => word === value);
  if (value !== undefined && found === undefined) complain(place, `Value is not one of: [${allowed.join(", ")}]`, `/${name}`);
  return found;
};

export type Range = { readonly least: number; readonly most?: number; readonly whole?: boolean };

/** A number within its range, told in AWS's words where it is not one. */
export const checkNumber = (place: Place, name: string, { least, most, whole = true }: Range): number | undefined => {
  const value = get(place, name);
  if (value === undefined) return undefined;
  const shown = (bound: number) => (whole ? String(bound) : bound.toFixed(1));
  if (typeof value !== "number" || (whole && !Number.isInteger(value))) {
    complain(place, `Expected value of type ${whole ? "Integer" : "Number"}`, `/${name}`);
  } else if (value < least) complain(place, `Minimum value is ${shown(least)}`, `/${name}`);
  else if (most !== undefined && value > most) complain(place, `Maximum value is ${shown(most)}`, `/${name}`);
  else return value;
  return undefined;
};

/** The object in a field, as a place of its own. */
export const placeIn = (place: Place, name: string): Place | undefined => {
  const value = get(place, name);
  if (value === undefined) return undefined;
  return placeOf(place, value, { at: `/${name}`, field: fieldName(place, name) });
};

/** The objects of a list in a field. */
export const placesIn = (place: Place, name: string): Place[] => {
  const value = get(place, name);
  if (value === undefined) return [];
  if (!isArray(value)) {
    complain(place, "Expected value of type Array", `/${name}`);
    return [];
  }
  return value.flatMap((item, index) => {
    const inner = placeOf(place, item, { at: `/${name}[${index}]`, field: `${fieldName(place, name)}[${index}]` });
    return inner === undefined ? [] : [inner];
  });
};

const placeOf = (place: Place, value: Json, { at, field }: { at: string; field: string }): Place | undefined => {
  if (isObject(value)) return { ...place, object: value, location: place.location + at, field };
  complain(place, "Expected value of type Object", at);
  return undefined;
};

export const textsIn = (place: Place, name: string): readonly string[] | undefined => {
  const value = get(place, name);
  if (value === undefined) return undefined;
  if (isArray(value) && value.every((item) => typeof item === "string")) return value;
  complain(place, "Expected value of type Array of String", `/${name}`);
  return undefined;
};

/** Tells of fields that must be there and are not. */
export const need = (place: Place, ...names: readonly string[]): void => {
  const missing = names.filter((name) => !has(place, name));
  if (missing.length > 0) complain(place, `These fields are required: [${missing.join(", ")}]`);
};

/** Tells of fields that exclude each other; `exactly` also of none being there. */
export const choose = (place: Place, names: readonly string[], exactly = false): void => {
  const present = names.filter((name) => has(place, name));
  if (present.length > 1) complain(place, `There should only be one of the following fields: [${present.join(", ")}]`);
  if (exactly && present.length === 0) complain(place, `There must be one of the following fields: [${names.join(", ")}]`);
};

/** Tells of fields that do not belong here; a Comment belongs everywhere. */
export const allow = (place: Place, names: ReadonlySet<string>): void => {
  for (const name of Object.keys(place.object)) {
    if (!names.has(name) && name !== "Comment") complain(place, `Field '${name}' is not supported`);
  }
};
