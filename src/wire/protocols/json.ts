import { JsonShapeSerializer2 } from "@aws-sdk/core/protocols";
import { serializationFault } from "../fault.ts";
import type { DocumentLeaves } from "../read-document.ts";
import type { NormalizedSchema } from "../schema.ts";
import { timestampFormat } from "../timestamps.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

export const jsonLeaves = (jsonName: boolean): DocumentLeaves => ({
  jsonName,
  readBlob: (value) => (typeof value === "string" && /^[A-Za-z0-9+/\-_\s]*=*\s*$/.test(value) ? Buffer.from(value, "base64") : undefined),
  readTimestamp: (schema, value) => {
    if (typeof value === "number") return new Date(value * 1000);
    if (typeof value !== "string") return undefined;
    const isEpoch = timestampFormat(schema, "epoch-seconds") === "epoch-seconds" && /^-?\d+(\.\d+)?$/.test(value);
    return new Date(isEpoch ? Number(value) * 1000 : value);
  },
});

/** Parses a JSON body; none is an empty object, as AWS takes it. */
export const parseJson = (body: Uint8Array): unknown => {
  if (body.length === 0) return {};
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw serializationFault("Unable to parse the request body as JSON");
  }
};

export const jsonSerializer = (jsonName: boolean) =>
  new JsonShapeSerializer2({ jsonName, timestampFormat: { useTrait: true, default: 7 } });

export const writeJson = (schema: NormalizedSchema, value: unknown, jsonName: boolean): Uint8Array => {
  const serializer = jsonSerializer(jsonName);
  serializer.write(schema, value);
  return serializer.flush();
};
