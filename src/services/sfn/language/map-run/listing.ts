import { isObject, member, type Json, type JsonObject } from "../json.ts";
import type { ReaderSpec } from "../interpreter/map-run-spec.ts";
import type { Batched } from "./batched.ts";
import type { ObjectSource } from "./dataset.ts";
import { itemsInObject, uriOf, type Unnumbered } from "./objects.ts";

/** The objects that a listing names as items, folders of the console too; or what is in each of them, with LOAD_AND_FLATTEN. */
export async function* itemsInListing(reader: ReaderSpec, args: JsonObject, source: ObjectSource): Batched<Unnumbered> {
  const bucket = { Bucket: member(args, "Bucket") ?? "" };
  let token: string | undefined;
  do {
    const page = await source.list(args, token);
    if (!reader.loadAndFlatten) yield page.contents.map((listed) => ({ value: metadataOf(listed), source: uriOf(bucket) }));
    else {
      for (const listed of page.contents.filter((each) => !isFolder(each))) {
        yield* itemsInObject(reader, { ...callerOf(args), ...bucket, Key: member(listed, "Key") ?? "" }, source);
      }
    }
    token = page.nextToken;
  } while (token !== undefined);
}

/** What applies to each object of the bucket as it did to the listing. */
export const callerOf = (args: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(args).filter(([name]) => name === "ExpectedBucketOwner" || name === "RequestPayer"));

/** The empty object by which the console shows a folder: there is nothing to read in it. */
const isFolder = (listed: JsonObject): boolean => String(member(listed, "Key")).endsWith("/") && Number(member(listed, "Size") ?? 0) === 0;

/** An item has `Etag` where S3 has `ETag`, and a time in seconds; what S3 tells beside these is left out. */
const metadataOf = (listed: JsonObject): JsonObject => {
  const members: [string, Json | undefined][] = [
    ["Etag", member(listed, "ETag") ?? member(listed, "Etag")],
    ["Key", member(listed, "Key")],
    ["LastModified", secondsOf(member(listed, "LastModified"))],
    ["Size", member(listed, "Size")],
    ["StorageClass", member(listed, "StorageClass")],
  ];
  return Object.fromEntries(members.filter((entry): entry is [string, Json] => entry[1] !== undefined));
};

const secondsOf = (time: Json | undefined): Json | undefined => {
  if (typeof time === "number") return Math.floor(time);
  const ms = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? time : Math.floor(ms / 1000);
};

/** The arguments of a reader's call. */
export const argumentsOf = ({ arguments: given }: ReaderSpec): JsonObject => (isObject(given) ? given : {});
