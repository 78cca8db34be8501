import { invalidArgument } from "./faults.ts";
import { findObject } from "./find-object.ts";
import { limits } from "./limits.ts";
import type { S3, StoredObject } from "./s3.ts";

const known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

export const GetObjectAttributes: S3["GetObjectAttributes"] = async (input, context) => {
  const object = await findObject(input, context);
  if (input.ObjectAttributes.some((name) => !known.includes(name))) throw invalidArgument("Invalid attribute name specified.");
  const wants = (name: "ETag" | "Checksum" | "ObjectParts" | "StorageClass" | "ObjectSize") => input.ObjectAttributes.includes(name);
  const { checksum } = object.details;
  const parts = wants("ObjectParts") ? partsOf(object, input) : undefined;
  return {
    LastModified: new Date(object.modifiedAt),
    ...(wants("ETag") ? { ETag: object.etag } : {}),
    ...(wants("Checksum") && checksum
      ? { Checksum: { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } }
      : {}),
    ...(parts ? { ObjectParts: parts } : {}),
    ...(wants("StorageClass") ? { StorageClass: object.storageClass as "STANDARD" } : {}),
    ...(wants("ObjectSize") ? { ObjectSize: object.sizeBytes } : {}),
  };
};

/** Parts are listed one by one only where each has a checksum, as on AWS. */
const partsOf = (
  { details: { parts, checksum } }: StoredObject,
  { MaxParts, PartNumberMarker }: { MaxParts?: number | undefined; PartNumberMarker?: string | undefined },
) => {
  if (!parts) return undefined;
  const listed = parts.filter((part) => part.checksum !== undefined);
  if (listed.length < parts.length) return { TotalPartsCount: parts.length };
  const limit = Math.min(MaxParts ?? limits.partsAPage, limits.partsAPage);
  const left = listed.filter(({ partNumber }) => partNumber > Number(PartNumberMarker ?? 0));
  const page = left.slice(0, limit);
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: PartNumberMarker ?? "0",
    NextPartNumberMarker: String(page.at(-1)?.partNumber ?? 0),
    MaxParts: limit,
    IsTruncated: left.length > limit,
    Parts: page.map((part) => ({
      PartNumber: part.partNumber,
      Size: part.sizeBytes,
      [`Checksum${checksum?.algorithm ?? ""}`]: part.checksum,
    })),
  };
};
