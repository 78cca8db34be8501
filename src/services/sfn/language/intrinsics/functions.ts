import type { Json } from "../json.ts";
import * as arrays from "./arrays.ts";
import * as data from "./data.ts";
import * as numbers from "./numbers.ts";
import * as text from "./text.ts";

/** Where chance comes from: the event that drove the step, so that a replay gives the same. */
export type Chance = { uuid(): string; fraction(): number };

/** A value given to a function, with its text as written if it stands in the call. */
export type Given = { readonly value: Json; readonly raw: string | undefined };

export type Intrinsic = {
  readonly least: number;
  readonly most: number;
  /** Throws `Invalid` if the arguments do not suit. */
  readonly apply: (args: readonly Given[], chance: Chance) => Json;
};

const many = Number.POSITIVE_INFINITY;
const of = (least: number, most: number, apply: Intrinsic["apply"]): Intrinsic => ({ least, most, apply });

/** The intrinsic functions of JSONPath states (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html). */
export const functions: ReadonlyMap<string, Intrinsic> = new Map([
  ["States.Array", of(0, many, (args) => args.map(({ value }) => value))],
  ["States.ArrayPartition", of(2, 2, arrays.partition)],
  ["States.ArrayContains", of(2, 2, arrays.contains)],
  ["States.ArrayRange", of(3, 3, arrays.range)],
  ["States.ArrayGetItem", of(2, 2, arrays.getItem)],
  ["States.ArrayLength", of(1, 1, arrays.length)],
  ["States.ArrayUnique", of(1, 1, arrays.unique)],
  ["States.Base64Encode", of(1, 1, data.encode)],
  ["States.Base64Decode", of(1, 1, data.decode)],
  ["States.Hash", of(2, 2, data.hash)],
  ["States.JsonMerge", of(3, 3, data.merge)],
  ["States.StringToJson", of(1, 1, data.parse)],
  ["States.JsonToString", of(1, 1, data.stringify)],
  ["States.MathRandom", of(2, 3, numbers.random)],
  ["States.MathAdd", of(2, 2, numbers.add)],
  ["States.StringSplit", of(2, 2, text.split)],
  ["States.Format", of(1, many, text.format)],
  ["States.UUID", of(0, 0, (_, chance) => chance.uuid())],
]);
