import { canonicalUser, findBucket } from "./buckets.ts";
import { aclNotSupported } from "./faults.ts";
import { findObject } from "./find-object.ts";
import type { S3 } from "./s3.ts";

type AclInput = {
  ACL?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWriteACP?: string | undefined;
  GrantFullControl?: string | undefined;
};

/**
 * Ownership is enforced on every bucket, as on those that AWS makes since 2023: its owner controls all that is in it, and an ACL that says anything else is refused.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const checkCannedAcl = ({ ACL, GrantRead, GrantReadACP, GrantWriteACP, GrantFullControl }: AclInput): void => {
  const grants = [GrantRead, GrantReadACP, GrantWriteACP, GrantFullControl].some((grant) => grant !== undefined);
  if (grants || (ACL !== undefined && ACL !== "private" && ACL !== "bucket-owner-full-control")) throw aclNotSupported();
};

const fullControl = (account: string) => {
  const Owner = { ID: canonicalUser(account) };
  return { Owner, Grants: [{ Grantee: { ...Owner, Type: "CanonicalUser" as const }, Permission: "FULL_CONTROL" as const }] };
};

export const GetBucketAcl: S3["GetBucketAcl"] = async (input, context) => fullControl((await findBucket(input, context)).account);

export const PutBucketAcl: S3["PutBucketAcl"] = async (input, context) => {
  await findBucket(input, context);
  if (input.AccessControlPolicy) throw aclNotSupported();
  checkCannedAcl(input);
  return {};
};

export const GetObjectAcl: S3["GetObjectAcl"] = async (input, context) => {
  await findObject(input, context);
  return fullControl(context.account);
};

export const PutObjectAcl: S3["PutObjectAcl"] = async (input, context) => {
  await findObject(input, context);
  if (input.AccessControlPolicy) throw aclNotSupported();
  checkCannedAcl(input);
  return {};
};
