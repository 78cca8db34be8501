import { NumericValue } from "@smithy/core/serde";
import { serializationFault } from "./fault.ts";
import { NormalizedSchema } from "./schema.ts";

/** How a document format writes the values that JSON has no type for. */
export type DocumentLeaves = {
  /** Whether a member is named by its `jsonName`, as restJson1 does. */
  jsonName: boolean;
  readBlob(value: unknown): Uint8Array | undefined;
  readTimestamp(schema: NormalizedSchema, value: unknown): Date | undefined;
};

const maxDepth = 100;

/**
 * Turns a parsed document (JSON or CBOR) into an operation's input, checking each value's type against the schema on the way. Members that
 * the schema does not know are left out, as AWS does.
 */
export const readDocument = (schema: NormalizedSchema, value: unknown, leaves: DocumentLeaves, depth = 0): unknown => {
  if (value === null || value === undefined) return undefined;
  if (depth > maxDepth) throw serializationFault("Document is nested too deeply");
  if (schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) return readStructure(schema, expectObject(value), leaves, depth);
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw unexpected(value, "list");
    const member = schema.getValueSchema();
    const sparse = Boolean(schema.getMergedTraits().sparse);
    const items = value.map((item) => (item === null && sparse ? null : readDocument(member, item, leaves, depth + 1)));
    return sparse ? items : items.filter((item) => item !== undefined);
  }
  if (schema.isMapSchema()) {
    const member = schema.getValueSchema();
    const entries = Object.entries(expectObject(value)).map(([key, item]) => [key, readDocument(member, item, leaves, depth + 1)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }
  return readLeaf(schema, value, leaves);
};

const readStructure = (schema: NormalizedSchema, value: Record<string, unknown>, leaves: DocumentLeaves, depth: number) => {
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = leaves.jsonName ? (member.getMergedTraits().jsonName ?? name) : name;
    if (!Object.hasOwn(value, key)) continue;
    const read = readDocument(member, value[key], leaves, depth + 1);
    if (read !== undefined) output[name] = read;
  }
  return output;
};

const readLeaf = (schema: NormalizedSchema, value: unknown, leaves: DocumentLeaves): unknown => {
  if (schema.isStringSchema()) {
    if (typeof value === "string") return value;
    throw unexpected(value, "String");
  }
  if (schema.isBooleanSchema()) {
    if (typeof value === "boolean") return value;
    throw unexpected(value, "Boolean");
  }
  if (schema.isNumericSchema()) return readNumber(value);
  if (schema.isBigIntegerSchema() && (typeof value === "number" || typeof value === "bigint")) return BigInt(value);
  if (schema.isBigDecimalSchema() && typeof value === "number") return new NumericValue(String(value), "bigDecimal");
  if (schema.isTimestampSchema()) {
    const date = leaves.readTimestamp(schema, value);
    if (date && !Number.isNaN(date.getTime())) return date;
    throw unexpected(value, "Timestamp");
  }
  if (schema.isBlobSchema()) {
    const bytes = leaves.readBlob(value);
    if (bytes) return bytes;
    throw unexpected(value, "Blob");
  }
  return value;
};

const namedNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

const readNumber = (value: unknown): number => {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  const named = typeof value === "string" ? namedNumbers[value] : undefined;
  if (named !== undefined) return named;
  throw unexpected(value, "Integer");
};

const expectObject = (value: unknown): Record<string, unknown> => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unexpected(value, "structure");
};

/** AWS's JSON services word a wrong type after the token that their parser met. */
const unexpected = (value: unknown, wanted: string) => {
  if (Array.isArray(value)) return serializationFault("Start of list found where not expected");
  switch (typeof value) {
    case "object":
      return serializationFault("Start of structure or map found where not expected.");
    case "string":
      return serializationFault(
        wanted === "structure" || wanted === "list"
          ? `Expected ${wanted === "list" ? "list" : "map"} or null`
          : `STRING_VALUE can not be converted to ${article(wanted)}`,
      );
    case "boolean":
      return serializationFault(`${value ? "TRUE_VALUE" : "FALSE_VALUE"} can not be converted to ${article(wanted)}`);
    default:
      return serializationFault(`NUMBER_VALUE can not be converted to ${article(wanted)}`);
  }
};

const article = (type: string) => (/^[AEIO]/.test(type) ? `an ${type}` : `a ${type}`);
