import { findBucket } from "./buckets.ts";
import { malformedXml } from "./faults.ts";
import { limits } from "./limits.ts";
import { removeObject } from "./object-changes.ts";
import type { S3 } from "./s3.ts";

type Failure = { Key: string; Code: string; Message: string; VersionId?: string };

/** All keys in one transaction: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const DeleteObjects: S3["DeleteObjects"] = async (input, context) => {
  const { store, objects } = context;
  const bucket = await findBucket(input, context);
  const wanted = input.Delete.Objects ?? [];
  if (wanted.length === 0 || wanted.length > limits.keysADeletion) throw malformedXml();
  const keys: string[] = [];
  const failures: Failure[] = [];
  await store.transaction(async (tx) => {
    for (const { Key = "", VersionId, ETag } of wanted) {
      if (VersionId !== undefined && VersionId !== "null") {
        failures.push({ Key, VersionId, Code: "NoSuchVersion", Message: "The specified version does not exist." });
        continue;
      }
      // oxlint-disable-next-line no-await-in-loop -- one transaction, one key after the other
      const old = await objects.findReplaced(tx, bucket.name, Key);
      if (ETag !== undefined && ETag !== "*" && ETag.replaceAll('"', "") !== old?.etag) {
        const Message = "At least one of the pre-conditions you specified did not hold";
        failures.push({
          Key,
          Code: old ? "PreconditionFailed" : "NoSuchKey",
          Message: old ? Message : "The specified key does not exist.",
        });
        continue;
      }
      // oxlint-disable-next-line no-await-in-loop
      if (old) await removeObject(tx, bucket, { key: Key, old }, context);
      keys.push(Key);
    }
  });
  return {
    ...(input.Delete.Quiet ? {} : { Deleted: keys.map((Key) => ({ Key })) }),
    ...(failures.length > 0 ? { Errors: failures } : {}),
  };
};
