import { entityTooSmall, invalidPart, invalidPartOrder, invalidRequest } from "./faults.ts";
import { limits } from "./limits.ts";
import type { ChecksumMembers } from "./checksums.ts";
import type { Upload, UploadedPart } from "./s3.ts";

/** A part as CompleteMultipartUpload lists it. */
export type WantedPart = ChecksumMembers & { PartNumber?: number | undefined; ETag?: string | undefined };

export const checkOrder = (wanted: readonly WantedPart[]): void => {
  if (wanted.some(({ PartNumber = 0 }, index) => index > 0 && PartNumber <= (wanted[index - 1]?.PartNumber ?? 0))) throw invalidPartOrder();
};

/** The uploaded part that the client means, when it is the one it saw. */
export const choosePart = (
  wanted: WantedPart,
  uploaded: ReadonlyMap<number, UploadedPart>,
  { upload, isLast }: { upload: Upload; isLast: boolean },
): UploadedPart => {
  const { checksumAlgorithm, checksumType, isChecksumStated } = upload.details;
  const part = uploaded.get(wanted.PartNumber ?? 0);
  if (!part || wanted.ETag?.replaceAll('"', "") !== part.etag) throw invalidPart(upload.id, wanted);
  const stated = wanted[`Checksum${checksumAlgorithm}`];
  if (stated === undefined && isChecksumStated && checksumType === "COMPOSITE")
    throw invalidRequest(
      `The upload was created using a ${checksumAlgorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.partNumber} in the request.`,
    );
  if (stated !== undefined && stated !== part.checksum) throw invalidPart(upload.id, wanted);
  if (!isLast && part.sizeBytes < limits.partBytes) throw entityTooSmall(part, limits.partBytes);
  return part;
};
