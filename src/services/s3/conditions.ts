import { noSuchKey, notBuilt, notModified, preconditionFailed } from "./faults.ts";
import type { StoredObject } from "./s3.ts";

export type ReadConditions = {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
};

type Tested = Pick<StoredObject, "etag" | "modifiedAt">;

/**
 * Tests the conditions of a read; an entity tag, where one is given, decides instead of the time beside it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
 */
export const checkRead = (object: Tested, { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: ReadConditions): void => {
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, object.etag)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince && seconds(object.modifiedAt) > seconds(IfUnmodifiedSince.getTime())) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const isSame =
    IfNoneMatch === undefined
      ? IfModifiedSince !== undefined && seconds(object.modifiedAt) <= seconds(IfModifiedSince.getTime())
      : matches(IfNoneMatch, object.etag);
  if (isSame) throw notModified({ etag: `"${object.etag}"`, "last-modified": new Date(object.modifiedAt).toUTCString() });
};

/** The conditions of a copy's source: whatever does not hold is a failed precondition. */
export const checkCopySource = (object: Tested, { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: ReadConditions): void => {
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, object.etag)) throw preconditionFailed("x-amz-copy-source-If-Match");
  } else if (IfUnmodifiedSince && seconds(object.modifiedAt) > seconds(IfUnmodifiedSince.getTime())) {
    throw preconditionFailed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, object.etag)) throw preconditionFailed("x-amz-copy-source-If-None-Match");
  } else if (IfModifiedSince && seconds(object.modifiedAt) <= seconds(IfModifiedSince.getTime())) {
    throw preconditionFailed("x-amz-copy-source-If-Modified-Since");
  }
};

export type WriteConditions = { key: string; ifMatch?: string | undefined; ifNoneMatch?: string | undefined };

/**
 * Tests, within the transaction that writes, what is there against what the writer expects.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const checkWrite = (old: { etag: string } | undefined, { key, ifMatch, ifNoneMatch }: WriteConditions): void => {
  if (ifNoneMatch !== undefined && old) throw preconditionFailed("If-None-Match");
  if (ifMatch === undefined) return;
  if (!old) throw noSuchKey(key);
  if (!matches(ifMatch, old.etag)) throw preconditionFailed("If-Match");
};

/** Says at once, before a body is read, what a write may not ask. */
export const writeConditions = (input: {
  Key: string;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}): WriteConditions => {
  if (input.IfNoneMatch !== undefined && input.IfNoneMatch !== "*") throw notBuilt("If-None-Match with anything but *");
  if (input.IfNoneMatch !== undefined && input.IfMatch !== undefined) throw notBuilt("If-Match together with If-None-Match");
  return { key: input.Key, ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
};

const matches = (condition: string, etag: string): boolean =>
  condition.split(",").some((each) => {
    const wanted = each.trim().replace(/^W\//, "");
    return wanted === "*" || wanted.replace(/^"(.*)"$/, "$1") === etag;
  });

/** HTTP dates have whole seconds. */
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);
