import { isArray, isObject, member, type JsonObject } from "../json.ts";
import type { ReaderSpec } from "../interpreter/map-run-spec.ts";
import { byHeader } from "./csv.ts";
import { csvRows } from "./csv-rows.ts";
import type { Batched } from "./batched.ts";
import type { ObjectSource } from "./dataset.ts";
import { parseItem, type JsonEntry } from "./json-entries.ts";
import { callerOf } from "./listing.ts";
import { from, itemsInObject, textIn, uriOf, type Unnumbered } from "./objects.ts";
import { itemReaderFailed } from "./reader-failure.ts";
import { linesOf } from "./text.ts";

/** The rows of an S3 inventory's files by the schema in its manifest: as they stand, so keys are URL-encoded as S3 writes them. */
export async function* itemsInInventory(args: JsonObject, source: ObjectSource): Batched<Unnumbered> {
  const manifest = await jsonIn(args, source);
  if (member(manifest, "fileFormat") !== "CSV") throw itemReaderFailed("The output format of an S3 inventory must be CSV.");
  const schema = member(manifest, "fileSchema");
  const files = member(manifest, "files");
  if (typeof schema !== "string" || !isArray(files)) throw itemReaderFailed("The S3 inventory's manifest has no fileSchema or no files.");
  const headers = schema.split(",").map((name) => name.trim());
  for (const file of files) {
    const at = { ...callerOf(args), Bucket: bucketOf(manifest, args), Key: (isObject(file) ? member(file, "key") : undefined) ?? "" };
    for await (const rows of csvRows(await textIn(at, source), ",")) yield from(uriOf(at), objectsOf(headers, rows));
  }
}

function* objectsOf(headers: readonly string[], rows: Iterable<string[]>): Generator<JsonEntry> {
  for (const row of rows) yield { value: byHeader(headers, row) };
}

/** The inventory's files lie beside its manifest, in the bucket that the manifest names by its ARN. */
const bucketOf = (manifest: JsonObject, args: JsonObject): string => {
  const destination = member(manifest, "destinationBucket");
  return typeof destination === "string" ? destination.replace(/^arn:[^:]*:s3:::/, "") : String(member(args, "Bucket") ?? "");
};

const jsonIn = async (args: JsonObject, source: ObjectSource): Promise<JsonObject> => {
  const value = parseItem((await Array.fromAsync(await textIn(args, source))).join(""));
  if (!isObject(value)) throw itemReaderFailed("The manifest is not a JSON object.");
  return value;
};

/** What is in the objects that an Athena UNLOAD wrote; its manifest has one S3 URI a line. */
export async function* itemsInUnload(reader: ReaderSpec, args: JsonObject, source: ObjectSource): Batched<Unnumbered> {
  if (reader.inputType !== "CSV" && reader.inputType !== "JSONL" && reader.inputType !== "PARQUET") {
    throw itemReaderFailed("The InputType must be CSV, JSONL or PARQUET for the ManifestType ATHENA_DATA.");
  }
  for await (const lines of linesOf(await textIn(args, source))) {
    for (const line of lines)
      if (line.trim() !== "") yield* itemsInObject(reader, { ...callerOf(args), ...locationOf(line.trim()) }, source);
  }
}

const locationOf = (line: string): JsonObject => {
  const [, bucket, key] = /^"?s3:\/\/([^/]+)\/([^"]+)"?$/i.exec(line) ?? [];
  if (bucket === undefined || key === undefined) throw itemReaderFailed(`The manifest's line '${line.slice(0, 200)}' is not an S3 URI.`);
  return { Bucket: bucket, Key: key };
};
