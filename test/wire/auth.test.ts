import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { newCloud } from "../cloud.ts";

test("a cloud with --auth takes its root's keys and the sessions it issues, and nobody else", async () => {
  await using cloud = await newCloud({ auth: true });
  await assert.rejects(new STSClient(cloud.client).send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });
  const path = join(cloud.dataPath, "credentials");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const [, accessKeyId = "", secretAccessKey = ""] =
    /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(await readFile(path, "utf8")) ?? [];
  const root = new STSClient({ ...cloud.client, credentials: { accessKeyId, secretAccessKey } });
  assert.equal((await root.send(new GetCallerIdentityCommand({}))).Arn, "arn:aws:iam::000000000000:root");
  const { Credentials } = await root.send(
    new AssumeRoleCommand({ RoleArn: "arn:aws:iam::000000000000:role/r", RoleSessionName: "session" }),
  );
  const issued = { accessKeyId: Credentials?.AccessKeyId ?? "", secretAccessKey: Credentials?.SecretAccessKey ?? "" };
  const session = { ...issued, sessionToken: Credentials?.SessionToken ?? "" };
  const role = await new STSClient({ ...cloud.client, credentials: session }).send(new GetCallerIdentityCommand({}));
  assert.equal(role.Arn, "arn:aws:sts::000000000000:assumed-role/r/session");
  await assert.rejects(new STSClient({ ...cloud.client, credentials: issued }).send(new GetCallerIdentityCommand({})), {
    name: "InvalidClientTokenId",
  });
});
