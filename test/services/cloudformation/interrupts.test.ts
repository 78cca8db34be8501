import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

describe("deployments that are interrupted, or end half way", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  let logs: CloudWatchLogsClient;
  before(async () => {
    cloud = await newCloud({ engine: "memory" });
    client = new CloudFormationClient(cloud.client);
    logs = new CloudWatchLogsClient(cloud.client);
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "templates" }));
    const child = "Parameters: {Name: {Type: String}}\nResources: {G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Name}}}";
    await s3.send(new PutObjectCommand({ Bucket: "templates", Key: "child", Body: child }));
  });
  after(() => cloud[Symbol.asyncDispose]());

  const atRest = async (StackName: string): Promise<string | undefined> => {
    for (let tries = 0; tries < 400; tries++, await sleep(25)) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
      if (Stacks?.[0]?.StackStatus?.endsWith("IN_PROGRESS") === false) return Stacks[0].StackStatus;
    }
    throw new Error(`${StackName} does not come to rest`);
  };
  const groups = async (prefix: string) =>
    ((await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix }))).logGroups ?? []).map(
      ({ logGroupName }) => logGroupName,
    );
  /** A nested stack takes long enough to be interrupted. */
  const slow = (name: string, more = "") => `
  ${name}: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ${cloud.endpoint}/templates/child, Parameters: {Name: !Sub "/\${AWS::StackName}/${name}"}}${more}}`;
  const group = (name: string, more = "") => `
  ${name}: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ${more}}}`;

  test("a stack that is being created can be deleted", async () => {
    const { StackId = "" } = await client.send(
      new CreateStackCommand({ StackName: "stopped", TemplateBody: `Resources:${slow("A")}${slow("B", ", DependsOn: A")}` }),
    );
    await client.send(new DeleteStackCommand({ StackName: "stopped" }));
    assert.equal(await atRest(StackId), "DELETE_COMPLETE");
    assert.deepEqual(await groups("/stopped"), []);
  });

  test("an update that is cancelled goes back", async () => {
    const StackName = "cancelled";
    await client.send(new CreateStackCommand({ StackName, TemplateBody: `Resources:${slow("A")}` }));
    assert.equal(await atRest(StackName), "CREATE_COMPLETE");
    await assert.rejects(client.send(new CancelUpdateStackCommand({ StackName })), {
      message: "CancelUpdateStack cannot be called from current stack status",
    });
    await client.send(
      new UpdateStackCommand({ StackName, TemplateBody: `Resources:${slow("A")}${slow("B")}${slow("C", ", DependsOn: B")}` }),
    );
    await assert.rejects(
      client.send(new UpdateStackCommand({ StackName, TemplateBody: `Resources:${slow("A")}` })),
      /is in UPDATE_IN_PROGRESS state and can not be updated/,
    );
    await client.send(new CancelUpdateStackCommand({ StackName }));
    assert.equal(await atRest(StackName), "UPDATE_ROLLBACK_COMPLETE");
    assert.deepEqual(await groups("/cancelled"), ["/cancelled/A"]);
  });

  test("a creation without rollback stays, and the next update finishes it", async () => {
    const StackName = "half";
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/half/b" }));
    const TemplateBody = `Resources:${group("A", "/half/a")}${group("B", "/half/b")}`;
    await client.send(new CreateStackCommand({ StackName, TemplateBody, DisableRollback: true }));
    assert.equal(await atRest(StackName), "CREATE_FAILED");
    const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName }));
    assert.deepEqual(
      StackResources?.map(({ LogicalResourceId, ResourceStatus }) => [LogicalResourceId, ResourceStatus]),
      [
        ["A", "CREATE_COMPLETE"],
        ["B", "CREATE_FAILED"],
      ],
    );
    await logs.send(new DeleteLogGroupCommand({ logGroupName: "/half/b" }));
    await client.send(new UpdateStackCommand({ StackName, TemplateBody }));
    assert.equal(await atRest(StackName), "UPDATE_COMPLETE");
    assert.deepEqual(await groups("/half"), ["/half/a", "/half/b"]);
  });

  test("a creation that fails can take its stack along", async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/along/b" }));
    const TemplateBody = `Resources:${group("A", "/along/a")}${group("B", "/along/b").replace("Properties", "DependsOn: A, Properties")}`;
    const { StackId = "" } = await client.send(new CreateStackCommand({ StackName: "along", TemplateBody, OnFailure: "DELETE" }));
    assert.equal(await atRest(StackId), "DELETE_COMPLETE");
    assert.deepEqual(await groups("/along"), ["/along/b"]);
    await assert.rejects(
      client.send(new CreateStackCommand({ StackName: "x", TemplateURL: `${cloud.endpoint}/templates/%zz` })),
      /S3 error/,
    );
  });

  test("a replacement that fails leaves the old one in place, and what the update had made goes", async () => {
    const StackName = "replaced";
    await client.send(
      new CreateStackCommand({ StackName, TemplateBody: `Resources:${group("A", "/replaced/a")}${group("B", "/replaced/b")}` }),
    );
    assert.equal(await atRest(StackName), "CREATE_COMPLETE");
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/replaced/taken" }));
    const next = `Resources:${group("A", "/replaced/a2")}${group("New", "/replaced/new")}${group("B", "/replaced/taken").replace("Properties", "DependsOn: [A, New], Properties")}`;
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: next }));
    assert.equal(await atRest(StackName), "UPDATE_ROLLBACK_COMPLETE");
    assert.deepEqual(await groups("/replaced"), ["/replaced/a", "/replaced/b", "/replaced/taken"]);
    await client.send(new DeleteStackCommand({ StackName }));
    await sleep(300);
    assert.deepEqual(await groups("/replaced"), ["/replaced/taken"]);
  });

  test("a resource that a template no longer has is removed, after the one that needed it", async () => {
    const StackName = "removed";
    const both = `Resources:${group("A", "/removed/a")}${group("B", '!Sub "${A}/b"')}${group("C", "/removed/c")}`;
    await client.send(new CreateStackCommand({ StackName, TemplateBody: both }));
    assert.equal(await atRest(StackName), "CREATE_COMPLETE");
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: `Resources:${group("C", "/removed/c")}` }));
    assert.equal(await atRest(StackName), "UPDATE_COMPLETE");
    assert.deepEqual(await groups("/removed"), ["/removed/c"]);
    const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName }));
    assert.deepEqual(
      StackResources?.map(({ LogicalResourceId }) => LogicalResourceId),
      ["C"],
    );
  });

  test("a rollback that fails can be continued once its cause is gone", async () => {
    const StackName = "continued";
    const template = (days: number) => `Resources:${group("A", `/continued, RetentionInDays: ${days}`)}`;
    await client.send(new CreateStackCommand({ StackName, TemplateBody: template(7) }));
    assert.equal(await atRest(StackName), "CREATE_COMPLETE");
    await logs.send(new DeleteLogGroupCommand({ logGroupName: "/continued" }));
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template(14) }));
    assert.equal(await atRest(StackName), "UPDATE_ROLLBACK_FAILED");
    await assert.rejects(
      client.send(new UpdateStackCommand({ StackName, TemplateBody: template(14) })),
      /is in UPDATE_ROLLBACK_FAILED state/,
    );
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/continued" }));
    await client.send(new ContinueUpdateRollbackCommand({ StackName }));
    assert.equal(await atRest(StackName), "UPDATE_ROLLBACK_COMPLETE");
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/continued" }));
    assert.equal(logGroups?.[0]?.retentionInDays, 7);
  });

  test("termination protection keeps a stack", async () => {
    const StackName = "protected";
    await client.send(
      new CreateStackCommand({ StackName, TemplateBody: `Resources:${group("A", "/protected")}`, EnableTerminationProtection: true }),
    );
    await atRest(StackName);
    await assert.rejects(client.send(new DeleteStackCommand({ StackName })), {
      message: "Stack [protected] cannot be deleted while TerminationProtection is enabled",
    });
    await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
    await client.send(new DeleteStackCommand({ StackName }));
  });
});
