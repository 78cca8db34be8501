import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Fault } from "#wire/fault.ts";
import type { Call, InputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { sameJson } from "../language/json.ts";
import type { ObjectSource } from "../language/map-run/dataset.ts";
import { itemReaderFailed } from "../language/map-run/reader-failure.ts";

/** `etag` is that of the dataset's own object as an earlier reader saw it; `saw` is told when it is seen first. */
type Guard = { dataset: Json | undefined; etag: string | undefined; saw(etag: string): Promise<void> };

/** Reads datasets by S3's operations, as the state machine's role. A dataset that has changed since it was begun is not gone on with. */
export const newObjectSource = (call: Call, guard: Guard): ObjectSource => ({
  get: async (args) => {
    const { Body, ContentLength, ETag } = await call("s3", "GetObject", args as unknown as InputOf<"s3", "GetObject">).catch(unreadable);
    if (guard.dataset !== undefined && sameJson(args, guard.dataset) && ETag !== undefined) {
      if (guard.etag !== undefined && guard.etag !== ETag) throw itemReaderFailed("The dataset has changed since the map run began.");
      if (guard.etag === undefined) await guard.saw(ETag);
    }
    return { bytes: Body instanceof Readable ? Body : Readable.from(Body === undefined ? [] : [Body]), sizeBytes: ContentLength };
  },
  getRange: async (args, from, to) => {
    const input = { ...args, Range: `bytes=${from}-${to - 1}` };
    const { Body } = await call("s3", "GetObject", input as unknown as InputOf<"s3", "GetObject">).catch(unreadable);
    return Body instanceof Readable ? buffer(Body) : Body === undefined ? new Uint8Array() : Body;
  },
  list: async (args, token) => {
    const input = { ...args, ...(token === undefined ? {} : { ContinuationToken: token }) };
    const page = await call("s3", "ListObjectsV2", input as unknown as InputOf<"s3", "ListObjectsV2">).catch(unreadable);
    const contents = (page.Contents ?? []).map(({ ETag = "", Key = "", LastModified, Size = 0, StorageClass = "" }) => ({
      Etag: ETag,
      Key,
      LastModified: Math.floor((LastModified?.getTime() ?? 0) / 1000),
      Size,
      StorageClass,
    }));
    return { contents, nextToken: page.NextContinuationToken };
  },
});

const unreadable = (error: unknown): never => {
  if (!(error instanceof Fault)) throw error;
  throw itemReaderFailed(`${error.message} (Service: Amazon S3; Status Code: ${error.status ?? 400}; Error Code: ${error.code})`);
};
