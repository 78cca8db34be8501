import { accepting, flag, integer, list, required, struct, tags, text } from "../resource-type.ts";
import type { ResourceContext, ValuesOf } from "../resource-type.ts";

type Call = ResourceContext["call"];

const filter = struct({ S3Key: required(struct({ Rules: required(list(struct({ Name: required(text()), Value: required(text()) }))) })) });
const toFunction = struct({ Event: required(text()), Filter: filter, Function: required(text()) });

/** What a bucket's template can set and change in place. */
export const settingProperties = {
  BucketEncryption: struct({
    ServerSideEncryptionConfiguration: required(
      list(
        struct({
          BucketKeyEnabled: flag(),
          ServerSideEncryptionByDefault: struct({ SSEAlgorithm: required(text()), KMSMasterKeyID: text() }),
        }),
      ),
    ),
  }),
  CorsConfiguration: struct({
    CorsRules: required(
      list(
        struct({
          AllowedHeaders: list(text()),
          AllowedMethods: required(list(text())),
          AllowedOrigins: required(list(text())),
          ExposedHeaders: list(text()),
          Id: text(),
          MaxAge: integer(),
        }),
      ),
    ),
  }),
  NotificationConfiguration: struct({ LambdaConfigurations: list(toFunction) }),
  OwnershipControls: struct({ Rules: required(list(struct({ ObjectOwnership: text() }))) }),
  PublicAccessBlockConfiguration: struct({
    BlockPublicAcls: flag(),
    BlockPublicPolicy: flag(),
    IgnorePublicAcls: flag(),
    RestrictPublicBuckets: flag(),
  }),
  Tags: tags(),
};

type Settings = ValuesOf<typeof settingProperties>;
type Setter<T> = (call: Call, Bucket: string, wanted: T | undefined) => Promise<unknown>;

/** A template says `Event` and `Function` where the operation says `Events` and `LambdaFunctionArn`. */
const setNotifications: Setter<Settings["NotificationConfiguration"]> = (call, Bucket, wanted) => {
  const LambdaFunctionConfigurations = (wanted?.LambdaConfigurations ?? []).map((each) => ({
    LambdaFunctionArn: each.Function,
    Events: [each.Event as "s3:ObjectCreated:*"],
    Filter: each.Filter && {
      Key: { FilterRules: each.Filter.S3Key.Rules.map(({ Name, Value }) => ({ Name: Name.toLowerCase() as "prefix" | "suffix", Value })) },
    },
  }));
  return call("s3", "PutBucketNotificationConfiguration", { Bucket, NotificationConfiguration: { LambdaFunctionConfigurations } });
};

/** A template says `ExposedHeaders`, `Id` and `MaxAge` where the operation says `ExposeHeaders`, `ID` and `MaxAgeSeconds`. */
const setCors: Setter<Settings["CorsConfiguration"]> = (call, Bucket, wanted) => {
  if (wanted === undefined) return call("s3", "DeleteBucketCors", { Bucket });
  const CORSRules = wanted.CorsRules.map((rule) => ({
    ID: rule.Id,
    AllowedHeaders: rule.AllowedHeaders && [...rule.AllowedHeaders],
    AllowedMethods: [...rule.AllowedMethods],
    AllowedOrigins: [...rule.AllowedOrigins],
    ExposeHeaders: rule.ExposedHeaders && [...rule.ExposedHeaders],
    MaxAgeSeconds: rule.MaxAge,
  }));
  return call("s3", "PutBucketCors", { Bucket, CORSConfiguration: { CORSRules } });
};

const setEncryption: Setter<Settings["BucketEncryption"]> = (call, Bucket, wanted) => {
  if (wanted === undefined) return call("s3", "DeleteBucketEncryption", { Bucket });
  const Rules = wanted.ServerSideEncryptionConfiguration.map(({ BucketKeyEnabled, ServerSideEncryptionByDefault }) => ({
    BucketKeyEnabled,
    ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault && {
      SSEAlgorithm: ServerSideEncryptionByDefault.SSEAlgorithm as "AES256",
      KMSMasterKeyID: ServerSideEncryptionByDefault.KMSMasterKeyID,
    },
  }));
  return call("s3", "PutBucketEncryption", { Bucket, ServerSideEncryptionConfiguration: { Rules } });
};

const setOwnership: Setter<Settings["OwnershipControls"]> = (call, Bucket, wanted) =>
  wanted === undefined
    ? call("s3", "DeleteBucketOwnershipControls", { Bucket })
    : call("s3", "PutBucketOwnershipControls", {
        Bucket,
        OwnershipControls: {
          Rules: wanted.Rules.map(({ ObjectOwnership }) => ({ ObjectOwnership: ObjectOwnership as "BucketOwnerEnforced" })),
        },
      });

const setPublicAccess: Setter<Settings["PublicAccessBlockConfiguration"]> = (call, Bucket, wanted) =>
  wanted === undefined
    ? call("s3", "DeletePublicAccessBlock", { Bucket })
    : call("s3", "PutPublicAccessBlock", { Bucket, PublicAccessBlockConfiguration: { ...wanted } });

const setTags: Setter<Settings["Tags"]> = (call, Bucket, wanted) =>
  wanted === undefined || wanted.length === 0
    ? accepting(call("s3", "DeleteBucketTagging", { Bucket }), /^NoSuchTagSet$/)
    : call("s3", "PutBucketTagging", { Bucket, Tagging: { TagSet: [...wanted] } });

/** Sets what differs between two states of a bucket's template. */
export const applySettings = async (
  call: Call,
  bucket: string,
  { before, wanted }: { before: Settings; wanted: Settings },
): Promise<void> => {
  const differs = (name: keyof Settings) => JSON.stringify(before[name] ?? null) !== JSON.stringify(wanted[name] ?? null);
  if (differs("Tags")) await setTags(call, bucket, wanted.Tags);
  if (differs("CorsConfiguration")) await setCors(call, bucket, wanted.CorsConfiguration);
  if (differs("BucketEncryption")) await setEncryption(call, bucket, wanted.BucketEncryption);
  if (differs("OwnershipControls")) await setOwnership(call, bucket, wanted.OwnershipControls);
  if (differs("PublicAccessBlockConfiguration")) await setPublicAccess(call, bucket, wanted.PublicAccessBlockConfiguration);
  if (differs("NotificationConfiguration")) await setNotifications(call, bucket, wanted.NotificationConfiguration);
};
