import { Fault } from "#wire/fault.ts";
import { accepting, document, replacing, required, resourceType, text } from "../resource-type.ts";
import type { ResourceContext } from "../resource-type.ts";
import { applySettings, settingProperties } from "./bucket-settings.ts";

type Call = ResourceContext["call"];

const attributesOf = (bucket: string, { region }: ResourceContext) => ({
  Arn: `arn:aws:s3:::${bucket}`,
  DomainName: `${bucket}.s3.amazonaws.com`,
  DualStackDomainName: `${bucket}.s3.dualstack.${region}.amazonaws.com`,
  RegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
});

const isThere = (call: Call, bucket: string): Promise<boolean> =>
  call("s3", "HeadBucket", { Bucket: bucket }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Fault) return error.status !== 404;
      throw error;
    },
  );

const bucket = resourceType({
  name: "AWS::S3::Bucket",
  properties: { ...settingProperties, BucketName: replacing(text()) },
  attributes: ["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"],
  create: async ({ properties, isRepeated }, context) => {
    const { call, region } = context;
    const name = properties.BucketName ?? context.name({ longest: 63, lowerCase: true });
    // CreateBucket of one's own bucket succeeds in us-east-1; a template may not take over a bucket that was there before.
    if (!isRepeated && (await isThere(call, name))) throw new Fault("BucketAlreadyExists", `${name} already exists`, 409);
    const elsewhere = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
    await accepting(call("s3", "CreateBucket", { Bucket: name, ...elsewhere }), /^BucketAlreadyOwnedByYou$/, isRepeated);
    await context.created(name);
    await applySettings(call, name, { before: {}, wanted: properties });
    return { physicalId: name, attributes: attributesOf(name, context) };
  },
  update: async ({ properties }, { physicalId, properties: before }, context) => {
    await applySettings(context.call, physicalId, { before, wanted: properties });
    return { physicalId, attributes: attributesOf(physicalId, context) };
  },
  remove: ({ physicalId }, { call }) => accepting(call("s3", "DeleteBucket", { Bucket: physicalId }), /^NoSuchBucket$/),
});

const bucketPolicy = resourceType({
  name: "AWS::S3::BucketPolicy",
  properties: { Bucket: required(replacing(text())), PolicyDocument: required(document()) },
  create: async ({ properties: { Bucket, PolicyDocument } }, { call }) => {
    await call("s3", "PutBucketPolicy", { Bucket, Policy: JSON.stringify(PolicyDocument) });
    return { physicalId: Bucket };
  },
  update: async ({ properties: { Bucket, PolicyDocument } }, { physicalId }, { call }) => {
    await call("s3", "PutBucketPolicy", { Bucket, Policy: JSON.stringify(PolicyDocument) });
    return { physicalId };
  },
  remove: ({ physicalId }, { call }) => accepting(call("s3", "DeleteBucketPolicy", { Bucket: physicalId }), /^NoSuchBucket/),
});

export const resourceTypes = [bucket, bucketPolicy];
