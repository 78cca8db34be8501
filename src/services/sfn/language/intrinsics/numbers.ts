import type { Json } from "../json.ts";
import type { Chance, Given } from "./functions.ts";
import { integerAt, invalid } from "./invalid.ts";

const least = -2_147_483_648;
const most = 2_147_483_647;

const int32At = (args: readonly Given[], index: number, name: string): number => {
  const value = integerAt(args, index, name);
  return value < least || value > most ? invalid(name) : value;
};

export const add = (args: readonly Given[]): Json => int32At(args, 0, "States.MathAdd") + int32At(args, 1, "States.MathAdd");

/** From the first number, included, to the second, excluded; the same seed gives the same number. */
export const random = (args: readonly Given[], chance: Chance): Json => {
  const name = "States.MathRandom";
  const [from, to] = [int32At(args, 0, name), int32At(args, 1, name)];
  if (to <= from) invalid(name);
  if (args.length < 3) return from + Math.floor(chance.fraction() * (to - from));
  return from + seededInteger(integerAt(args, 2, name), to - from);
};

const multiplier = 0x5deece66dn;
const mask = (1n << 48n) - 1n;

/** Numbers of so many bits in the row that `java.util.Random` gives for a seed: what AWS draws from. */
const javaRandom = (seed: number): ((bits: bigint) => bigint) => {
  let state = (BigInt(Math.round(seed)) ^ multiplier) & mask;
  return (bits) => {
    state = (state * multiplier + 0xbn) & mask;
    return state >> (48n - bits);
  };
};

/** `new Random(seed).nextDouble()`. */
export const seededFraction = (seed: number): number => {
  const next = javaRandom(seed);
  const high = next(26n);
  return Number((high << 27n) + next(27n)) / 2 ** 53;
};

/** `new Random(seed).nextInt(bound)`. */
const seededInteger = (seed: number, bound: number): number => {
  if (bound > most) return Math.floor(seededFraction(seed) * bound);
  const next = javaRandom(seed);
  if ((bound & -bound) === bound) return Number((BigInt(bound) * next(31n)) >> 31n);
  for (;;) {
    const drawn = Number(next(31n));
    // The last, incomplete run of remainders is drawn again.
    if (drawn - (drawn % bound) + (bound - 1) <= 2 ** 31 - 1) return drawn % bound;
  }
};
