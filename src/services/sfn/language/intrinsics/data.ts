import { createHash } from "node:crypto";
import { isObject, type Json } from "../json.ts";
import { limits } from "../limits.ts";
import type { Given } from "./functions.ts";
import { invalid, textAt } from "./invalid.ts";

export const hashAlgorithms: ReadonlyMap<string, string> = new Map([
  ["MD5", "md5"],
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-384", "sha384"],
  ["SHA-512", "sha512"],
]);

const shortText = (args: readonly Given[], name: string): string => {
  const text = textAt(args, 0, name);
  return text.length > limits.intrinsicText ? invalid(name) : text;
};

export const encode = (args: readonly Given[]): Json => Buffer.from(shortText(args, "States.Base64Encode")).toString("base64");

export const decode = (args: readonly Given[]): Json => {
  const text = shortText(args, "States.Base64Decode");
  const wellFormed = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
  return wellFormed ? Buffer.from(text, "base64").toString() : invalid("States.Base64Decode");
};

export const hash = (args: readonly Given[]): Json => {
  const name = "States.Hash";
  const value = args[0]?.value ?? null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length > limits.intrinsicText) invalid(name);
  const algorithm = hashAlgorithms.get(textAt(args, 1, name)) ?? invalid(name);
  return createHash(algorithm).update(text).digest("hex");
};

export const merge = (args: readonly Given[]): Json => {
  const name = "States.JsonMerge";
  const [left, right, deep] = args.map(({ value }) => value);
  if (!isObject(left) || !isObject(right)) return invalid(name);
  if (deep !== false) return invalid(name);
  return { ...left, ...right };
};

export const parse = (args: readonly Given[]): Json => {
  const text = textAt(args, 0, "States.StringToJson");
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return invalid("States.StringToJson");
  }
};

export const stringify = (args: readonly Given[]): Json => JSON.stringify(args[0]?.value ?? null);
