import { createHash } from "node:crypto";
import jsonata from "jsonata";
import { hashAlgorithms } from "../intrinsics/data.ts";
import { chunks, series } from "../intrinsics/arrays.ts";
import type { Chance } from "../intrinsics/functions.ts";
import { seededFraction } from "../intrinsics/numbers.ts";
import type { Json } from "../json.ts";
import { limits } from "../limits.ts";

/** Time and chance as the event brought them: an expression gives the same whenever it is evaluated again. */
export type Ambient = { readonly nowMs: number; readonly chance: Chance };

/** The functions that Step Functions adds to JSONata, and `$eval`, which it takes away. */
export const builtins = ({ nowMs, chance }: Ambient) => ({
  partition: (items: readonly Json[] | undefined, size: number) => (items === undefined ? undefined : partition(items, size)),
  range,
  hash,
  random: (seed?: number) => (seed === undefined ? chance.fraction() : seededFraction(numberAt(1, seed, "random"))),
  uuid: () => chance.uuid(),
  parse: (text: string | undefined) => (text === undefined ? undefined : parse(text)),
  millis: () => nowMs,
  now: (picture?: string, timezone?: string) => now(nowMs, picture, timezone),
  eval: undefined,
});

/** An argument of the wrong type, with the library's own code for that. */
class SignatureMismatch extends TypeError {
  readonly code = "T0410";
  readonly index: number;
  readonly token: string;

  /** The library writes the message from these. */
  constructor(index: number, token: string) {
    super();
    this.index = index;
    this.token = token;
  }
}

const complain = (message: string): never => {
  throw new TypeError(message);
};

/** A number, rounded down, where the intrinsic functions of JSONPath round to the nearest. */
const numberAt = (index: number, value: unknown, name: string): number => {
  if (typeof value === "number" && Number.isFinite(value)) return Math.floor(value);
  throw new SignatureMismatch(index, name);
};

const partition = (items: readonly Json[], size: number): Json[][] => {
  const whole = numberAt(2, size, "partition");
  if (!(whole >= 1)) complain("$partition: the chunk size must be a positive integer");
  return chunks(Array.isArray(items) ? items : [items], whole);
};

const range = (from: number, to: number, by: number): number[] => {
  const [first, last, step] = [numberAt(1, from, "range"), numberAt(2, to, "range"), numberAt(3, by, "range")];
  if (step === 0) complain("$range: the step must not be zero");
  const count = Math.floor((last - first) / step) + 1;
  if (count > limits.jsonataSequence) complain("Expression evaluation memory limit exceeded: Check for excessive memory usage");
  return series(first, step, count);
};

const hash = (content: Json | undefined, algorithm: string): string | undefined => {
  if (content === undefined) return undefined;
  const name = hashAlgorithms.get(algorithm) ?? complain(`$hash: unsupported algorithm '${algorithm}'`);
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return createHash(name).update(text).digest("hex");
};

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return complain("$parse: the argument is not valid JSON");
  }
};

/** `$now`, rendered by the library's own `$fromMillis` at the event's time. */
const now = (nowMs: number, picture?: string, timezone?: string): string | Promise<string> =>
  picture === undefined && timezone === undefined
    ? new Date(nowMs).toISOString()
    : (jsonata("$fromMillis(nowMs, picture, timezone)").evaluate({ nowMs, picture, timezone }) as Promise<string>);
