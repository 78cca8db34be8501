import { createHash } from "node:crypto";
import { newChecksum } from "#wire/checksums.ts";
import type { Transaction } from "kysely";
import { findBucket } from "./buckets.ts";
import { checksumMembers, checksumNames } from "./checksums.ts";
import type { ChecksumMembers } from "./checksums.ts";
import { combineCrcs, isCrc } from "./combine-crc.ts";
import { writeConditions } from "./conditions.ts";
import { releaseSegments } from "./contents.ts";
import { wireName } from "./digests.ts";
import { badDigest, invalidPart, invalidRequest, malformedXml, noSuchUpload } from "./faults.ts";
import { choosePart, checkOrder } from "./choose-parts.ts";
import { putObject } from "./object-changes.ts";
import type { ChecksumName, S3, S3Context, StoredChecksum, StoredObject, Upload, UploadedPart } from "./s3.ts";

/** Makes an object of the parts as they lie there: no byte is copied. */
export const CompleteMultipartUpload: S3["CompleteMultipartUpload"] = async (input, context) => {
  const bucket = await findBucket(input, context);
  const conditions = writeConditions(input);
  const wanted = input.MultipartUpload?.Parts ?? [];
  const name = { bucket: bucket.name, key: input.Key, id: input.UploadId };
  const upload = await context.uploads.find(name);
  if (!upload) return answer(await completedBefore(name, context), context);
  if (wanted.length === 0) throw malformedXml();
  checkOrder(wanted);
  const parts = new Map((await context.uploads.parts({ id: upload.id })).map((part) => [part.partNumber, part]));
  const chosen = wanted.map((each, index) => choosePart(each, parts, { upload, isLast: index === wanted.length - 1 }));
  const object = await assemble(upload, chosen, context.now);
  checkWhole(object, upload, input);
  const within = (tx: Transaction<unknown>) => finish(tx, { upload, chosen }, context);
  await putObject(bucket, object, { event: "ObjectCreated:CompleteMultipartUpload", conditions, within }, context);
  return answer(object, context);
};

const answer = (object: StoredObject, { endpoint }: S3Context) => ({
  Location: `${endpoint}/${object.bucket}/${object.key.split("/").map(encodeURIComponent).join("/")}`,
  Bucket: object.bucket,
  Key: object.key,
  ETag: `"${object.etag}"`,
  ServerSideEncryption: "AES256" as const,
  ...checksumMembers(object.details.checksum),
});

/** A client that lost the answer asks again; what it completed is still there, under the upload's id. */
const completedBefore = async (name: { bucket: string; key: string; id: string }, { objects }: S3Context): Promise<StoredObject> => {
  const object = await objects.find(name.bucket, name.key);
  if (object?.id !== name.id) throw noSuchUpload(name.id);
  return object;
};

/** Parts that the client left out go; the others stay held under their own names, which are now the object's. */
const finish = async (
  tx: Transaction<unknown>,
  { upload, chosen }: { upload: Upload; chosen: readonly UploadedPart[] },
  { store, uploads }: S3Context,
): Promise<void> => {
  if (!(await uploads.find(upload, tx))) throw noSuchUpload(upload.id);
  const left = new Map((await uploads.parts({ id: upload.id, tx })).map((part) => [part.partNumber, part]));
  for (const { partNumber, etag } of chosen) {
    if (left.get(partNumber)?.etag !== etag) throw invalidPart(upload.id, { PartNumber: partNumber, ETag: etag });
    left.delete(partNumber);
  }
  // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
  for (const { segments } of left.values()) await releaseSegments(tx, store.blobs, segments);
  await uploads.remove(tx, upload);
};

const assemble = async (upload: Upload, parts: readonly UploadedPart[], now: number): Promise<StoredObject> => {
  const { storageClass, checksumAlgorithm: _algorithm, checksumType: _type, isChecksumStated, ...details } = upload.details;
  const checksum = await checksumOf(upload, parts);
  return {
    bucket: upload.bucket,
    key: upload.key,
    id: upload.id,
    etag: `${md5OfTags(parts)}-${parts.length}`,
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    modifiedAt: now,
    storageClass,
    details: {
      ...details,
      ...(checksum ? { checksum } : {}),
      parts: parts.map(({ sizeBytes, checksum: value }, index) => ({
        partNumber: index + 1,
        sizeBytes,
        ...(isChecksumStated && value !== undefined ? { checksum: value } : {}),
      })),
    },
    content: { segments: parts.flatMap(({ segments }) => segments) },
  };
};

const md5OfTags = (parts: readonly UploadedPart[]) =>
  createHash("md5")
    .update(Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex"))))
    .digest("hex");

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#Full-object-checksums */
const checksumOf = async ({ details }: Upload, parts: readonly UploadedPart[]): Promise<StoredChecksum | undefined> => {
  const { checksumAlgorithm: algorithm, checksumType: type } = details;
  const pieces = parts.flatMap(({ checksum: value, sizeBytes }) => (value === undefined ? [] : [{ value, sizeBytes }]));
  if (pieces.length < parts.length) return undefined;
  if (type === "FULL_OBJECT") return isCrc(algorithm) ? { algorithm, type, value: combineCrcs(algorithm, pieces) } : undefined;
  return { algorithm, type, value: await compositeOf(algorithm, pieces) };
};

const compositeOf = async (algorithm: ChecksumName, pieces: readonly { value: string }[]): Promise<string> => {
  const checksum = await newChecksum(wireName(algorithm));
  for (const { value } of pieces) checksum.update(Buffer.from(value, "base64"));
  return `${(await checksum.digest()).toString("base64")}-${pieces.length}`;
};

type WholeMembers = ChecksumMembers & { ChecksumType?: string | undefined; MpuObjectSize?: number | undefined };

/** What the client states of the whole object. */
const checkWhole = ({ sizeBytes, details: { checksum } }: StoredObject, { details }: Upload, input: WholeMembers): void => {
  if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== sizeBytes)
    throw invalidRequest("The provided 'x-amz-mp-object-size' header does not match what was computed.");
  if (input.ChecksumType !== undefined && input.ChecksumType !== details.checksumType)
    throw invalidRequest(
      `The upload was created using the ${details.checksumType} checksum mode. The complete request must use the same checksum mode.`,
    );
  for (const algorithm of checksumNames) {
    const stated = input[`Checksum${algorithm}`];
    if (stated === undefined) continue;
    const value = checksum?.type === "COMPOSITE" ? checksum.value.replace(/-\d+$/, "") : checksum?.value;
    if (algorithm === checksum?.algorithm && stated.replace(/-\d+$/, "") !== value) throw badDigest(algorithm);
  }
};
