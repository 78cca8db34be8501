import { findBucket } from "./buckets.ts";
import { accessDenied, malformedPolicy, noSuchBucketPolicy } from "./faults.ts";
import { limits } from "./limits.ts";
import { isPublicPolicy, readPolicy } from "./policy-documents.ts";
import { publicAccessBlockOf } from "./public-access.ts";
import type { S3 } from "./s3.ts";

export const GetBucketPolicy: S3["GetBucketPolicy"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const policy = await context.configurations.find<string>(name, "policy");
  if (policy === undefined) throw noSuchBucketPolicy(name);
  return { Policy: policy };
};

export const PutBucketPolicy: S3["PutBucketPolicy"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  if (Buffer.byteLength(input.Policy) > limits.policyBytes) throw malformedPolicy("Policies must not be larger than 20 KB");
  const policy = readPolicy(input.Policy, `arn:aws:s3:::${name}`);
  if (isPublicPolicy(policy) && (await publicAccessBlockOf(name, context))?.BlockPublicPolicy) throw accessDenied();
  await context.configurations.put(name, "policy", input.Policy);
  return {};
};

export const DeleteBucketPolicy: S3["DeleteBucketPolicy"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.remove(name, "policy");
  return {};
};

export const GetBucketPolicyStatus: S3["GetBucketPolicyStatus"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const policy = await context.configurations.find<string>(name, "policy");
  if (policy === undefined) throw noSuchBucketPolicy(name);
  return { PolicyStatus: { IsPublic: isPublicPolicy(readPolicy(policy, `arn:aws:s3:::${name}`)) } };
};
