import { findBucket } from "./buckets.ts";
import { noSuchPublicAccessBlock, notBuilt, noSuchOwnershipControls, malformedXml } from "./faults.ts";
import type { S3, S3Context } from "./s3.ts";

type PublicAccessBlock = {
  BlockPublicAcls: boolean;
  IgnorePublicAcls: boolean;
  BlockPublicPolicy: boolean;
  RestrictPublicBuckets: boolean;
};

/** New buckets block all public access: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
const blocked: PublicAccessBlock = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

/** Undefined when it has been deleted. */
export const publicAccessBlockOf = async (bucket: string, { configurations }: S3Context): Promise<PublicAccessBlock | undefined> => {
  const stored = await configurations.find<PublicAccessBlock | "deleted">(bucket, "public-access-block");
  return stored === "deleted" ? undefined : (stored ?? blocked);
};

export const GetPublicAccessBlock: S3["GetPublicAccessBlock"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const PublicAccessBlockConfiguration = await publicAccessBlockOf(name, context);
  if (!PublicAccessBlockConfiguration) throw noSuchPublicAccessBlock(name);
  return { PublicAccessBlockConfiguration };
};

export const PutPublicAccessBlock: S3["PutPublicAccessBlock"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const wanted = input.PublicAccessBlockConfiguration;
  await context.configurations.put(name, "public-access-block", {
    BlockPublicAcls: wanted.BlockPublicAcls ?? false,
    IgnorePublicAcls: wanted.IgnorePublicAcls ?? false,
    BlockPublicPolicy: wanted.BlockPublicPolicy ?? false,
    RestrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
  } satisfies PublicAccessBlock);
  return {};
};

export const DeletePublicAccessBlock: S3["DeletePublicAccessBlock"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.put(name, "public-access-block", "deleted");
  return {};
};

const enforced = "BucketOwnerEnforced";

export const GetBucketOwnershipControls: S3["GetBucketOwnershipControls"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  if ((await context.configurations.find(name, "ownership-controls")) === "deleted") throw noSuchOwnershipControls(name);
  return { OwnershipControls: { Rules: [{ ObjectOwnership: enforced }] } };
};

export const PutBucketOwnershipControls: S3["PutBucketOwnershipControls"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = input.OwnershipControls.Rules ?? [];
  if (rules.length !== 1) throw malformedXml();
  if (rules[0]?.ObjectOwnership !== enforced) throw notBuilt(`object ownership ${rules[0]?.ObjectOwnership ?? ""}, which needs ACLs`);
  await context.configurations.put(name, "ownership-controls", enforced);
  return {};
};

export const DeleteBucketOwnershipControls: S3["DeleteBucketOwnershipControls"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.put(name, "ownership-controls", "deleted");
  return {};
};
