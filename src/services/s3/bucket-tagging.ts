import { findBucket } from "./buckets.ts";
import { noSuchTagSet } from "./faults.ts";
import { limits } from "./limits.ts";
import type { S3, Tag } from "./s3.ts";
import { checkTags } from "./tags.ts";

export const GetBucketTagging: S3["GetBucketTagging"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const tags = await context.configurations.find<Tag[]>(name, "tagging");
  if (!tags) throw noSuchTagSet(name);
  return { TagSet: tags };
};

export const PutBucketTagging: S3["PutBucketTagging"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.put(name, "tagging", checkTags(input.Tagging.TagSet ?? [], limits.tagsABucket));
  return {};
};

export const DeleteBucketTagging: S3["DeleteBucketTagging"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.remove(name, "tagging");
  return {};
};
