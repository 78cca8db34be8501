import { noSuchKey } from "./faults.ts";
import { findObject } from "./find-object.ts";
import { limits } from "./limits.ts";
import type { S3, S3Context, Tag } from "./s3.ts";
import { checkTags } from "./tags.ts";

export const GetObjectTagging: S3["GetObjectTagging"] = async (input, context) => ({
  TagSet: [...((await findObject(input, context)).details.tags ?? [])],
});

export const PutObjectTagging: S3["PutObjectTagging"] = async (input, context) => {
  await setTags(input, checkTags(input.Tagging.TagSet ?? [], limits.tagsAnObject), context);
  return {};
};

export const DeleteObjectTagging: S3["DeleteObjectTagging"] = async (input, context) => {
  await setTags(input, [], context);
  return {};
};

type ObjectName = Parameters<typeof findObject>[0];

/** Tags are the one thing that changes about an object without making it anew. */
const setTags = async (input: ObjectName, tags: readonly Tag[], context: S3Context): Promise<void> => {
  const { bucket, key } = await findObject(input, context);
  await context.store.transaction(async (tx) => {
    const current = await context.objects.findIn(tx, bucket, key);
    if (!current) throw noSuchKey(key);
    const { tags: _tags, ...details } = current.details;
    await context.objects.setDetails(tx, { bucket, key, details: tags.length > 0 ? { ...details, tags } : details });
  });
};
