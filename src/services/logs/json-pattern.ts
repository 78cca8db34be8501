import { invalidPattern } from "./faults.ts";
import { compileExpression } from "./filter-pattern.ts";
import type { Matches } from "./filter-pattern.ts";

type Test = (document: unknown) => boolean;
type Tokens = { list: readonly string[]; at: number };

/** `{ ($.level = "error" && $.code >= 500) || $.user.name = al* }`: comparisons of selected values, joined and nested. */
export const compileJsonPattern = (text: string): Matches => {
  const inner = /^\{([^]*)\}$/.exec(text)?.[1];
  if (inner === undefined) throw invalidPattern();
  const tokens: Tokens = { list: tokenize(inner), at: 0 };
  const test = readAny(tokens);
  if (tokens.at !== tokens.list.length) throw invalidPattern();
  return (message) => {
    const document = parse(message);
    return document !== undefined && test(document);
  };
};

const parse = (message: string): unknown => {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
};

const tokenize = (text: string): string[] => {
  const next =
    /\s*(\$(?:\.[\w@-]+|\[(?:\d+|\*|"(?:[^"\\]|\\.)*"|'[^']*')\]|\.\*)*|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|&&|\|\||!=|<=|>=|[=<>()]|[^\s=<>()&|!"]+)\s*/y;
  const list: string[] = [];
  while (next.lastIndex < text.length) {
    const token = next.exec(text)?.[1];
    if (token === undefined || list.length > 200) throw invalidPattern();
    list.push(token);
  }
  return list;
};

const peek = (tokens: Tokens) => tokens.list[tokens.at];
const take = (tokens: Tokens): string => {
  const token = tokens.list[tokens.at++];
  if (token === undefined) throw invalidPattern();
  return token;
};

const readAny = (tokens: Tokens): Test => {
  const tests = [readAll(tokens)];
  while (peek(tokens) === "||") {
    take(tokens);
    tests.push(readAll(tokens));
  }
  return (document) => tests.some((test) => test(document));
};

const readAll = (tokens: Tokens): Test => {
  const tests = [readOne(tokens)];
  while (peek(tokens) === "&&") {
    take(tokens);
    tests.push(readOne(tokens));
  }
  return (document) => tests.every((test) => test(document));
};

const readOne = (tokens: Tokens): Test => {
  const token = take(tokens);
  if (token === "(") {
    const test = readAny(tokens);
    if (take(tokens) !== ")") throw invalidPattern();
    return test;
  }
  if (!token.startsWith("$")) throw invalidPattern();
  const select = compileSelector(token);
  const test = readComparison(tokens);
  return (document) => test(select(document));
};

const readComparison = (tokens: Tokens): ((values: unknown[]) => boolean) => {
  const operator = take(tokens).toUpperCase();
  if (operator === "IS") {
    const wanted = { NULL: null, TRUE: true, FALSE: false }[take(tokens).toUpperCase()];
    if (wanted === undefined) throw invalidPattern();
    return (values) => values.some((value) => value === wanted);
  }
  if (operator === "NOT") {
    if (take(tokens).toUpperCase() !== "EXISTS") throw invalidPattern();
    return (values) => values.length === 0;
  }
  if (operator === "EXISTS") return (values) => values.length > 0;
  if (!["=", "!=", "<", ">", "<=", ">="].includes(operator)) throw invalidPattern();
  const equals = compileValue(operator, take(tokens));
  return operator === "!=" ? (values) => values.length > 0 && !values.some(equals) : (values) => values.some(equals);
};

const compileValue = (operator: string, token: string): ((value: unknown) => boolean) => {
  if (operator === "=" || operator === "!=") {
    if (token.startsWith("%")) {
      const matches = compileExpression(token.slice(1, -1));
      return (value) => typeof value === "string" && matches(value);
    }
    return equalTo(token);
  }
  const limit = Number(token);
  if (Number.isNaN(limit)) throw invalidPattern();
  const holds = {
    "<": (n: number) => n < limit,
    ">": (n: number) => n > limit,
    "<=": (n: number) => n <= limit,
    ">=": (n: number) => n >= limit,
  }[operator];
  return (value) => typeof value === "number" && holds?.(value) === true;
};

/** Text, in which `*` stands for any characters, or a number. */
const equalTo = (token: string): ((value: unknown) => boolean) => {
  const isQuoted = token.startsWith('"');
  const text = isQuoted ? token.slice(1, -1).replaceAll(/\\(.)/g, "$1") : token;
  const number = isQuoted || text === "" ? Number.NaN : Number(text);
  const parts = text.split("*");
  return (value) => (typeof value === "number" ? value === number : typeof value === "string" && matchesParts(value, parts));
};

const matchesParts = (value: string, parts: readonly string[]): boolean => {
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return value === first;
  const last = rest.pop() ?? "";
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > value.length - last.length) return false;
    at = found + part.length;
  }
  return true;
};

/** `$.a.b[0]["c d"]`, and `[*]` or `.*` for every item. */
const compileSelector = (selector: string): ((document: unknown) => unknown[]) => {
  const steps = [...selector.matchAll(/\.([\w@-]+|\*)|\[(?:(\d+|\*)|"((?:[^"\\]|\\.)*)"|'([^']*)')\]/g)].map(
    ([, name, index, quoted, single]) => name ?? index ?? quoted ?? single ?? "",
  );
  return (document) => steps.reduce<unknown[]>((values, step) => values.flatMap((value) => below(value, step)), [document]);
};

const below = (value: unknown, step: string): unknown[] => {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Object.values(value);
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
};
