import type { Json } from "../json.ts";
import { limits } from "../limits.ts";
import { scanPath, type Path } from "../path/path.ts";
import { fail, Scanner } from "../path/scanner.ts";
import { functions } from "./functions.ts";

/** An argument written in the call itself. `raw` keeps the escapes, which States.Format reads on its own. */
type Literal = { readonly kind: "literal"; readonly value: Json; readonly raw: string };

/** What the value of a `.$` field may be: a path, or a call of an intrinsic function. */
export type Expression =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "call"; readonly source: string; readonly name: string; readonly args: readonly Argument[] };

export type Argument = Expression | Literal;

/** Reads a path or an intrinsic call; throws a `SyntaxError`. */
export const parseExpression = (source: string): Expression => {
  const scanner = new Scanner(source);
  const expression = source.startsWith("States.") ? scanCall(scanner, 1) : { kind: "path" as const, path: scanPath(scanner) };
  // AWS's language service takes white space after a call, and none before it or after a path.
  if (expression.kind === "call") scanner.spaces();
  if (!scanner.done()) fail(`Unexpected '${scanner.rest()}'`);
  return expression;
};

const scanCall = (scanner: Scanner, depth: number): Expression => {
  if (depth > limits.intrinsicNesting) fail("Too many nested intrinsic functions");
  const start = scanner.at;
  const name = scanner.match(/States\.[A-Za-z0-9]+/y) ?? fail("A function's name is missing");
  const signature = functions.get(name) ?? fail(`Unknown function '${name}'`);
  if (!scanner.take("(")) fail("'(' is missing");
  const args: Argument[] = [];
  scanner.spaces();
  while (!scanner.take(")")) {
    args.push(scanArgument(scanner, depth));
    scanner.spaces();
    if (scanner.take(",")) scanner.spaces();
    else if (!scanner.peek(")")) fail("',' or ')' is missing");
  }
  if (args.length < signature.least || args.length > signature.most) fail(`Wrong number of arguments for ${name}`);
  return { kind: "call", source: scanner.text.slice(start, scanner.at), name, args };
};

const scanArgument = (scanner: Scanner, depth: number): Argument => {
  if (scanner.peek("States.")) return scanCall(scanner, depth + 1);
  if (scanner.peek("$")) return { kind: "path", path: scanPath(scanner) };
  if (scanner.peek("'")) return scanText(scanner);
  const word = scanner.match(/(?:true|false|null)\b/y);
  if (word !== undefined) return { kind: "literal", value: word === "null" ? null : word === "true", raw: word };
  const value = scanner.number() ?? fail(`Unexpected '${scanner.rest()}'`);
  return { kind: "literal", value, raw: String(value) };
};

const escapes = /\\(['{}\\])/g;

const scanText = (scanner: Scanner): Literal => {
  const quoted = scanner.match(/'(?:[^'\\]|\\[^])*'/y) ?? fail("A text does not end");
  const raw = quoted.slice(1, -1);
  if (/\\[^'{}\\]/.test(raw.replaceAll("\\\\", ""))) fail("An escape is not one of \\', \\{, \\} and \\\\");
  return { kind: "literal", value: raw.replaceAll(escapes, "$1"), raw };
};
