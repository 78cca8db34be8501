import type { Transaction } from "kysely";
import { findBucket, canonicalUser } from "./buckets.ts";
import { checksumNameOf } from "./checksums.ts";
import { releaseSegments } from "./contents.ts";
import { invalidArgument, invalidRequest, noSuchUpload } from "./faults.ts";
import { checkKey } from "./find-object.ts";
import { limits } from "./limits.ts";
import { encodeKey } from "./list-objects.ts";
import { commonPrefixOf } from "./listing.ts";
import { checkWriteOptions, readHeaders } from "./object-headers.ts";
import type { ChecksumName, S3, S3Context, StoredChecksum, Upload } from "./s3.ts";
import { parseTagging } from "./tags.ts";
import type { UploadName } from "./upload-rows.ts";
import { wholeSeconds } from "./whole-seconds.ts";

export const CreateMultipartUpload: S3["CreateMultipartUpload"] = async (input, context) => {
  const { now, newId, uploads } = context;
  const bucket = await findBucket(input, context);
  checkKey(input.Key);
  const { type, algorithm } = checksumOf(input);
  const tags = parseTagging(input.Tagging);
  const upload: Upload = {
    bucket: bucket.name,
    key: input.Key,
    id: newId(),
    startedAt: now,
    details: {
      ...readHeaders(input),
      storageClass: checkWriteOptions(input),
      checksumAlgorithm: algorithm,
      checksumType: type,
      isChecksumStated: input.ChecksumAlgorithm !== undefined,
      ...(tags ? { tags } : {}),
    },
  };
  await uploads.put(upload);
  return {
    Bucket: bucket.name,
    Key: input.Key,
    UploadId: upload.id,
    ServerSideEncryption: "AES256",
    ...(upload.details.isChecksumStated ? { ChecksumAlgorithm: algorithm, ChecksumType: type } : {}),
  };
};

/** Which checksum an upload gets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const checksumOf = (input: {
  ChecksumAlgorithm?: string | undefined;
  ChecksumType?: string | undefined;
}): { algorithm: ChecksumName; type: StoredChecksum["type"] } => {
  const algorithm = checksumNameOf(input.ChecksumAlgorithm) ?? "CRC64NVME";
  const type = (input.ChecksumType ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE")) as StoredChecksum["type"];
  if ((algorithm === "CRC64NVME" && type === "COMPOSITE") || (algorithm.startsWith("SHA") && type === "FULL_OBJECT"))
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
  return { algorithm, type };
};

export const AbortMultipartUpload: S3["AbortMultipartUpload"] = async (input, context) => {
  const { store, uploads } = context;
  const bucket = await findBucket(input, context);
  const name = { bucket: bucket.name, key: input.Key, id: input.UploadId };
  await store.transaction(async (tx) => {
    if (!(await uploads.find(name, tx))) throw noSuchUpload(name.id);
    await dropUpload(tx, name, context);
  });
  return {};
};

/** Lets go of an upload with its parts. */
export const dropUpload = async (tx: Transaction<unknown>, name: UploadName, { store, uploads }: Pick<S3Context, "store" | "uploads">) => {
  const parts = await uploads.parts({ id: name.id, tx });
  // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
  for (const { segments } of parts) await releaseSegments(tx, store.blobs, segments);
  await uploads.remove(tx, name);
};

export const ListParts: S3["ListParts"] = async (input, context) => {
  const upload = await findUpload(input, context);
  const limit = Math.min(input.MaxParts ?? limits.partsAPage, limits.partsAPage);
  const after = Number(input.PartNumberMarker ?? 0);
  const found = await context.uploads.parts({ id: upload.id, after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const Owner = { ID: canonicalUser(context.account) };
  const { checksumAlgorithm, checksumType, isChecksumStated, storageClass } = upload.details;
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: String(after),
    ...(page.length > 0 ? { NextPartNumberMarker: String(page.at(-1)?.partNumber) } : {}),
    MaxParts: limit,
    IsTruncated: found.length > limit,
    Parts: page.map(({ partNumber, modifiedAt, etag, sizeBytes, checksum }) => ({
      PartNumber: partNumber,
      LastModified: wholeSeconds(modifiedAt),
      ETag: `"${etag}"`,
      Size: sizeBytes,
      ...(isChecksumStated && checksum !== undefined ? { [`Checksum${checksumAlgorithm}`]: checksum } : {}),
    })),
    Initiator: { ID: context.caller.arn, DisplayName: "" },
    Owner,
    StorageClass: storageClass as "STANDARD",
    ...(isChecksumStated ? { ChecksumAlgorithm: checksumAlgorithm, ChecksumType: checksumType } : {}),
  };
};

export const ListMultipartUploads: S3["ListMultipartUploads"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const { Prefix: prefix = "", Delimiter: delimiter = "", KeyMarker: key = "", UploadIdMarker = "" } = input;
  if (input.EncodingType !== undefined && input.EncodingType !== "url")
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", input.EncodingType);
  const encode = input.EncodingType === "url" ? encodeKey : (text: string) => text;
  const limit = Math.min(input.MaxUploads ?? limits.uploadsAPage, limits.uploadsAPage);
  const after = { key, id: UploadIdMarker === "" ? "\u{10FFFF}" : UploadIdMarker };
  const found = await context.uploads.list({ bucket: name, prefix, after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const prefixes = new Set(page.flatMap((upload) => commonPrefixOf(upload.key, prefix, delimiter) ?? []));
  const Owner = { ID: canonicalUser(context.account) };
  return {
    Bucket: name,
    KeyMarker: encode(key),
    UploadIdMarker,
    ...(input.Prefix === undefined ? {} : { Prefix: encode(prefix) }),
    ...(delimiter === "" ? {} : { Delimiter: encode(delimiter) }),
    ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
    MaxUploads: limit,
    IsTruncated: found.length > limit,
    ...(found.length > limit && last ? { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.id } : {}),
    Uploads: page
      .filter((upload) => commonPrefixOf(upload.key, prefix, delimiter) === undefined)
      .map((upload) => ({
        UploadId: upload.id,
        Key: encode(upload.key),
        Initiated: wholeSeconds(upload.startedAt),
        StorageClass: upload.details.storageClass as "STANDARD",
        Owner,
        Initiator: { ID: context.caller.arn, DisplayName: "" },
        ...(upload.details.isChecksumStated
          ? { ChecksumAlgorithm: upload.details.checksumAlgorithm, ChecksumType: upload.details.checksumType }
          : {}),
      })),
    CommonPrefixes: [...prefixes].map((each) => ({ Prefix: encode(each) })),
  };
};

type UploadMembers = { Bucket: string; Key: string; UploadId: string; ExpectedBucketOwner?: string | undefined };

export const findUpload = async (input: UploadMembers, context: S3Context): Promise<Upload> => {
  const bucket = await findBucket(input, context);
  const upload = await context.uploads.find({ bucket: bucket.name, key: input.Key, id: input.UploadId });
  if (!upload) throw noSuchUpload(input.UploadId);
  return upload;
};
