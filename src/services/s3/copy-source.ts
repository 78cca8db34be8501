import { checkCopySource } from "./conditions.ts";
import { accessDenied, invalidArgument, invalidRequest } from "./faults.ts";
import { findObject } from "./find-object.ts";
import { limits } from "./limits.ts";
import type { ByteRange } from "./ranges.ts";
import type { S3Context, StoredObject } from "./s3.ts";

type SourceMembers = {
  CopySource: string;
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
  ExpectedSourceBucketOwner?: string | undefined;
};

/** The object that a copy reads, when its conditions hold. */
export const findSource = async (input: SourceMembers, context: S3Context): Promise<StoredObject> => {
  const name = parseSource(input.CopySource);
  const object = await findObject({ ...name, ExpectedBucketOwner: input.ExpectedSourceBucketOwner }, context);
  checkCopySource(object, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  return object;
};

/** `bucket/key`, with or without a slash in front, each sign of the key possibly percent-encoded. */
const parseSource = (header: string): { Bucket: string; Key: string; VersionId?: string } => {
  if (/^\/?arn:/.test(header)) throw accessDenied();
  const [path = "", version] = header.split(/\?versionId=(.*)$/s, 2);
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/^\//, "");
  } catch {
    throw invalidArgument("Invalid copy source encoding", "x-amz-copy-source", header);
  }
  const at = decoded.indexOf("/");
  const Key = decoded.slice(at + 1);
  if (at <= 0 || Key === "") throw invalidArgument("Invalid copy source object key", "x-amz-copy-source", header);
  return { Bucket: decoded.slice(0, at), Key, ...(version === undefined ? {} : { VersionId: version }) };
};

/** The range of a part's source: `bytes=first-last`, both within the object. */
export const parseSourceRange = (header: string | undefined, sizeBytes: number): ByteRange | undefined => {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  if (first === undefined || last === undefined || range.start > range.end)
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      header,
    );
  if (range.end >= sizeBytes)
    throw invalidArgument(`Range specified is not valid for source object of size: ${sizeBytes}`, "x-amz-copy-source-range", header);
  return range;
};

export const checkCopySize = (sizeBytes: number): void => {
  if (sizeBytes > limits.putBytes)
    throw invalidRequest(`The specified copy source is larger than the maximum allowable size for a copy source: ${limits.putBytes}`);
};
