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
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { spawnCloud, temporaryFolder } from "../../cloud.ts";
import type { SpawnedCloud } from "../../cloud.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const count = 40;
const StackName = "killed";
const Capabilities = ["CAPABILITY_IAM" as const];

/** Chains of four kinds of resource, so that there is an order to keep; `path` replaces the roles and the log groups. */
const template = (path: string) =>
  `Resources:\n${Array.from({ length: count / 4 }, (_, index) =>
    [
      `  Role${index}: {Type: AWS::IAM::Role, Properties: {Path: ${path}, AssumeRolePolicyDocument: ${trust}}}`,
      `  Group${index}: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "${path}\${Role${index}}", RetentionInDays: 7}}`,
      `  Bucket${index}: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: group, Value: !Ref Group${index}}]}}`,
      `  Images${index}: {Type: AWS::ECR::Repository, Properties: {Tags: [{Key: bucket, Value: !Ref Bucket${index}}]}}`,
    ].join("\n"),
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

/** What is there of each kind. */
const whatIsThere = async ({ client }: SpawnedCloud) => {
  const { Roles = [] } = await new IAMClient(client).send(new ListRolesCommand({ MaxItems: 1000 }));
  const { logGroups = [] } = await new CloudWatchLogsClient(client).send(new DescribeLogGroupsCommand({}));
  const { Buckets = [] } = await new S3Client(client).send(new ListBucketsCommand({}));
  const { repositories = [] } = await new ECRClient(client).send(new DescribeRepositoriesCommand({}));
  return { counts: [Roles.length, logGroups.length, Buckets.length, repositories.length], paths: new Set(Roles.map(({ Path }) => Path)) };
};
const each = count / 4;

test("a deployment killed time and again goes on where it stood, and makes nothing twice", async () => {
  const dataPath = await temporaryFolder();
  try {
    {
      await using cloud = await surviveKills(
        dataPath,
        (client) => client.send(new CreateStackCommand({ StackName, TemplateBody: template("/a/"), Capabilities })),
        /^CREATE_COMPLETE$/,
      );
      assert.deepEqual((await whatIsThere(cloud)).counts, [each, each, each, each]);
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
      assert.deepEqual(await whatIsThere(cloud), { counts: [each, each, each, each], paths: new Set(["/b/"]) });
    }
    {
      await using cloud = await surviveKills(dataPath, (client) => client.send(new DeleteStackCommand({ StackName })), /^DELETE_COMPLETE$/);
      assert.deepEqual((await whatIsThere(cloud)).counts, [0, 0, 0, 0]);
    }
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
