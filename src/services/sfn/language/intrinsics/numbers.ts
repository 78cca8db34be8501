import type { Json } from "../json.ts";
import type { Chance, Given } from "./functions.ts";
import { integerAt, invalid } from "./invalid.ts";

const least = -2_147_483_648;
const most = 2_147_483_647;

const int32At = (args: readonly Given[], index: number, name: string): number => {
  const value = integerAt(args, index, name);
  return value < least || value > most ? invalid(name, `argument ${index + 1} must be a 32-bit integer`) : value;
};

export const add = (args: readonly Given[]): Json => int32At(args, 0, "States.MathAdd") + int32At(args, 1, "States.MathAdd");

/** From the first number, included, to the second, excluded; the same seed gives the same number. */
export const random = (args: readonly Given[], chance: Chance): Json => {
  const name = "States.MathRandom";
  const [from, to] = [int32At(args, 0, name), int32At(args, 1, name)];
  if (to <= from) invalid(name, "the end must be greater than the start");
  const fraction = args.length === 3 ? seededFraction(integerAt(args, 2, name)) : chance.fraction();
  return from + Math.floor(fraction * (to - from));
};

/** The first number of mulberry32 after a seed (any 53-bit integer). */
export const seededFraction = (seed: number): number => {
  let mixed = (seed ^ Math.floor(seed / 2 ** 32)) + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
