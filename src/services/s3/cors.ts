import { findBucket } from "./buckets.ts";
import { noSuchCors } from "./faults.ts";
import type { S3 } from "./s3.ts";

export const GetBucketCors: S3["GetBucketCors"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  throw noSuchCors(name);
};

export const DeleteBucketCors: S3["DeleteBucketCors"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};
