import type { Blobs } from "#store/blobs.ts";
import { findBucket } from "./buckets.ts";
import { checksumMembers, checksumNameOf } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import { shareSegments } from "./contents.ts";
import { checkCopySize, findSource } from "./copy-source.ts";
import { digestContent } from "./digests.ts";
import { invalidArgument, invalidRequest } from "./faults.ts";
import { checkKey } from "./find-object.ts";
import { putObject } from "./object-changes.ts";
import { checkWriteOptions, readHeaders } from "./object-headers.ts";
import type { ChecksumName, ObjectHeaders, S3, StoredChecksum, StoredObject } from "./s3.ts";
import { parseTagging } from "./tags.ts";
import { wholeSeconds } from "./whole-seconds.ts";

/** Copies an object without its bytes: small ones are in the row, the blobs of larger ones get one more owner. */
export const CopyObject: S3["CopyObject"] = async (input, context) => {
  const { now, newId, store } = context;
  const bucket = await findBucket(input, context);
  checkKey(input.Key);
  const conditions = writeConditions(input);
  const source = await findSource(input, context);
  checkCopySize(source.sizeBytes);
  checkDirective(input.MetadataDirective, "metadata");
  checkDirective(input.TaggingDirective, "tagging");
  const storageClass = checkWriteOptions(input);
  if (source.bucket === bucket.name && source.key === input.Key && !changesAnything(input, source, storageClass)) throw illegalSelfCopy();
  const headers = input.MetadataDirective === "REPLACE" ? readHeaders(input) : keptHeaders(source, input.WebsiteRedirectLocation);
  const tags = input.TaggingDirective === "REPLACE" ? parseTagging(input.Tagging) : source.details.tags;
  const { etag, checksum } = await identify(source, store.blobs, checksumNameOf(input.ChecksumAlgorithm));
  const id = newId();
  const { content } = source;
  const object: StoredObject = {
    ...source,
    bucket: bucket.name,
    key: input.Key,
    id,
    etag,
    modifiedAt: now,
    storageClass,
    details: { ...headers, checksum, ...(tags ? { tags } : {}) },
    content: "bytes" in content ? content : { segments: shareSegments(content.segments, `s3:object:${id}`) },
  };
  await putObject(bucket, object, { event: "ObjectCreated:Copy", conditions }, context);
  return {
    ServerSideEncryption: "AES256",
    CopyObjectResult: { ETag: `"${etag}"`, LastModified: wholeSeconds(now), ...checksumMembers(checksum) },
  };
};

const checkDirective = (directive: string | undefined, name: string) => {
  if (directive !== undefined && directive !== "COPY" && directive !== "REPLACE")
    throw invalidArgument(`Unknown ${name} directive.`, `x-amz-${name}-directive`, directive);
};

type Directives = {
  MetadataDirective?: string | undefined;
  WebsiteRedirectLocation?: string | undefined;
  ServerSideEncryption?: string | undefined;
};

const changesAnything = (input: Directives, source: StoredObject, storageClass: string) =>
  input.MetadataDirective === "REPLACE" ||
  storageClass !== source.storageClass ||
  input.WebsiteRedirectLocation !== source.details.websiteRedirect ||
  input.ServerSideEncryption !== undefined;

const illegalSelfCopy = () =>
  invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );

/** A redirect is never copied: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const keptHeaders = ({ details }: StoredObject, redirect: string | undefined): ObjectHeaders => {
  const { tags: _tags, checksum: _checksum, parts: _parts, websiteRedirect: _redirect, ...headers } = details;
  return { ...headers, ...(redirect === undefined ? {} : { websiteRedirect: redirect }) };
};

/** A copy is one object, whatever parts its source was made of: its tag and checksum are those of all its bytes. */
const identify = async (source: StoredObject, blobs: Blobs, wanted: ChecksumName | undefined) => {
  const known = source.details.checksum;
  const algorithm = wanted ?? known?.algorithm ?? "CRC64NVME";
  const kept = known?.type === "FULL_OBJECT" && known.algorithm === algorithm ? known : undefined;
  if (kept && !source.etag.includes("-")) return { etag: source.etag, checksum: kept };
  const { md5, checksum } = await digestContent(source.content, blobs, { algorithm });
  return { etag: md5, checksum: { algorithm, type: "FULL_OBJECT", value: checksum ?? "" } satisfies StoredChecksum };
};
