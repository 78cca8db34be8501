import assert from "node:assert/strict";
import { test } from "node:test";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { newCloud } from "../../cloud.ts";

test("GetCallerIdentity names the root of the default account for any key, and of account 123456789012 for that key", async () => {
  await using cloud = await newCloud();
  const plain = await new STSClient(cloud.client).send(new GetCallerIdentityCommand({}));
  assert.equal(plain.Arn, "arn:aws:iam::000000000000:root");
  const other = new STSClient({ ...cloud.client, credentials: { accessKeyId: "123456789012", secretAccessKey: "x" } });
  assert.equal((await other.send(new GetCallerIdentityCommand({}))).Account, "123456789012");
});

test("AssumeRole issues credentials that stand for the role's session", async () => {
  await using cloud = await newCloud();
  const { Credentials, AssumedRoleUser } = await new STSClient(cloud.client).send(
    new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/deploy", RoleSessionName: "ci" }),
  );
  assert.equal(AssumedRoleUser?.Arn, "arn:aws:sts::111122223333:assumed-role/deploy/ci");
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  const identity = await new STSClient({ ...cloud.client, credentials: session }).send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, AssumedRoleUser?.Arn);
  assert.equal(identity.UserId, AssumedRoleUser?.AssumedRoleId);
});

test("AssumeRole refuses a missing session name in AWS's words", async () => {
  await using cloud = await newCloud();
  const wrong = { RoleArn: "arn:aws:iam::111122223333:role/deploy" } as { RoleArn: string; RoleSessionName: string };
  await assert.rejects(new STSClient(cloud.client).send(new AssumeRoleCommand(wrong)), {
    name: "ValidationError",
    message: "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
  });
});

test("AssumeRole refuses sessions that AWS would not make", async () => {
  await using cloud = await newCloud();
  const sts = new STSClient(cloud.client);
  const assume = (change: object) =>
    sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/deploy", RoleSessionName: "ci", ...change }));
  const refused = (value: string, member: string, constraint: string) => ({
    name: "ValidationError",
    message: `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  });
  await assert.rejects(
    assume({ RoleSessionName: "a b" }),
    refused("a b", "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*"),
  );
  await assert.rejects(
    assume({ RoleSessionName: "a" }),
    refused("a", "roleSessionName", "Member must have length greater than or equal to 2"),
  );
  await assert.rejects(
    assume({ DurationSeconds: 899 }),
    refused("899", "durationSeconds", "Member must have value greater than or equal to 900"),
  );
  await assert.rejects(
    assume({ DurationSeconds: 43_201 }),
    refused("43201", "durationSeconds", "Member must have value less than or equal to 43200"),
  );
  await assert.rejects(assume({ RoleArn: "deploy" }), refused("deploy", "roleArn", "Member must have length greater than or equal to 20"));
});
