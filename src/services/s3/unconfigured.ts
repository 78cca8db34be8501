import { Fault } from "#wire/fault.ts";
import { findBucket } from "./buckets.ts";
import { invalidRequest, notBuilt } from "./faults.ts";
import { findObject } from "./find-object.ts";
import type { S3, S3Context } from "./s3.ts";

/**
 * What no bucket here can be given. Reads answer as AWS does for a bucket that has none of it, since tools that describe a bucket read everything;
 * writes that would switch something on are refused by name, and those that leave it off succeed.
 */
export const GetBucketVersioning: S3["GetBucketVersioning"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};

export const PutBucketVersioning: S3["PutBucketVersioning"] = async (input, context) => {
  await findBucket(input, context);
  throw notBuilt(`bucket versioning ${input.VersioningConfiguration.Status ?? ""}`);
};

export const GetBucketLogging: S3["GetBucketLogging"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};

export const PutBucketLogging: S3["PutBucketLogging"] = async (input, context) => {
  await findBucket(input, context);
  if (input.BucketLoggingStatus.LoggingEnabled) throw notBuilt("server access logging");
  return {};
};

export const GetBucketAccelerateConfiguration: S3["GetBucketAccelerateConfiguration"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};

export const GetBucketRequestPayment: S3["GetBucketRequestPayment"] = async (input, context) => {
  await findBucket(input, context);
  return { Payer: "BucketOwner" };
};

export const PutBucketRequestPayment: S3["PutBucketRequestPayment"] = async (input, context) => {
  await findBucket(input, context);
  if (input.RequestPaymentConfiguration.Payer !== "BucketOwner") throw notBuilt("requester pays");
  return {};
};

export const GetBucketAbac: S3["GetBucketAbac"] = async (input, context) => {
  await findBucket(input, context);
  return { AbacStatus: { Status: "Disabled" } };
};

const refuseRead = async (input: { Bucket: string }, context: S3Context, [code, message]: readonly [string, string]): Promise<never> => {
  const { name } = await findBucket(input, context);
  throw new Fault(code, message, 404, { details: { BucketName: name } });
};

const noWebsite = ["NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"] as const;
const noReplication = ["ReplicationConfigurationNotFoundError", "The replication configuration was not found"] as const;
const noObjectLock = ["ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"] as const;

export const GetBucketWebsite: S3["GetBucketWebsite"] = (input, context) => refuseRead(input, context, noWebsite);
export const GetBucketReplication: S3["GetBucketReplication"] = (input, context) => refuseRead(input, context, noReplication);
export const GetObjectLockConfiguration: S3["GetObjectLockConfiguration"] = (input, context) => refuseRead(input, context, noObjectLock);

export const DeleteBucketWebsite: S3["DeleteBucketWebsite"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};

export const DeleteBucketReplication: S3["DeleteBucketReplication"] = async (input, context) => {
  await findBucket(input, context);
  return {};
};

export const GetObjectRetention: S3["GetObjectRetention"] = async (input, context) => {
  await findObject(input, context);
  throw invalidRequest("Bucket is missing Object Lock Configuration");
};

export const GetObjectLegalHold: S3["GetObjectLegalHold"] = async (input, context) => {
  await findObject(input, context);
  throw invalidRequest("Bucket is missing Object Lock Configuration");
};
