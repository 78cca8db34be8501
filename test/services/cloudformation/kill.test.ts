import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { spawnCloud, temporaryFolder } from "../../cloud.ts";
import type { SpawnedCloud } from "../../cloud.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const count = 40;
const StackName = "killed";
const Capabilities = ["CAPABILITY_IAM" as const];

/** Roles in chains of four, so that there is an order to keep; `path` replaces every one of them. */
const template = (path: string) =>
  `Resources:\n${Array.from(
    { length: count },
    (_, index) =>
      `  R${index}: {Type: AWS::IAM::Role, Properties: {Path: ${path}, AssumeRolePolicyDocument: ${trust}${index % 4 === 0 ? "" : `, Description: !Ref R${index - 1}`}}}`,
  ).join("\n")}`;

/** Kills the cloud time and again while the stack moves, until it is at rest. */
const surviveKills = async (
  dataPath: string,
  begin: (client: CloudFormationClient) => Promise<unknown>,
  rest: RegExp,
): Promise<SpawnedCloud> => {
  let cloud = await spawnCloud(dataPath);
  await begin(new CloudFormationClient(cloud.client));
  for (const afterMs of [15, 60, 110]) {
    await sleep(afterMs);
    await cloud.kill();
    cloud = await spawnCloud(dataPath);
  }
  const client = new CloudFormationClient(cloud.client);
  for (let tries = 0; tries < 400; tries++) {
    const status = await client.send(new DescribeStacksCommand({ StackName })).then(
      ({ Stacks }) => Stacks?.[0]?.StackStatus ?? "",
      () => "DELETE_COMPLETE",
    );
    if (rest.test(status)) return cloud;
    assert.match(status, /IN_PROGRESS/);
    await sleep(50);
  }
  throw new Error("the stack does not come to rest");
};

const rolesOf = async (cloud: SpawnedCloud) =>
  (await new IAMClient(cloud.client).send(new ListRolesCommand({ MaxItems: 1000 }))).Roles ?? [];

test("a deployment killed time and again goes on where it stood, and makes nothing twice", async () => {
  const dataPath = await temporaryFolder();
  try {
    {
      await using cloud = await surviveKills(
        dataPath,
        (client) => client.send(new CreateStackCommand({ StackName, TemplateBody: template("/a/"), Capabilities })),
        /^CREATE_COMPLETE$/,
      );
      assert.equal((await rolesOf(cloud)).length, count);
      const completed: string[] = [];
      for await (const { StackEvents } of paginateDescribeStackEvents({ client: new CloudFormationClient(cloud.client) }, { StackName }))
        for (const { ResourceStatus, LogicalResourceId = "" } of StackEvents ?? [])
          if (ResourceStatus === "CREATE_COMPLETE") completed.push(LogicalResourceId);
      assert.deepEqual(completed.toSorted(), [...new Set(completed)].toSorted());
      assert.equal(completed.length, count + 1);
    }
    {
      await using cloud = await surviveKills(
        dataPath,
        (client) => client.send(new UpdateStackCommand({ StackName, TemplateBody: template("/b/"), Capabilities })),
        /^UPDATE_COMPLETE$/,
      );
      const roles = await rolesOf(cloud);
      assert.equal(roles.length, count);
      assert.ok(roles.every(({ Path }) => Path === "/b/"));
    }
    {
      await using cloud = await surviveKills(dataPath, (client) => client.send(new DeleteStackCommand({ StackName })), /^DELETE_COMPLETE$/);
      assert.deepEqual(await rolesOf(cloud), []);
    }
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
