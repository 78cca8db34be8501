import { Fault } from "#wire/fault.ts";
import { accepting, document, list, replacing, required, resourceType, struct, text } from "../resource-type.ts";
import type { ResourceContext } from "../resource-type.ts";

type Call = ResourceContext["call"];

const filter = struct({ S3Key: required(struct({ Rules: required(list(struct({ Name: required(text()), Value: required(text()) }))) })) });
const target = { Event: required(text()), Filter: filter };
const notifications = struct({ LambdaConfigurations: list(struct({ ...target, Function: required(text()) })) });

type Notifications = {
  LambdaConfigurations?: readonly {
    Event: string;
    Function: string;
    Filter?: { S3Key: { Rules: readonly { Name: string; Value: string }[] } };
  }[];
};

/** A template says `Event` and `Function` where the operation says `Events` and `LambdaFunctionArn`. */
const setNotifications = async (call: Call, bucket: string, wanted: Notifications | undefined): Promise<void> => {
  const LambdaFunctionConfigurations = (wanted?.LambdaConfigurations ?? []).map((each) => ({
    LambdaFunctionArn: each.Function,
    Events: [each.Event as "s3:ObjectCreated:*"],
    Filter: each.Filter && {
      Key: { FilterRules: each.Filter.S3Key.Rules.map(({ Name, Value }) => ({ Name: Name.toLowerCase() as "prefix" | "suffix", Value })) },
    },
  }));
  await call("s3", "PutBucketNotificationConfiguration", { Bucket: bucket, NotificationConfiguration: { LambdaFunctionConfigurations } });
};

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
  properties: { BucketName: replacing(text()), NotificationConfiguration: notifications },
  attributes: ["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"],
  create: async ({ properties, isRepeated }, context) => {
    const { call, region } = context;
    const name = properties.BucketName ?? context.name({ longest: 63, lowerCase: true });
    // CreateBucket of one's own bucket succeeds in us-east-1; a template may not take over a bucket that was there before.
    if (!isRepeated && (await isThere(call, name))) throw new Fault("BucketAlreadyExists", `${name} already exists`, 409);
    const elsewhere = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
    await accepting(call("s3", "CreateBucket", { Bucket: name, ...elsewhere }), /^BucketAlreadyOwnedByYou$/, isRepeated);
    await context.created(name);
    if (properties.NotificationConfiguration) await setNotifications(call, name, properties.NotificationConfiguration);
    return { physicalId: name, attributes: attributesOf(name, context) };
  },
  update: async ({ properties }, { physicalId }, context) => {
    await setNotifications(context.call, physicalId, properties.NotificationConfiguration);
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
