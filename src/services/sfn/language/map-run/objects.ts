import { member, type Json, type JsonObject } from "../json.ts";
import type { ReaderSpec } from "../interpreter/map-run-spec.ts";
import type { Batched } from "./batched.ts";
import { csvItems } from "./csv.ts";
import type { ObjectSource } from "./dataset.ts";
import type { Item } from "./item.ts";
import { jsonEntries, parseItem, type JsonEntry } from "./json-entries.ts";
import { parquetRows } from "./parquet.ts";
import { itemReaderFailed } from "./reader-failure.ts";
import { linesOf, textOf } from "./text.ts";

/** An item before it is counted. */
export type Unnumbered = Omit<Item, "index">;

/** The S3 URI of an object, or of a bucket, as the documentation of the context object writes it. */
export const uriOf = (args: JsonObject): string => {
  const [bucket, key] = ["Bucket", "Key"].map((name) => member(args, name));
  return `S3://${String(bucket)}${key === undefined ? "" : `/${String(key)}`}`;
};

/** The items in one object, by the reader's InputType. `args` are GetObject's. */
export async function* itemsInObject(reader: ReaderSpec, args: JsonObject, source: ObjectSource): Batched<Unnumbered> {
  const uri = uriOf(args);
  for await (const entries of await entriesOf(reader, args, source)) yield from(uri, entries);
}

/** Entries with the object that they come from. */
export function* from(uri: string, entries: Iterable<JsonEntry>): Generator<Unnumbered> {
  for (const entry of entries) yield { ...entry, source: uri };
}

const entriesOf = async (reader: ReaderSpec, args: JsonObject, source: ObjectSource): Promise<Batched<JsonEntry>> => {
  switch (reader.inputType) {
    case "JSON":
      return jsonEntries(await textIn(args, source), reader.itemsPointer);
    case "JSONL":
      return valuesOf(linesOf(await textIn(args, source)), (line) => (line.trim() === "" ? undefined : parseItem(line)));
    case "CSV":
      return valuesOf(csvItems(reader, await textIn(args, source)), (row) => row);
    case "PARQUET":
      return valuesOf(await rowsIn(args, source), (row) => row);
    default:
      throw itemReaderFailed("The ReaderConfig must have an InputType of CSV, JSON, JSONL or PARQUET for these objects.");
  }
};

async function* valuesOf<T>(runs: Batched<T>, valueOf: (part: T) => Json | undefined): Batched<JsonEntry> {
  const entries = function* (run: Iterable<T>): Generator<JsonEntry> {
    for (const part of run) {
      const value = valueOf(part);
      if (value !== undefined) yield { value };
    }
  };
  for await (const run of runs) yield entries(run);
}

/** The text of an object. */
export const textIn = async (args: JsonObject, source: ObjectSource): Promise<AsyncGenerator<string>> =>
  textOf((await source.get(args)).bytes);

const rowsIn = async (args: JsonObject, source: ObjectSource): Promise<Batched<JsonObject>> => {
  if (Object.hasOwn(args, "VersionId")) throw itemReaderFailed("The field 'VersionId' is not supported for the InputType 'PARQUET'.");
  const sizeBytes = await sizeOf(args, source);
  return parquetRows({ sizeBytes, read: (begin, end) => source.getRange(args, begin, end) });
};

/** An object is opened for its size alone; asking for the first piece is what lets a stream be closed. */
const sizeOf = async (args: JsonObject, source: ObjectSource): Promise<number> => {
  const { bytes, sizeBytes } = await source.get(args);
  let passed = 0;
  for await (const piece of bytes) {
    passed += piece.length;
    if (sizeBytes !== undefined) break;
  }
  return sizeBytes ?? passed;
};
