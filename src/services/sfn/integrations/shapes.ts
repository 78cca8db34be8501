import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import type { NormalizedSchema } from "#wire/schema.ts";
import { isArray, isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import { limits } from "../language/limits.ts";
import type { Naming } from "./members.ts";

/** A task's parameters as the operation takes them. */
export const toInput = (schema: NormalizedSchema, value: Json, naming: Naming): unknown => {
  if (schema.isDocumentSchema()) return value;
  if (schema.isStructSchema() && isObject(value)) {
    const members = naming.membersOf(schema).byTold;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
        const found = members.get(key);
        return found && each !== null ? [[found.name, toInput(found.schema, each, naming)]] : [];
      }),
    );
  }
  if (schema.isListSchema() && isArray(value)) return value.map((each) => toInput(schema.getValueSchema(), each, naming));
  if (schema.isMapSchema() && isObject(value)) return mapValues(value, (each) => toInput(schema.getValueSchema(), each, naming));
  if (schema.isBlobSchema() || schema.isStreaming()) return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  if (schema.isTimestampSchema()) return new Date(typeof value === "number" ? value * 1000 : String(value));
  // Objects where the operation takes a text, such as a nested execution's input, are written as JSON.
  return schema.isStringSchema() && typeof value === "object" ? JSON.stringify(value) : value;
};

const mapValues = (value: JsonObject, change: (each: Json) => unknown) =>
  Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));

/** What an operation answered, as JSON with its members in the order of their names. */
export const toOutput = async (schema: NormalizedSchema, value: unknown, naming: Naming): Promise<Json> => {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return naming.kind === "sdk" ? instant(value) : value.getTime();
  if (value instanceof Readable) return textOf(await beginning(value));
  if (value instanceof Uint8Array) return textOf(Buffer.from(value));
  if (Array.isArray(value))
    return Promise.all(value.map((each) => toOutput(schema.isListSchema() ? schema.getValueSchema() : schema, each, naming)));
  if (typeof value !== "object") return value as Json;
  const members = schema.isStructSchema() ? naming.membersOf(schema).byName : undefined;
  const told = await Promise.all(
    Object.entries(value)
      .filter(([key, each]) => each !== undefined && key !== "$metadata")
      .map(async ([key, each]): Promise<[string, Json]> => {
        const member = members?.get(key);
        const below = member?.schema ?? (schema.isMapSchema() ? schema.getValueSchema() : schema);
        return [member?.told ?? (members ? naming.nameOf(key) : key), await toOutput(below, each, naming)];
      }),
  );
  return sorted(Object.fromEntries(told));
};

/** AWS writes the members of results in the order of their names. */
export const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).toSorted(([left], [right]) => (left < right ? -1 : 1)));

/** A moment as Java writes it: no fraction when it is zero. */
const instant = (time: Date): string => time.toISOString().replace(".000Z", "Z");

/** As much of a stream as shows that it is too long for a result. */
const beginning = async (stream: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > limits.payloadBytes) break;
  }
  return Buffer.concat(chunks);
};

const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? "utf8" : "base64");
