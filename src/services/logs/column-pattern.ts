import { invalidPattern } from "./faults.ts";
import type { Matches } from "./filter-pattern.ts";

type Column = (value: string) => boolean;

/**
 * Compiles `[ip, user, status_code = 4*, …]`: one condition for each field of a line, which spaces separate; what stands in brackets or quotes is one field.
 * `...` stands for any number of fields.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export const compileColumnPattern = (text: string): Matches => {
  const inner = /^\[([^]*)\]$/.exec(text)?.[1];
  if (inner === undefined || inner.trim() === "") throw invalidPattern();
  const columns = split(inner, ",").map((each) => each.trim());
  const rest = columns.indexOf("...");
  if (columns.includes("") || columns.lastIndexOf("...") !== rest) throw invalidPattern();
  const before = columns.slice(0, rest < 0 ? columns.length : rest).map(compileColumn);
  const after = rest < 0 ? [] : columns.slice(rest + 1).map(compileColumn);
  return (message) => {
    const fields = fieldsOf(message);
    const fixed = before.length + after.length;
    if (rest < 0 ? fields.length !== fixed : fields.length < fixed) return false;
    return (
      before.every((matches, at) => matches(fields[at] ?? "")) &&
      after.every((matches, at) => matches(fields[fields.length - after.length + at] ?? ""))
    );
  };
};

const fieldsOf = (message: string): string[] =>
  [...message.matchAll(/\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, bracketed, quoted, plain]) => bracketed ?? quoted ?? plain ?? "",
  );

const compileColumn = (text: string): Column => {
  const any = split(text, "||").map((each) => split(each, "&&").map(compileCondition));
  return (value) => any.some((all) => all.every((matches) => matches(value)));
};

const compileCondition = (text: string): Column => {
  const trimmed = text.trim().replace(/^\(\s*|\s*\)$/g, "");
  const [, operator, wanted = ""] = /^[\w$.-]+\s*(!=|<=|>=|=|<|>)\s*(.+)$/.exec(trimmed) ?? [];
  if (operator === undefined) {
    if (!/^[\w$.-]+$/.test(trimmed)) throw invalidPattern();
    return () => true;
  }
  if (operator === "=" || operator === "!=") {
    const equals = compileEquals(wanted.replace(/^"(.*)"$/, "$1"));
    return (value) => equals(value) === (operator === "=");
  }
  const number = Number(wanted);
  if (Number.isNaN(number)) throw invalidPattern();
  const compare: Record<string, (value: number) => boolean> = {
    "<": (value) => value < number,
    "<=": (value) => value <= number,
    ">": (value) => value > number,
    ">=": (value) => value >= number,
  };
  return (value) => value.trim() !== "" && !Number.isNaN(Number(value)) && (compare[operator]?.(Number(value)) ?? false);
};

/** Numbers are equal by value; `*` stands for any characters. */
const compileEquals = (wanted: string): Column => {
  if (wanted !== "" && !Number.isNaN(Number(wanted))) return (value) => value.trim() !== "" && Number(value) === Number(wanted);
  const parts = wanted.split("*");
  if (parts.length === 1) return (value) => value === wanted;
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > value.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
};

/** Splits where no quotes are open. */
const split = (text: string, separator: string): string[] => {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (isQuoted || !text.startsWith(separator, at)) continue;
    parts.push(text.slice(from, at));
    from = at + separator.length;
  }
  return [...parts, text.slice(from)];
};
