import type { Fact } from "#store/outbox.ts";
import type { Transaction } from "kysely";
import { checkWrite } from "./conditions.ts";
import type { WriteConditions } from "./conditions.ts";
import { holdContent, releaseSegments } from "./contents.ts";
import { noSuchBucket } from "./faults.ts";
import type { Replaced } from "./object-rows.ts";
import type { Bucket, S3Context, StoredObject } from "./s3.ts";

export const topics = { created: "s3.object-created", removed: "s3.object-removed" } as const;

/** What a fact says of an object: all that a notification needs, since the object may be gone by then. */
export type ObjectFact = {
  bucket: string;
  key: string;
  /** `ObjectCreated:Put` */
  event: string;
  sizeBytes?: number;
  etag?: string;
  requestId: string;
  principal: string;
  /** The client's IP address. */
  sourceAddress: string;
};

type RemovalEvent = "ObjectRemoved:Delete" | "LifecycleExpiration:Delete";

type Change = {
  event: "ObjectCreated:Put" | "ObjectCreated:Copy" | "ObjectCreated:CompleteMultipartUpload";
  conditions?: WriteConditions;
  /** Further changes of the same transaction. */
  within?: (tx: Transaction<unknown>) => Promise<void>;
};

/** Puts an object in the place of what was there, with its fact, in one transaction. */
export const putObject = async (bucket: Bucket, object: StoredObject, change: Change, context: S3Context): Promise<void> => {
  const { store, buckets, objects } = context;
  await store.transaction(async (tx) => {
    if (!(await buckets.findIn(tx, bucket.name))) throw noSuchBucket(bucket.name);
    const old = await objects.findReplaced(tx, bucket.name, object.key);
    if (change.conditions) checkWrite(old, change.conditions);
    await change.within?.(tx);
    await holdContent(tx, store.blobs, object.content);
    await objects.put(tx, object);
    if (old) await releaseSegments(tx, store.blobs, old.segments);
    const { key, sizeBytes, etag } = object;
    await store.outbox.append(tx, [factOf(topics.created, bucket, { key, event: change.event, sizeBytes, etag }, context)]);
  });
};

type Removing = Pick<S3Context, "store" | "objects" | "now" | "requestId" | "caller">;

/** Removes an object that the transaction has found. */
export const removeObject = async (
  tx: Transaction<unknown>,
  bucket: Bucket,
  { key, old, event = "ObjectRemoved:Delete" }: { key: string; old: Pick<Replaced, "segments">; event?: RemovalEvent },
  context: Removing,
): Promise<void> => {
  const { store, objects } = context;
  await objects.remove(tx, bucket.name, key);
  await releaseSegments(tx, store.blobs, old.segments);
  await store.outbox.append(tx, [factOf(topics.removed, bucket, { key, event }, context)]);
};

const factOf = (
  topic: string,
  bucket: Bucket,
  what: Omit<ObjectFact, "bucket" | "requestId" | "principal" | "sourceAddress">,
  { now, requestId, caller }: Pick<S3Context, "now" | "requestId" | "caller">,
): Fact => ({
  topic,
  account: bucket.account,
  region: bucket.region,
  subject: `${bucket.name}/${what.key}`,
  at: now,
  detail: { bucket: bucket.name, ...what, requestId, principal: caller.userId, sourceAddress: "127.0.0.1" } satisfies ObjectFact,
});
