import { findBucket } from "./buckets.ts";
import { invalidArgument, keyTooLong, noSuchKey, noSuchVersion } from "./faults.ts";
import { limits } from "./limits.ts";
import type { S3Context, StoredObject } from "./s3.ts";

type ObjectName = { Bucket: string; Key: string; VersionId?: string | undefined; ExpectedBucketOwner?: string | undefined };

/** The object that a request names in one of the caller's buckets. */
export const findObject = async (input: ObjectName, context: S3Context): Promise<StoredObject> => {
  await findBucket(input, context);
  checkVersion(input);
  const object = await context.objects.find(input.Bucket, input.Key);
  if (object) return object;
  throw input.VersionId === undefined ? noSuchKey(input.Key) : noSuchVersion(input.Key, input.VersionId);
};

/** Where no bucket has versions, every object's version is `null`. */
export const checkVersion = ({ VersionId }: { VersionId?: string | undefined }): void => {
  if (VersionId !== undefined && VersionId !== "null")
    throw invalidArgument(
      VersionId === "" ? "Version id cannot be the empty string" : "Invalid version id specified",
      "versionId",
      VersionId,
    );
};

export const checkKey = (key: string): void => {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > limits.keyBytes) throw keyTooLong(sizeBytes, limits.keyBytes);
};
