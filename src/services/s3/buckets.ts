import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import { isBucketName, isRegion } from "./bucket-names.ts";
import { checkCannedAcl } from "./acls.ts";
import {
  accessDenied,
  bucketAlreadyExists,
  bucketAlreadyOwnedByYou,
  bucketNotEmpty,
  illegalLocation,
  invalidArgument,
  invalidBucketName,
  invalidLocation,
  invalidOwner,
  noSuchBucket,
  notBuilt,
} from "./faults.ts";
import { limits } from "./limits.ts";
import { dropUpload } from "./multipart-uploads.ts";
import type { Bucket, S3, S3Context } from "./s3.ts";
import { wholeSeconds } from "./whole-seconds.ts";

export const CreateBucket: S3["CreateBucket"] = async (input, { account, region, now, store, buckets }) => {
  const name = input.Bucket;
  if (!isBucketName(name)) throw invalidBucketName(name);
  if (input.ObjectLockEnabledForBucket) throw notBuilt("object lock");
  if (input.CreateBucketConfiguration?.Bucket) throw notBuilt("directory buckets");
  checkCannedAcl(input);
  const bucket: Bucket = { name, account, region: regionOf(input.CreateBucketConfiguration?.LocationConstraint, region), createdAt: now };
  await store.transaction(async (tx) => {
    const known = await buckets.findIn(tx, name);
    if (!known) return buckets.put(tx, bucket);
    if (known.account !== account) throw bucketAlreadyExists(name);
    // In us-east-1 alone creating one's own bucket again succeeds: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    if (known.region !== "us-east-1" || bucket.region !== "us-east-1") throw bucketAlreadyOwnedByYou(name);
  });
  // Outside us-east-1 the location is a whole address, as on AWS.
  return { Location: bucket.region === "us-east-1" ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: `arn:aws:s3:::${name}` };
};

/** us-east-1 creates buckets anywhere and has no constraint of its own; every other region creates its own only, and only when told so. */
const regionOf = (constraint: string | undefined, region: string): string => {
  if (constraint === undefined || constraint === "") {
    if (region !== "us-east-1") throw illegalLocation("unspecified");
    return region;
  }
  const wanted = constraint === "EU" ? "eu-west-1" : constraint;
  if (!isRegion(wanted) || wanted === "us-east-1") throw invalidLocation(constraint);
  if (region !== "us-east-1" && wanted !== region) throw illegalLocation(constraint);
  return wanted;
};

export const HeadBucket: S3["HeadBucket"] = async (input, context) => {
  const { name, region } = await findBucket(input, context);
  return { BucketRegion: region, BucketArn: `arn:aws:s3:::${name}`, AccessPointAlias: false };
};

export const GetBucketLocation: S3["GetBucketLocation"] = async (input, context) => {
  const { region } = await findBucket(input, context);
  return region === "us-east-1" ? {} : { LocationConstraint: region as "eu-west-1" };
};

export const DeleteBucket: S3["DeleteBucket"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.store.transaction(async (tx) => {
    if (!(await context.buckets.findIn(tx, name))) throw noSuchBucket(name);
    if (!(await context.buckets.isEmpty(tx, name))) throw bucketNotEmpty(name);
    await context.buckets.remove(tx, name);
    await dropUploads(tx, name, context);
  });
  return {};
};

/** Uploads under way do not keep a bucket, and end with it. */
const dropUploads = async (tx: Transaction<unknown>, bucket: string, context: S3Context): Promise<void> => {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
    const names = await context.uploads.some(tx, bucket);
    if (names.length === 0) return;
    // oxlint-disable-next-line no-await-in-loop
    for (const upload of names) await dropUpload(tx, upload, context);
  }
};

export const ListBuckets: S3["ListBuckets"] = async (input, { account, buckets }) => {
  const limit = input.MaxBuckets ?? limits.bucketsAPage;
  if (limit < 1 || limit > limits.bucketsAPage)
    throw invalidArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", String(limit));
  const after = input.ContinuationToken === undefined ? "" : Buffer.from(input.ContinuationToken, "base64url").toString();
  const prefix = input.Prefix ?? "";
  const found = await buckets.list({ account, after, prefix, region: input.BucketRegion, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    Buckets: page.map(({ name, region, createdAt }) => ({
      Name: name,
      CreationDate: wholeSeconds(createdAt),
      BucketRegion: region,
      BucketArn: `arn:aws:s3:::${name}`,
    })),
    Owner: { ID: canonicalUser(account) },
    ...(input.Prefix === undefined ? {} : { Prefix: prefix }),
    ...(found.length > limit && last ? { ContinuationToken: Buffer.from(last.name).toString("base64url") } : {}),
  };
};

/** The bucket that a request names, when it is the caller's own: policies across accounts are not evaluated yet. */
export const findBucket = async (
  input: { Bucket: string; ExpectedBucketOwner?: string | undefined },
  { account, buckets }: S3Context,
): Promise<Bucket> => {
  const bucket = await buckets.find(input.Bucket);
  if (!bucket) throw noSuchBucket(input.Bucket);
  checkOwner(bucket, account, input.ExpectedBucketOwner);
  return bucket;
};

const checkOwner = (bucket: Bucket, account: string, expected: string | undefined): void => {
  if (expected !== undefined && !/^\d{12}$/.test(expected)) throw invalidOwner();
  if (bucket.account !== account || (expected !== undefined && expected !== bucket.account)) throw accessDenied();
};

/** The 64 hex digits by which S3 knows an account. */
export const canonicalUser = (account: string): string => createHash("sha256").update(`canonical:${account}`).digest("hex");
