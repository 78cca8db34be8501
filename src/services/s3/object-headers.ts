import { checkCannedAcl } from "./acls.ts";
import { invalidArgument, invalidRequest, invalidStorageClass, metadataTooLarge, notBuilt } from "./faults.ts";
import { limits } from "./limits.ts";
import type { ObjectHeaders, StoredObject } from "./s3.ts";

type HeaderMembers = {
  ContentType?: string | undefined;
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  Expires?: Date | undefined;
  WebsiteRedirectLocation?: string | undefined;
  Metadata?: Record<string, string> | undefined;
};

const defaultContentType = "binary/octet-stream";

/** Takes from a write what is kept with the object and comes back with every read. */
export const readHeaders = (input: HeaderMembers): ObjectHeaders => {
  const metadata = readMetadata(input.Metadata);
  const encoding = withoutChunked(input.ContentEncoding);
  if (input.WebsiteRedirectLocation !== undefined && !/^(\/|https?:\/\/)/.test(input.WebsiteRedirectLocation))
    throw invalidArgument("The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
  return {
    contentType: input.ContentType ?? defaultContentType,
    ...(input.CacheControl === undefined ? {} : { cacheControl: input.CacheControl }),
    ...(input.ContentDisposition === undefined ? {} : { contentDisposition: input.ContentDisposition }),
    ...(encoding === "" ? {} : { contentEncoding: encoding }),
    ...(input.ContentLanguage === undefined ? {} : { contentLanguage: input.ContentLanguage }),
    ...(input.Expires ? { expires: input.Expires.toUTCString() } : {}),
    ...(input.WebsiteRedirectLocation === undefined ? {} : { websiteRedirect: input.WebsiteRedirectLocation }),
    ...(metadata ? { metadata } : {}),
  };
};

const readMetadata = (metadata: Record<string, string> | undefined): Record<string, string> | undefined => {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.length === 0) return undefined;
  const sizeBytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (sizeBytes > limits.metadataBytes) throw metadataTooLarge(sizeBytes, limits.metadataBytes);
  return Object.fromEntries(entries);
};

/** `aws-chunked` is how the body travelled, not how the object is encoded. */
const withoutChunked = (encoding: string | undefined) =>
  (encoding ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "" && each.toLowerCase() !== "aws-chunked")
    .join(",");

/**
 * Bytes beyond ASCII leave encoded by RFC 2047, each byte of the header taken for a character, as AWS does it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
 */
const asHeader = (value: string): string =>
  /^[\t\x20-\x7E]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value, "utf8").toString("base64")}?=`;

/** The headers of a stored object, as reads answer with them. */
export const headerMembers = ({ etag, modifiedAt, storageClass, details }: StoredObject) => ({
  AcceptRanges: "bytes",
  LastModified: new Date(modifiedAt),
  ETag: `"${etag}"`,
  ContentType: details.contentType ?? defaultContentType,
  CacheControl: details.cacheControl,
  ContentDisposition: details.contentDisposition,
  ContentEncoding: details.contentEncoding,
  ContentLanguage: details.contentLanguage,
  Expires: details.expires === undefined ? undefined : new Date(details.expires),
  WebsiteRedirectLocation: details.websiteRedirect,
  Metadata: details.metadata && Object.fromEntries(Object.entries(details.metadata).map(([name, value]) => [name, asHeader(value)])),
  ServerSideEncryption: "AES256" as const,
  StorageClass: storageClass === "STANDARD" ? undefined : (storageClass as "STANDARD_IA"),
  TagCount: details.tags && details.tags.length > 0 ? details.tags.length : undefined,
});

const storageClasses = ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
/** Objects of these must be restored before they can be read; nothing here restores. */
const archiveClasses = ["GLACIER", "DEEP_ARCHIVE"];

type WriteMembers = Parameters<typeof checkCannedAcl>[0] & {
  StorageClass?: string | undefined;
  ServerSideEncryption?: string | undefined;
  SSECustomerAlgorithm?: string | undefined;
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
};

/** What a write asks for beyond its bytes and headers: taken where it is true here, refused by name where it is not. Answers with the storage class. */
export const checkWriteOptions = (input: WriteMembers): string => {
  checkCannedAcl(input);
  const storageClass = input.StorageClass ?? "STANDARD";
  if (archiveClasses.includes(storageClass)) throw notBuilt(`the storage class ${storageClass}`);
  if (!storageClasses.includes(storageClass)) throw invalidStorageClass(storageClass);
  if (input.ServerSideEncryption !== undefined && input.ServerSideEncryption !== "AES256")
    throw notBuilt(`server-side encryption with ${input.ServerSideEncryption}`);
  if (input.SSECustomerAlgorithm !== undefined) throw notBuilt("server-side encryption with customer-provided keys");
  if (input.ObjectLockMode ?? input.ObjectLockRetainUntilDate ?? input.ObjectLockLegalHoldStatus)
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  return storageClass;
};
