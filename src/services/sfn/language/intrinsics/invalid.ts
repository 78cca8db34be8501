import { isArray, type Json } from "../json.ts";

/** Arguments that a function cannot work on; the message ends up in the cause. */
export class Invalid extends Error {}

/** AWS says no more than that, except of a template whose arguments do not match. */
export const invalid = (name: string, reason = ""): never => {
  throw new Invalid(`Invalid arguments in ${name}${reason}`);
};

type Args = readonly { readonly value: Json }[];

export const arrayAt = (args: Args, index: number, name: string): readonly Json[] => {
  const value = args[index]?.value;
  return isArray(value) ? value : invalid(name);
};

export const textAt = (args: Args, index: number, name: string): string => {
  const value = args[index]?.value;
  return typeof value === "string" ? value : invalid(name);
};

/** A number, rounded to the nearest integer as AWS does. */
export const integerAt = (args: Args, index: number, name: string): number => {
  const value = args[index]?.value;
  return typeof value === "number" ? Math.round(value) : invalid(name);
};
