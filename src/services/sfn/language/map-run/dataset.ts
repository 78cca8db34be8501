import { isArray, isObject, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { MapRunSpec, ReaderSpec } from "../interpreter/map-run-spec.ts";
import type { Batched } from "./batched.ts";
import type { Item } from "./item.ts";
import { argumentsOf, itemsInListing } from "./listing.ts";
import { itemsInInventory, itemsInUnload } from "./manifest.ts";
import { itemsInObject, type Unnumbered } from "./objects.ts";
import { itemReaderFailed, nonIterable } from "./reader-failure.ts";

/** Where datasets lie: the calls that a reader makes, done with the state machine's role by the driver. */
export type ObjectSource = {
  /** The bytes of an object, from GetObject's own arguments (Bucket, Key, VersionId, …); `itemReaderFailed(cause)` when it can't be had. */
  get(args: JsonObject): Promise<{ bytes: AsyncIterable<Uint8Array>; sizeBytes: number | undefined }>;
  /** A range of an object's bytes, end exclusive. */
  getRange(args: JsonObject, from: number, to: number): Promise<Uint8Array>;
  /** One page of ListObjectsV2 with AWS's member names; `token` undefined for the first. */
  list(args: JsonObject, token: string | undefined): Promise<{ contents: JsonObject[]; nextToken: string | undefined }>;
};

/** The items of a map run's dataset, in order, streamed: nothing is kept but what the format forces. */
export async function* datasetOf({ items, reader }: Pick<MapRunSpec, "items" | "reader">, source: ObjectSource): AsyncGenerator<Item> {
  if (reader === undefined) {
    yield* itemsInState(JSON.parse(items ?? "[]") as Json);
    return;
  }
  if ((reader.maxItems ?? 0) < 0) throw itemReaderFailed("field MaxItems must be positive");
  const most = reader.maxItems || limits.readerItems;
  let index = 0;
  for await (const run of itemsOf(reader, source)) {
    for (const item of run) {
      yield { index, ...item };
      index += 1;
      if (index >= most) return;
    }
  }
}

const itemsOf = (reader: ReaderSpec, source: ObjectSource): Batched<Unnumbered> => {
  const args = argumentsOf(reader);
  if (reader.resource.endsWith(":s3:listObjectsV2")) return itemsInListing(reader, args, source);
  if (reader.manifestType === "ATHENA_DATA") return itemsInUnload(reader, args, source);
  const inventory = reader.inputType === "MANIFEST" || reader.manifestType === "S3_INVENTORY";
  return inventory ? itemsInInventory(args, source) : itemsInObject(reader, args, source);
};

/** The items of a dataset that is in the state's own data: an array, or an object as pairs. */
export const itemsInState = (dataset: Json): Item[] => {
  const source = "STATE_DATA";
  if (isArray(dataset)) return dataset.map((value, index) => ({ index, value, source }));
  if (!isObject(dataset)) throw nonIterable();
  return Object.entries(dataset).map(([key, value], index) => ({ index, key, value, source }));
};
