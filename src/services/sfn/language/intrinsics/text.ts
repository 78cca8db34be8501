import type { Json } from "../json.ts";
import type { Given } from "./functions.ts";
import { Invalid, invalid, textAt } from "./invalid.ts";

/** Splits at each character of the delimiter, leaving out empty parts. */
export const split = (args: readonly Given[]): Json => {
  const name = "States.StringSplit";
  const text = textAt(args, 0, name);
  const delimiters = new Set(textAt(args, 1, name));
  const parts: string[] = [];
  let part = "";
  for (const char of text) {
    if (!delimiters.has(char)) part += char;
    else {
      if (part !== "") parts.push(part);
      part = "";
    }
  }
  return part === "" ? parts : [...parts, part];
};

/** Puts the arguments where the template has `{}`; `\'`, `\{`, `\}` and `\\` stand for themselves, and no other `{` may be there. */
export const format = (args: readonly Given[]): Json => {
  const name = "States.Format";
  const [template, ...values] = args;
  const text = template?.raw ?? textAt(args, 0, name);
  if (typeof template?.value !== "string") invalid(name);
  let used = 0;
  const formatted = text.replaceAll(/\\(['{}\\])|\{\}?/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    // AWS's words, of aws/aws-cdk issue 29261.
    if (found === "{") throw new Invalid(`Invalid template in ${name}: matching '}' not found for '{'.`);
    const given = values[used];
    used += 1;
    if (given === undefined) return "";
    return typeof given.value === "string" ? given.value : JSON.stringify(given.value);
  });
  if (used !== values.length) invalid(name, ": number of arguments do not match the occurrences of {}.");
  return formatted;
};
