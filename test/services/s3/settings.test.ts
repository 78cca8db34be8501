import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";

const Bucket = "settings-of-buckets";

const newBucket = async () => {
  const cloud = await newCloud();
  const client = new sdk.S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new sdk.CreateBucketCommand({ Bucket }));
  return { cloud, client, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
};

test("a bucket without settings answers what tools read of it as AWS does", async () => {
  await using place = await newBucket();
  const { client } = place;
  const named = { Bucket };
  const refusals: [Promise<unknown>, string][] = [
    [client.send(new sdk.GetBucketPolicyCommand(named)), "NoSuchBucketPolicy"],
    [client.send(new sdk.GetBucketTaggingCommand(named)), "NoSuchTagSet"],
    [client.send(new sdk.GetBucketCorsCommand(named)), "NoSuchCORSConfiguration"],
    [client.send(new sdk.GetBucketWebsiteCommand(named)), "NoSuchWebsiteConfiguration"],
    [client.send(new sdk.GetBucketLifecycleConfigurationCommand(named)), "NoSuchLifecycleConfiguration"],
    [client.send(new sdk.GetBucketReplicationCommand(named)), "ReplicationConfigurationNotFoundError"],
    [client.send(new sdk.GetObjectLockConfigurationCommand(named)), "ObjectLockConfigurationNotFoundError"],
  ];
  for (const [answer, name] of refusals) await assert.rejects(answer, { name });
  const encryption = await client.send(new sdk.GetBucketEncryptionCommand(named));
  assert.equal(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
  assert.equal((await client.send(new sdk.GetBucketVersioningCommand(named))).Status, undefined);
  assert.equal((await client.send(new sdk.GetBucketLoggingCommand(named))).LoggingEnabled, undefined);
  assert.equal((await client.send(new sdk.GetBucketRequestPaymentCommand(named))).Payer, "BucketOwner");
  assert.equal((await client.send(new sdk.GetBucketAccelerateConfigurationCommand(named))).Status, undefined);
  assert.equal((await client.send(new sdk.GetBucketAclCommand(named))).Grants?.[0]?.Permission, "FULL_CONTROL");
  assert.equal((await client.send(new sdk.GetPublicAccessBlockCommand(named))).PublicAccessBlockConfiguration?.BlockPublicPolicy, true);
  const ownership = await client.send(new sdk.GetBucketOwnershipControlsCommand(named));
  assert.equal(ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership, "BucketOwnerEnforced");
  assert.equal((await client.send(new sdk.GetBucketLocationCommand(named))).LocationConstraint, undefined);
  assert.equal((await client.send(new sdk.HeadBucketCommand(named))).BucketRegion, "us-east-1");
  assert.deepEqual((await client.send(new sdk.GetBucketNotificationConfigurationCommand(named))).LambdaFunctionConfigurations, undefined);
});

test("what is not built is refused by name", async () => {
  await using place = await newBucket();
  const { client } = place;
  const versioning = new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  await assert.rejects(client.send(versioning), { name: "NotImplemented", message: /bucket versioning Enabled/ });
  const kms = new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x", ServerSideEncryption: "aws:kms" });
  await assert.rejects(client.send(kms), { name: "NotImplemented", message: /aws:kms/ });
  const acl = new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x", ACL: "public-read" });
  await assert.rejects(client.send(acl), { name: "AccessControlListNotSupported", message: "The bucket does not allow ACLs" });
  await assert.rejects(
    client.send(
      new sdk.SelectObjectContentCommand({
        Bucket,
        Key: "k",
        Expression: "SELECT 1",
        ExpressionType: "SQL",
        InputSerialization: { CSV: {} },
        OutputSerialization: { CSV: {} },
      }),
    ),
    { name: "NotImplemented", message: /SelectObjectContent/ },
  );
});

test("tags of buckets and objects are kept, counted and checked", async () => {
  await using place = await newBucket();
  const { client } = place;
  await client.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "team", Value: "films" }] } }));
  assert.deepEqual((await client.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet, [{ Key: "team", Value: "films" }]);
  await client.send(new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x", Tagging: "a=1&b=two%20words" }));
  const tagging = await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: "k" }));
  assert.deepEqual(tagging.TagSet, [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "two words" },
  ]);
  assert.equal((await client.send(new sdk.GetObjectCommand({ Bucket, Key: "k" }))).TagCount, 2);
  await client.send(new sdk.DeleteObjectTaggingCommand({ Bucket, Key: "k" }));
  assert.deepEqual((await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: "k" }))).TagSet, []);
  const many = Array.from({ length: 11 }, (_, index) => ({ Key: `t${index}`, Value: "" }));
  await assert.rejects(client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: many } })), {
    name: "BadRequest",
    message: "Object tags cannot be greater than 10",
  });
  const twice = [
    { Key: "a", Value: "" },
    { Key: "a", Value: "" },
  ];
  await assert.rejects(client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: twice } })), {
    name: "InvalidTag",
    message: "Cannot provide multiple Tags with the same key",
  });
});

test("a bucket policy is checked, kept and refused when it is public and public policies are blocked", async () => {
  await using place = await newBucket();
  const { client } = place;
  const policy = (Principal: unknown) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` }],
    });
  const put = (Policy: string) => client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy }));
  await assert.rejects(put("nonsense"), { name: "MalformedPolicy", message: "Policies must be valid JSON and the first byte must be '{'" });
  await assert.rejects(put(policy("*").replaceAll(Bucket, "another")), { name: "MalformedPolicy", message: "Policy has invalid resource" });
  await assert.rejects(put(policy("*")), { name: "AccessDenied" });
  const own = policy({ AWS: "arn:aws:iam::000000000000:root" });
  await put(own);
  assert.equal((await client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).Policy, own);
  await client.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }));
  await put(policy("*"));
  assert.equal((await client.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic, true);
});

test("buckets: names, regions, owners and emptiness", async () => {
  await using place = await newBucket();
  const { client, cloud } = place;
  const create = (name: string, from = client, location?: string) =>
    from.send(
      new sdk.CreateBucketCommand({
        Bucket: name,
        ...(location ? { CreateBucketConfiguration: { LocationConstraint: location as "eu-west-1" } } : {}),
      }),
    );
  await create(Bucket);
  for (const name of ["Upper", "ab", "a..b", "192.168.0.1", "under_score", "-dash"])
    await assert.rejects(create(name), { name: "InvalidBucketName", message: "The specified bucket is not valid." });
  const other = new sdk.S3Client({
    ...cloud.client,
    forcePathStyle: true,
    credentials: { accessKeyId: "111122223333", secretAccessKey: "x" },
  });
  await assert.rejects(create(Bucket, other), { name: "BucketAlreadyExists" });
  await assert.rejects(other.send(new sdk.ListObjectsV2Command({ Bucket })), { name: "AccessDenied", message: "Access Denied" });
  const ireland = new sdk.S3Client({ ...cloud.client, forcePathStyle: true, region: "eu-west-1" });
  await create("irish", ireland, "eu-west-1");
  await assert.rejects(create("irish", ireland, "eu-west-1"), { name: "BucketAlreadyOwnedByYou" });
  await assert.rejects(create("nowhere", client, "moon-1"), { name: "InvalidLocationConstraint" });
  assert.equal((await client.send(new sdk.GetBucketLocationCommand({ Bucket: "irish" }))).LocationConstraint, "eu-west-1");
  assert.deepEqual(
    (await client.send(new sdk.ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
    ["irish", Bucket],
  );
  const page = await client.send(new sdk.ListBucketsCommand({ MaxBuckets: 1 }));
  assert.deepEqual(
    page.Buckets?.map(({ Name }) => Name),
    ["irish"],
  );
  const rest = await client.send(new sdk.ListBucketsCommand({ MaxBuckets: 1, ContinuationToken: page.ContinuationToken }));
  assert.deepEqual(
    rest.Buckets?.map(({ Name }) => Name),
    [Bucket],
  );
  await client.send(new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  await assert.rejects(client.send(new sdk.DeleteBucketCommand({ Bucket })), { name: "BucketNotEmpty" });
  await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: "k" }));
  await client.send(new sdk.DeleteBucketCommand({ Bucket }));
  await assert.rejects(client.send(new sdk.DeleteBucketCommand({ Bucket })), {
    name: "NoSuchBucket",
    message: "The specified bucket does not exist",
  });
});
