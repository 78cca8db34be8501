import { invalidArgument, invalidTag, tooManyTags } from "./faults.ts";
import { limits } from "./limits.ts";
import type { Tag } from "./s3.ts";

/** Tags as the x-amz-tagging header has them: `name=value&other=value`. */
export const parseTagging = (header: string | undefined): readonly Tag[] | undefined => {
  if (header === undefined || header === "") return undefined;
  const pairs = new URLSearchParams(header);
  const tags = [...pairs].map(([Key, Value]) => ({ Key, Value }));
  if (tags.some(({ Key }) => Key === ""))
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      header,
    );
  return checkTags(tags, limits.tagsAnObject);
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export const checkTags = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[], maxTags: number): readonly Tag[] => {
  if (tags.length > maxTags)
    throw maxTags === limits.tagsAnObject ? tooManyTags(maxTags) : invalidTag(`Bucket tag count cannot be greater than ${maxTags}`);
  const names = new Set<string>();
  return tags.map(({ Key = "", Value = "" }) => {
    if (Key === "" || Key.length > limits.tagKeyLength || !allowed.test(Key))
      throw invalidTag("The TagKey you have provided is invalid", Key);
    if (Value.length > limits.tagValueLength || !allowed.test(Value)) throw invalidTag("The TagValue you have provided is invalid", Key);
    if (/^aws:/i.test(Key)) throw invalidTag("System tags cannot be added/updated by requester", Key);
    if (names.has(Key)) throw invalidTag("Cannot provide multiple Tags with the same key", Key);
    names.add(Key);
    return { Key, Value };
  });
};

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
