import type { Store } from "#store/store.ts";
import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { BucketRows } from "./bucket-rows.ts";
import type { ConfigurationRows } from "./configuration-rows.ts";
import type { ObjectRows } from "./object-rows.ts";
import type { UploadRows } from "./upload-rows.ts";

export type S3Context = RequestContext & {
  store: Store;
  buckets: BucketRows;
  objects: ObjectRows;
  uploads: UploadRows;
  configurations: ConfigurationRows;
};

export type S3 = Operations<SdkModules["s3"], S3Context>;

export type Bucket = { name: string; account: string; region: string; createdAt: number };

/** Bytes of an object that lie in a blob, from its beginning unless told. The owner is the name under which the blob is held. */
export type Segment = { digest: string; sizeBytes: number; owner: string; offset?: number };

/** Where an object's bytes are: in its row, or in blobs that follow one another. */
export type Content = { bytes: Uint8Array } | { segments: readonly Segment[] };

export type ChecksumName = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

export type StoredChecksum = {
  algorithm: ChecksumName;
  type: "FULL_OBJECT" | "COMPOSITE";
  /** Base64; a composite one ends in `-<parts>`. */
  value: string;
};

/** A part of a completed multipart upload. */
export type ObjectPart = { partNumber: number; sizeBytes: number; checksum?: string };

/** What a client says of an object, kept as it came. */
export type ObjectHeaders = {
  contentType?: string;
  cacheControl?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  contentLanguage?: string;
  /** An HTTP date. */
  expires?: string;
  websiteRedirect?: string;
  metadata?: Readonly<Record<string, string>>;
};

export type Tag = { Key: string; Value: string };

export type ObjectDetails = ObjectHeaders & {
  tags?: readonly Tag[];
  checksum?: StoredChecksum;
  parts?: readonly ObjectPart[];
};

export type StoredObject = {
  bucket: string;
  key: string;
  /** Changes with every write. */
  id: string;
  /** Without quotes. */
  etag: string;
  sizeBytes: number;
  modifiedAt: number;
  storageClass: string;
  details: ObjectDetails;
  content: Content;
};

/** An object as a list shows it. */
export type ListedObject = Pick<StoredObject, "key" | "etag" | "sizeBytes" | "modifiedAt" | "storageClass"> & {
  checksumAlgorithm: string | null;
  checksumType: string | null;
};

/** A multipart upload that has begun. */
export type Upload = {
  bucket: string;
  key: string;
  id: string;
  startedAt: number;
  details: ObjectHeaders & {
    storageClass: string;
    tags?: readonly Tag[];
    checksumAlgorithm: ChecksumName;
    checksumType: StoredChecksum["type"];
    /** The client named the algorithm, and so brings a checksum with each part. */
    isChecksumStated: boolean;
  };
};

export type UploadedPart = {
  partNumber: number;
  etag: string;
  sizeBytes: number;
  modifiedAt: number;
  checksum: string | undefined;
  segments: readonly Segment[];
};
