import { isObject, member, type Json, type JsonObject } from "../json.ts";
import type { MapRunSpec, ReaderSpec } from "../interpreter/map-run-spec.ts";
import type { Item } from "./item.ts";
import { itemsInState, readItems } from "./read.ts";

/** Where datasets lie: the calls that a reader makes, done with the state machine's role by the driver. */
export type ObjectSource = {
  /** The bytes of an object, from S3 GetObject's own arguments (Bucket, Key, VersionId, ExpectedBucketOwner …). Throws itemReaderFailed(cause) when it can't be had. */
  get(args: JsonObject): Promise<{ bytes: AsyncIterable<Uint8Array>; sizeBytes: number | undefined }>;
  /** A range of an object's bytes, end exclusive. */
  getRange(args: JsonObject, from: number, to: number): Promise<Uint8Array>;
  /** One page of ListObjectsV2 with AWS's member names; `token` undefined for the first. */
  list(args: JsonObject, token: string | undefined): Promise<{ contents: JsonObject[]; nextToken: string | undefined }>;
};

/** The items of a map run's dataset, in order, streamed: nothing is kept but what the format forces. */
export async function* datasetOf({ items, reader }: Pick<MapRunSpec, "items" | "reader">, source: ObjectSource): AsyncGenerator<Item> {
  if (reader === undefined) yield* itemsInState(JSON.parse(items ?? "[]") as Json);
  else if (reader.resource.endsWith(":s3:listObjectsV2")) yield* listed(reader, source);
  else yield* read(reader, source);
}

const argumentsOf = ({ arguments: given }: ReaderSpec): JsonObject => (isObject(given) ? given : {});

const uriOf = (args: JsonObject): string => `s3://${String(member(args, "Bucket") ?? "")}/${String(member(args, "Key") ?? "")}`;

async function* read(reader: ReaderSpec, source: ObjectSource): AsyncGenerator<Item> {
  const args = argumentsOf(reader);
  const { bytes } = await source.get(args);
  yield* readItems(reader, textOf(bytes), uriOf(args));
}

async function* listed(reader: ReaderSpec, source: ObjectSource): AsyncGenerator<Item> {
  const args = argumentsOf(reader);
  const most = reader.maxItems !== undefined && reader.maxItems > 0 ? reader.maxItems : Number.POSITIVE_INFINITY;
  const uri = `s3://${String(member(args, "Bucket") ?? "")}`;
  let token: string | undefined;
  let index = 0;
  do {
    const page = await source.list(args, token);
    for (const value of page.contents) {
      if (index >= most) return;
      yield { index, value, source: uri };
      index += 1;
    }
    token = page.nextToken;
  } while (token !== undefined);
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
