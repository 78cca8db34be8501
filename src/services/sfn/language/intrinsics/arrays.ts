import { sameJson, type Json } from "../json.ts";
import { limits } from "../limits.ts";
import type { Given } from "./functions.ts";
import { arrayAt, integerAt, invalid } from "./invalid.ts";

export const partition = (args: readonly Given[]): Json => {
  const name = "States.ArrayPartition";
  const items = arrayAt(args, 0, name);
  const size = integerAt(args, 1, name);
  if (size < 1) invalid(name);
  return chunks(items, size);
};

export const chunks = (items: readonly Json[], size: number): Json[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

export const contains = (args: readonly Given[]): Json => {
  const value = args[1]?.value ?? null;
  return arrayAt(args, 0, "States.ArrayContains").some((item) => sameJson(item, value));
};

export const range = (args: readonly Given[]): Json => {
  const name = "States.ArrayRange";
  const [first, last, step] = [integerAt(args, 0, name), integerAt(args, 1, name), integerAt(args, 2, name)];
  if (step === 0) invalid(name);
  const count = Math.floor((last - first) / step) + 1;
  if (count > limits.rangeElements) invalid(name);
  return series(first, step, count);
};

export const series = (first: number, step: number, count: number): number[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);

export const getItem = (args: readonly Given[]): Json => {
  const name = "States.ArrayGetItem";
  const items = arrayAt(args, 0, name);
  const index = integerAt(args, 1, name);
  return index < 0 || index >= items.length ? invalid(name) : (items[index] ?? null);
};

export const length = (args: readonly Given[]): Json => arrayAt(args, 0, "States.ArrayLength").length;

export const unique = (args: readonly Given[]): Json => {
  const seen = new Set<string>();
  return arrayAt(args, 0, "States.ArrayUnique").filter((item) => {
    const text = sorted(item);
    return seen.size < seen.add(text).size;
  });
};

/** A text that is the same for equal values, whatever the order of their members. */
const sorted = (value: Json): string =>
  JSON.stringify(value, (_, inner: Json) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
