import { findBucket } from "./buckets.ts";
import { malformedXml, notBuilt } from "./faults.ts";
import type { S3 } from "./s3.ts";

type Rule = { BucketKeyEnabled: boolean };

/** Every bucket has SSE-S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html */
export const GetBucketEncryption: S3["GetBucketEncryption"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const { BucketKeyEnabled } = (await context.configurations.find<Rule>(name, "encryption")) ?? { BucketKeyEnabled: false };
  return {
    ServerSideEncryptionConfiguration: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled }],
    },
  };
};

export const PutBucketEncryption: S3["PutBucketEncryption"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const [rule, ...others] = input.ServerSideEncryptionConfiguration.Rules ?? [];
  if (!rule || others.length > 0) throw malformedXml();
  const algorithm = rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? "AES256";
  if (algorithm !== "AES256") throw notBuilt(`default encryption with ${algorithm}`);
  await context.configurations.put(name, "encryption", { BucketKeyEnabled: rule.BucketKeyEnabled ?? false } satisfies Rule);
  return {};
};

export const DeleteBucketEncryption: S3["DeleteBucketEncryption"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.remove(name, "encryption");
  return {};
};
