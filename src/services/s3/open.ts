import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { forgetAll } from "./forget-all.ts";
import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from "./acls.ts";
import { newBucketRows } from "./bucket-rows.ts";
import { CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from "./buckets.ts";
import { CompleteMultipartUpload } from "./complete-upload.ts";
import { CopyObject } from "./copy-object.ts";
import { DeleteObjects } from "./delete-objects.ts";
import { GetObject, HeadObject } from "./get-object.ts";
import { ListObjects, ListObjectsV2, ListObjectVersions } from "./list-objects.ts";
import { migrations } from "./migrations/all.ts";
import { AbortMultipartUpload, CreateMultipartUpload, ListMultipartUploads, ListParts } from "./multipart-uploads.ts";
import { newObjectRows } from "./object-rows.ts";
import { DeleteObject, PutObject } from "./objects.ts";
import type { S3Context } from "./s3.ts";
import { UploadPart, UploadPartCopy } from "./upload-parts.ts";
import { newUploadRows } from "./upload-rows.ts";

export const openS3: OpenService = async ({ store }) => {
  await store.migrate("s3", migrations);
  const context = { store, buckets: newBucketRows(store), objects: newObjectRows(store), uploads: newUploadRows(store) };
  return {
    operations: handlersOf<"s3", S3Context>()({
      AbortMultipartUpload,
      CompleteMultipartUpload,
      CopyObject,
      CreateBucket,
      CreateMultipartUpload,
      DeleteBucket,
      DeleteObject,
      DeleteObjects,
      GetBucketAcl,
      GetBucketLocation,
      GetObject,
      GetObjectAcl,
      HeadBucket,
      HeadObject,
      ListBuckets,
      ListMultipartUploads,
      ListObjects,
      ListObjectsV2,
      ListObjectVersions,
      ListParts,
      PutBucketAcl,
      PutObject,
      PutObjectAcl,
      UploadPart,
      UploadPartCopy,
    }),
    context,
    reset: () => forgetAll(context),
  };
};
