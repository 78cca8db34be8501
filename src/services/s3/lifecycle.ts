import { findBucket } from "./buckets.ts";
import { noSuchLifecycle } from "./faults.ts";
import type { S3 } from "./s3.ts";

export const GetBucketLifecycleConfiguration: S3["GetBucketLifecycleConfiguration"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  throw noSuchLifecycle(name);
};

export const DeleteBucketLifecycle: S3["DeleteBucketLifecycle"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};
