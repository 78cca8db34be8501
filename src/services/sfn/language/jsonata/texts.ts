import type jsonata from "jsonata";
import { limits } from "../limits.ts";

/** The library calls what is bound to this with what a node gave. */
const exit = Symbol.for("jsonata.__evaluate_exit") as unknown as string;

const measure = (length: number): void => {
  // The library's code for a sequence that is too long, of which AWS says the same.
  if (length > limits.jsonataText) throw Object.assign(new Error("The text is too long"), { code: "D2015" });
};

/** Ends an expression that makes a text too long. */
export const boundTexts = (compiled: jsonata.Expression): void => {
  compiled.assign(exit, (_node: unknown, _input: unknown, _environment: unknown, result: unknown): void => {
    if (typeof result === "string") measure(result.length);
  });
  compiled.registerFunction("pad", pad, "<s-ns?:s>");
};

/** The library's `$pad`, but for the length, which is looked at first. */
const pad = (text: string | undefined, width: number, filling?: string): string | undefined => {
  if (text === undefined) return undefined;
  const missing = Math.abs(Math.trunc(width)) - Array.from(text).length;
  if (!(missing > 0)) return text;
  measure(missing);
  const characters = Array.from(filling || " ");
  const padding =
    characters.join("").repeat(Math.floor(missing / characters.length)) + characters.slice(0, missing % characters.length).join("");
  return width > 0 ? text + padding : padding + text;
};
