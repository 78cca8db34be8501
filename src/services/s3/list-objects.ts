import { canonicalUser, findBucket } from "./buckets.ts";
import { invalidArgument } from "./faults.ts";
import { limits } from "./limits.ts";
import { listKeys } from "./listing.ts";
import type { ListedObject, S3 } from "./s3.ts";
import { wholeSeconds } from "./whole-seconds.ts";

export const ListObjectsV2: S3["ListObjectsV2"] = async (input, context) => {
  const { name, account } = await findBucket(input, context);
  const { encode, maxKeys, prefix, delimiter } = readQuery(input);
  const after = input.ContinuationToken === undefined ? (input.StartAfter ?? "") : readToken(input.ContinuationToken);
  const found = await listKeys(context.objects, { bucket: name, prefix, delimiter, after, limit: Math.min(maxKeys, limits.keysAPage) });
  const owner = input.FetchOwner ? { ID: canonicalUser(account) } : undefined;
  return {
    Name: name,
    Prefix: encode(prefix),
    ...(delimiter === "" ? {} : { Delimiter: encode(delimiter) }),
    MaxKeys: Math.min(maxKeys, limits.keysAPage),
    ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
    KeyCount: found.objects.length + found.commonPrefixes.length,
    IsTruncated: found.next !== undefined,
    ...(input.ContinuationToken === undefined ? {} : { ContinuationToken: input.ContinuationToken }),
    ...(found.next === undefined ? {} : { NextContinuationToken: writeToken(found.next) }),
    ...(input.StartAfter === undefined ? {} : { StartAfter: encode(input.StartAfter) }),
    Contents: found.objects.map((object) => ({ ...entryOf(object, encode), ...(owner ? { Owner: owner } : {}) })),
    CommonPrefixes: found.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  };
};

export const ListObjects: S3["ListObjects"] = async (input, context) => {
  const { name, account } = await findBucket(input, context);
  const { encode, maxKeys, prefix, delimiter } = readQuery(input);
  const after = input.Marker ?? "";
  const found = await listKeys(context.objects, { bucket: name, prefix, delimiter, after, limit: Math.min(maxKeys, limits.keysAPage) });
  const Owner = { ID: canonicalUser(account) };
  return {
    Name: name,
    Prefix: encode(prefix),
    Marker: encode(after),
    ...(delimiter === "" ? {} : { Delimiter: encode(delimiter) }),
    MaxKeys: Math.min(maxKeys, limits.keysAPage),
    ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
    IsTruncated: found.next !== undefined,
    // Without a delimiter a client goes on from the last key that it saw: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
    ...(found.next !== undefined && delimiter !== "" ? { NextMarker: encode(found.next) } : {}),
    Contents: found.objects.map((object) => ({ ...entryOf(object, encode), Owner })),
    CommonPrefixes: found.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  };
};

/** There are no versions: every object is the one version of its key, named `null`. */
export const ListObjectVersions: S3["ListObjectVersions"] = async (input, context) => {
  const { name, account } = await findBucket(input, context);
  const { encode, maxKeys, prefix, delimiter } = readQuery(input);
  const after = input.KeyMarker ?? "";
  const found = await listKeys(context.objects, { bucket: name, prefix, delimiter, after, limit: Math.min(maxKeys, limits.keysAPage) });
  const Owner = { ID: canonicalUser(account) };
  return {
    Name: name,
    Prefix: encode(prefix),
    KeyMarker: encode(after),
    VersionIdMarker: input.VersionIdMarker ?? "",
    ...(delimiter === "" ? {} : { Delimiter: encode(delimiter) }),
    MaxKeys: Math.min(maxKeys, limits.keysAPage),
    ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
    IsTruncated: found.next !== undefined,
    ...(found.next === undefined ? {} : { NextKeyMarker: encode(found.next), NextVersionIdMarker: "null" }),
    Versions: found.objects.map((object) => ({
      ...entryOf(object, encode),
      StorageClass: "STANDARD" as const,
      VersionId: "null",
      IsLatest: true,
      Owner,
    })),
    CommonPrefixes: found.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  };
};

type QueryMembers = {
  MaxKeys?: number | undefined;
  EncodingType?: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
};

const readQuery = ({ MaxKeys = limits.keysAPage, EncodingType, Prefix = "", Delimiter = "" }: QueryMembers) => {
  if (!Number.isInteger(MaxKeys) || MaxKeys < 0 || MaxKeys > 2_147_483_647)
    throw invalidArgument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", String(MaxKeys));
  if (EncodingType !== undefined && EncodingType !== "url")
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", EncodingType);
  return { maxKeys: MaxKeys, prefix: Prefix, delimiter: Delimiter, encode: EncodingType === "url" ? encodeKey : (text: string) => text };
};

/** The encoding of `encoding-type=url`: all but unreserved signs and slashes. */
export const encodeKey = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+")
    .replace(/[!'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const entryOf = (object: ListedObject, encode: (text: string) => string) => ({
  Key: encode(object.key),
  LastModified: wholeSeconds(object.modifiedAt),
  ETag: `"${object.etag}"`,
  ...(object.checksumAlgorithm === null
    ? {}
    : { ChecksumAlgorithm: [object.checksumAlgorithm as "CRC32"], ChecksumType: object.checksumType as "FULL_OBJECT" }),
  Size: object.sizeBytes,
  StorageClass: object.storageClass as "STANDARD",
});

const writeToken = (key: string) => Buffer.from(`1${key}`).toString("base64");

const readToken = (token: string): string => {
  const text = Buffer.from(token, "base64").toString();
  if (!text.startsWith("1")) throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  return text.slice(1);
};
