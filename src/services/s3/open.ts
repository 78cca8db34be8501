import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from "./acls.ts";
import { newBucketRows } from "./bucket-rows.ts";
import { CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from "./buckets.ts";
import { DeleteObjects } from "./delete-objects.ts";
import { GetObject, HeadObject } from "./get-object.ts";
import { ListObjects, ListObjectsV2, ListObjectVersions } from "./list-objects.ts";
import { migrations } from "./migrations/all.ts";
import { newObjectRows } from "./object-rows.ts";
import { DeleteObject, PutObject } from "./objects.ts";
import type { S3Context } from "./s3.ts";

export const openS3: OpenService = async ({ store }) => {
  await store.migrate("s3", migrations);
  return {
    operations: handlersOf<"s3", S3Context>()({
      CreateBucket,
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
      ListObjects,
      ListObjectsV2,
      ListObjectVersions,
      PutBucketAcl,
      PutObject,
      PutObjectAcl,
    }),
    context: { store, buckets: newBucketRows(store), objects: newObjectRows(store) },
  };
};
