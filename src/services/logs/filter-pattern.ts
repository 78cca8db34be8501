import { compileColumnPattern } from "./column-pattern.ts";
import { invalidPattern } from "./faults.ts";
import { compileJsonPattern } from "./json-pattern.ts";

export type Matches = (message: string) => boolean;

/**
 * Compiles a filter pattern: terms that must all be there, `?` terms of which one must be, `-` terms that must not, quoted terms,
 * `%regular expressions%`, `{ … }` for JSON, and `[…]` for lines of fields.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const compilePattern = (pattern: string): Matches => {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return compileJsonPattern(text);
  if (text.startsWith("[")) return compileColumnPattern(text);
  return compileTerms(text);
};

const compileTerms = (text: string): Matches => {
  const required: Matches[] = [];
  const optional: Matches[] = [];
  const excluded: Matches[] = [];
  for (const [, sign, quoted, expression, plain] of terms(text)) {
    const matches =
      expression === undefined
        ? includes(quoted === undefined ? (plain ?? "") : quoted.replaceAll(/\\(.)/g, "$1"))
        : compileExpression(expression);
    (sign === "?" ? optional : sign === "-" ? excluded : required).push(matches);
  }
  return (message) =>
    required.every((matches) => matches(message)) &&
    // As on AWS, optional terms count for nothing beside required ones.
    (required.length > 0 || optional.length === 0 || optional.some((matches) => matches(message))) &&
    !excluded.some((matches) => matches(message));
};

const includes =
  (term: string): Matches =>
  (message) =>
    message.includes(term);

const terms = (text: string): RegExpExecArray[] => {
  const found: RegExpExecArray[] = [];
  const next = /\s*([?-])?(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"%][^\s"]*))/y;
  while (next.lastIndex < text.length) {
    const term = next.exec(text);
    if (!term) throw invalidPattern();
    found.push(term);
  }
  return found;
};

/** AWS allows a small part of regular expressions: no groups that backtrack, no references, so nothing here can run away. */
export const compileExpression = (source: string): Matches => {
  if (source.length > 256 || /[({][^)}]*[({]|\\[1-9]|\(\?|[*+}]\)?[*+{]|\)[*+{]/.test(source)) throw invalidPattern();
  try {
    const expression = new RegExp(source);
    return (message) => expression.test(message);
  } catch {
    throw invalidPattern();
  }
};
