import { headerChecksum, statedChecksum } from "./checksums.ts";
import { holdContent, openContent, receive, releaseSegments, shareSegments } from "./contents.ts";
import type { Received } from "./contents.ts";
import { findSource, checkCopySize, parseSourceRange } from "./copy-source.ts";
import { digestContent } from "./digests.ts";
import { entityTooLarge, invalidArgument, invalidRequest, noSuchUpload } from "./faults.ts";
import { limits } from "./limits.ts";
import { findUpload } from "./multipart-uploads.ts";
import type { ByteRange } from "./ranges.ts";
import type { ChecksumName, S3, S3Context, Segment, StoredObject, Upload, UploadedPart } from "./s3.ts";
import { wholeSeconds } from "./whole-seconds.ts";

export const UploadPart: S3["UploadPart"] = async (input, context) => {
  const { now, store, trailers } = context;
  checkPartNumber(input.PartNumber);
  if ((input.ContentLength ?? 0) > limits.putBytes) throw entityTooLarge(input.ContentLength ?? 0, limits.putBytes);
  const upload = await findUpload(input, context);
  const { isChecksumStated, checksumAlgorithm } = upload.details;
  headerChecksum(input);
  const received = await receive(input.Body, {
    blobs: store.blobs,
    owner: ownerOf(upload, input.PartNumber),
    inlineBytes: -1,
    withCrc64: !isChecksumStated,
  });
  const stated = statedChecksum(input, trailers);
  if (isChecksumStated && stated?.algorithm !== checksumAlgorithm) throw checksumMismatch(checksumAlgorithm, stated?.algorithm);
  const part: UploadedPart = {
    partNumber: input.PartNumber,
    etag: received.md5,
    sizeBytes: received.sizeBytes,
    modifiedAt: now,
    checksum: isChecksumStated ? stated?.value : received.crc64,
    segments: segmentsOf(received),
  };
  await keepPart(upload, part, context);
  return { ETag: `"${part.etag}"`, ServerSideEncryption: "AES256", ...(stated ? { [`Checksum${stated.algorithm}`]: stated.value } : {}) };
};

export const UploadPartCopy: S3["UploadPartCopy"] = async (input, context) => {
  const { now, store } = context;
  checkPartNumber(input.PartNumber);
  const upload = await findUpload(input, context);
  const source = await findSource(input, context);
  const range = parseSourceRange(input.CopySourceRange, source.sizeBytes);
  const sizeBytes = range ? range.end - range.start + 1 : source.sizeBytes;
  checkCopySize(sizeBytes);
  const { checksumAlgorithm, isChecksumStated } = upload.details;
  const { md5, checksum } = await digestContent(source.content, store.blobs, { algorithm: checksumAlgorithm, ...(range ? { range } : {}) });
  const segments = await segmentsOfSource(source, { owner: ownerOf(upload, input.PartNumber), range }, context);
  await keepPart(upload, { partNumber: input.PartNumber, etag: md5, sizeBytes, modifiedAt: now, checksum, segments }, context);
  return {
    ServerSideEncryption: "AES256",
    CopyPartResult: {
      ETag: `"${md5}"`,
      LastModified: wholeSeconds(now),
      ...(isChecksumStated && checksum !== undefined ? { [`Checksum${checksumAlgorithm}`]: checksum } : {}),
    },
  };
};

const segmentsOfSource = async (
  { content }: StoredObject,
  { owner, range }: { owner: string; range: ByteRange | undefined },
  { store }: S3Context,
): Promise<Segment[]> => {
  if ("segments" in content) return shareSegments(content.segments, owner, range);
  const { digest, sizeBytes } = await store.blobs.put(openContent(content, store.blobs, range));
  return [{ digest, sizeBytes, owner }];
};

/** A part sent again takes the place of the one before. */
const keepPart = (upload: Upload, part: UploadedPart, { store, uploads }: S3Context): Promise<void> =>
  store.transaction(async (tx) => {
    if (!(await uploads.find(upload, tx))) throw noSuchUpload(upload.id);
    const old = await uploads.findPart(tx, upload.id, part.partNumber);
    // Released before the new ones are held: both have the same owner, and may have the same bytes.
    if (old) await releaseSegments(tx, store.blobs, old.segments);
    await holdContent(tx, store.blobs, { segments: part.segments });
    await uploads.putPart(tx, upload.id, part);
  });

const ownerOf = (upload: Upload, partNumber: number) => `s3:part:${upload.id}:${partNumber}`;

const segmentsOf = ({ content }: Received) => ("segments" in content ? content.segments : []);

const checkPartNumber = (partNumber: number) => {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > limits.partNumber)
    throw invalidArgument(`Part number must be an integer between 1 and ${limits.partNumber}, inclusive`, "partNumber", String(partNumber));
};

const checksumMismatch = (expected: ChecksumName, actual: ChecksumName | undefined) =>
  invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? "null"}`,
  );
