import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from "./acls.ts";
import { DeleteBucketPolicy, GetBucketPolicy, GetBucketPolicyStatus, PutBucketPolicy } from "./bucket-policies.ts";
import { DeleteBucketTagging, GetBucketTagging, PutBucketTagging } from "./bucket-tagging.ts";
import { CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from "./buckets.ts";
import { CompleteMultipartUpload } from "./complete-upload.ts";
import { CopyObject } from "./copy-object.ts";
import { DeleteBucketCors, GetBucketCors, PutBucketCors } from "./cors.ts";
import { DeleteObjects } from "./delete-objects.ts";
import { DeleteBucketEncryption, GetBucketEncryption, PutBucketEncryption } from "./encryption.ts";
import { GetObject, HeadObject } from "./get-object.ts";
import { DeleteBucketLifecycle, GetBucketLifecycleConfiguration, PutBucketLifecycleConfiguration } from "./lifecycle.ts";
import { ListObjects, ListObjectsV2, ListObjectVersions } from "./list-objects.ts";
import { AbortMultipartUpload, CreateMultipartUpload, ListMultipartUploads, ListParts } from "./multipart-uploads.ts";
import { GetBucketNotificationConfiguration, PutBucketNotificationConfiguration } from "./notification-configurations.ts";
import { GetObjectAttributes } from "./object-attributes.ts";
import { DeleteObjectTagging, GetObjectTagging, PutObjectTagging } from "./object-tagging.ts";
import { DeleteObject, PutObject } from "./objects.ts";
import {
  DeleteBucketOwnershipControls,
  DeletePublicAccessBlock,
  GetBucketOwnershipControls,
  GetPublicAccessBlock,
  PutBucketOwnershipControls,
  PutPublicAccessBlock,
} from "./public-access.ts";
import * as unconfigured from "./unconfigured.ts";
import { UploadPart, UploadPartCopy } from "./upload-parts.ts";

export const bucketOperations = {
  ...unconfigured,
  CreateBucket,
  DeleteBucket,
  DeleteBucketCors,
  DeleteBucketEncryption,
  DeleteBucketLifecycle,
  DeleteBucketOwnershipControls,
  DeleteBucketPolicy,
  DeleteBucketTagging,
  DeletePublicAccessBlock,
  GetBucketAcl,
  GetBucketCors,
  GetBucketEncryption,
  GetBucketLifecycleConfiguration,
  GetBucketLocation,
  GetBucketNotificationConfiguration,
  GetBucketOwnershipControls,
  GetBucketPolicy,
  GetBucketPolicyStatus,
  GetBucketTagging,
  GetPublicAccessBlock,
  HeadBucket,
  ListBuckets,
  PutBucketAcl,
  PutBucketCors,
  PutBucketEncryption,
  PutBucketLifecycleConfiguration,
  PutBucketNotificationConfiguration,
  PutBucketOwnershipControls,
  PutBucketPolicy,
  PutBucketTagging,
  PutPublicAccessBlock,
};

export const objectOperations = {
  AbortMultipartUpload,
  CompleteMultipartUpload,
  CopyObject,
  CreateMultipartUpload,
  DeleteObject,
  DeleteObjects,
  DeleteObjectTagging,
  GetObject,
  GetObjectAcl,
  GetObjectAttributes,
  GetObjectTagging,
  HeadObject,
  ListMultipartUploads,
  ListObjects,
  ListObjectsV2,
  ListObjectVersions,
  ListParts,
  PutObject,
  PutObjectAcl,
  PutObjectTagging,
  UploadPart,
  UploadPartCopy,
};
