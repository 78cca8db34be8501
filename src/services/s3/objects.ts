import { findBucket } from "./buckets.ts";
import { checksumMembers, checksumNameOf, headerChecksum, statedChecksum } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import { receive } from "./contents.ts";
import { entityTooLarge, noSuchKey, notBuilt, preconditionFailed } from "./faults.ts";
import { checkKey, checkVersion } from "./find-object.ts";
import { limits } from "./limits.ts";
import { putObject, removeObject } from "./object-changes.ts";
import { checkWriteOptions, readHeaders } from "./object-headers.ts";
import type { S3, StoredChecksum, StoredObject } from "./s3.ts";
import { parseTagging } from "./tags.ts";

export const PutObject: S3["PutObject"] = async (input, context) => {
  const { now, newId, store, trailers } = context;
  const bucket = await findBucket(input, context);
  checkKey(input.Key);
  if (input.WriteOffsetBytes !== undefined) throw notBuilt("x-amz-write-offset-bytes");
  if ((input.ContentLength ?? 0) > limits.putBytes) throw entityTooLarge(input.ContentLength ?? 0, limits.putBytes);
  const conditions = writeConditions(input);
  const storageClass = checkWriteOptions(input);
  const headers = readHeaders(input);
  const tags = parseTagging(input.Tagging);
  const id = newId();
  const withCrc64 = headerChecksum(input) === undefined && checksumNameOf(input.ChecksumAlgorithm) === undefined;
  const received = await receive(input.Body, { blobs: store.blobs, owner: `s3:object:${id}`, withCrc64 });
  const stated =
    statedChecksum(input, trailers) ??
    (received.crc64 === undefined ? undefined : { algorithm: "CRC64NVME" as const, value: received.crc64 });
  const checksum: StoredChecksum | undefined = stated && { ...stated, type: "FULL_OBJECT" };
  const object: StoredObject = {
    bucket: bucket.name,
    key: input.Key,
    id,
    etag: received.md5,
    sizeBytes: received.sizeBytes,
    modifiedAt: now,
    storageClass,
    details: { ...headers, ...(tags ? { tags } : {}), ...(checksum ? { checksum } : {}) },
    content: received.content,
  };
  await putObject(bucket, object, { event: "ObjectCreated:Put", conditions }, context);
  return { ETag: `"${object.etag}"`, ServerSideEncryption: "AES256", ...checksumMembers(checksum) };
};

/** Succeeds whether or not the object was there, as on AWS, unless a condition asks for it. */
export const DeleteObject: S3["DeleteObject"] = async (input, context) => {
  const { store, objects } = context;
  const bucket = await findBucket(input, context);
  checkVersion(input);
  await store.transaction(async (tx) => {
    const old = await objects.findReplaced(tx, bucket.name, input.Key);
    if (input.IfMatch !== undefined) {
      if (!old) throw noSuchKey(input.Key);
      if (input.IfMatch !== "*" && input.IfMatch.replaceAll('"', "") !== old.etag) throw preconditionFailed("If-Match");
    }
    if (old) await removeObject(tx, bucket, { key: input.Key, old }, context);
  });
  return {};
};
