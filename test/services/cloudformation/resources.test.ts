import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, ECRClient, ListTagsForResourceCommand } from "@aws-sdk/client-ecr";
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

describe("resource types", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  before(async () => {
    cloud = await newCloud({ engine: "memory" });
    client = new CloudFormationClient(cloud.client);
  });
  after(() => cloud[Symbol.asyncDispose]());

  /** Waits until the stack is at rest; a failure comes with the events that tell why. */
  const atRest = async (StackName: string) => {
    for (let tries = 0; tries < 400; tries++, await sleep(25)) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
      if (Stacks?.[0]?.StackStatus?.endsWith("IN_PROGRESS") === false) return Stacks[0];
    }
    throw new Error(`${StackName} does not come to rest`);
  };
  const reasons = async (StackName: string) => {
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
    return (StackEvents ?? []).flatMap(({ ResourceStatus, ResourceStatusReason }) =>
      ResourceStatus?.endsWith("FAILED") ? [ResourceStatusReason] : [],
    );
  };
  const expect = async (StackName: string, status: string) => {
    const stack = await atRest(StackName);
    assert.equal(stack.StackStatus, status, (await reasons(StackName)).join("\n"));
    return Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  };
  const create = async (StackName: string, TemplateBody: string) => {
    const { StackId = "" } = await client.send(new CreateStackCommand({ StackName, TemplateBody }));
    return StackId;
  };
  const remove = async (stackId: string) => {
    await client.send(new DeleteStackCommand({ StackName: stackId }));
    await expect(stackId, "DELETE_COMPLETE");
  };

  test("a bucket, a log group and a repository are made with their attributes and tags, changed, and removed", async () => {
    const template = (days: number, mutability: string) => `
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      Tags: [{Key: days, Value: ${days}}]
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
      BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: "s3:GetObject", Resource: !Sub "\${Bucket.Arn}/*"}]}
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/app/\${Bucket}", RetentionInDays: ${days}}}
  Images: {Type: AWS::ECR::Repository, Properties: {ImageTagMutability: ${mutability}, EmptyOnDelete: "true", Tags: [{Key: a, Value: !Ref Bucket}]}}
Outputs:
  Bucket: {Value: !Ref Bucket}
  BucketArn: {Value: !GetAtt Bucket.Arn}
  GroupArn: {Value: !GetAtt Group.Arn}
  Uri: {Value: !GetAtt Images.RepositoryUri}
  Images: {Value: !Ref Images}`;
    const stackId = await create("storage", template(7, "IMMUTABLE"));
    const outputs = await expect("storage", "CREATE_COMPLETE");
    assert.match(outputs["Bucket"] ?? "", /^storage-bucket-[a-z0-9]{12}$/);
    assert.equal(outputs["BucketArn"], `arn:aws:s3:::${outputs["Bucket"]}`);
    assert.equal(outputs["GroupArn"], `arn:aws:logs:us-east-1:000000000000:log-group:/app/${outputs["Bucket"]}:*`);
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    const tagsOf = async () => (await s3.send(new GetBucketTaggingCommand({ Bucket: outputs["Bucket"] }))).TagSet;
    assert.deepEqual(await tagsOf(), [{ Key: "days", Value: "7" }]);
    assert.match((await s3.send(new GetBucketPolicyCommand({ Bucket: outputs["Bucket"] }))).Policy ?? "", /s3:GetObject/);
    const ecr = new ECRClient(cloud.client);
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [outputs["Images"] ?? ""] }));
    assert.equal(repositories?.[0]?.repositoryUri, outputs["Uri"]);
    assert.equal(repositories?.[0]?.imageTagMutability, "IMMUTABLE");
    const { tags } = await ecr.send(new ListTagsForResourceCommand({ resourceArn: repositories?.[0]?.repositoryArn }));
    assert.deepEqual(tags, [{ Key: "a", Value: outputs["Bucket"] }]);

    await client.send(new UpdateStackCommand({ StackName: "storage", TemplateBody: template(14, "MUTABLE") }));
    await expect("storage", "UPDATE_COMPLETE");
    assert.deepEqual(await tagsOf(), [{ Key: "days", Value: "14" }]);
    const logs = new CloudWatchLogsClient(cloud.client);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/app/" }));
    assert.equal(logGroups?.[0]?.retentionInDays, 14);
    await remove(stackId);
    assert.deepEqual((await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/app/" }))).logGroups, []);
  });

  test("a bucket that is there already is not taken over, and a full one is not removed", async () => {
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "mine-already" }));
    const template = (name: string) => `Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: ${name}}}}`;
    await create("taken", template("mine-already"));
    await expect("taken", "ROLLBACK_COMPLETE");
    assert.match((await reasons("taken")).join(), /mine-already already exists.*HandlerErrorCode: AlreadyExists/);
    await s3.send(new HeadBucketCommand({ Bucket: "mine-already" }));

    const stackId = await create("full", template("full-bucket"));
    await expect("full", "CREATE_COMPLETE");
    await s3.send(new PutObjectCommand({ Bucket: "full-bucket", Key: "k", Body: "x" }));
    await client.send(new DeleteStackCommand({ StackName: "full" }));
    await expect("full", "DELETE_FAILED");
    await client.send(new DeleteStackCommand({ StackName: "full", RetainResources: ["B"] }));
    await expect(stackId, "DELETE_COMPLETE");
    await s3.send(new HeadBucketCommand({ Bucket: "full-bucket" }));
  });

  test("the value of a NoEcho parameter is shown nowhere", async () => {
    const secret = "tops3cret";
    const TemplateBody =
      "Parameters: {S: {Type: String, NoEcho: true}}\nResources: {B: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: k, Value: !Sub 'a-${S}'}]}}}";
    const input = { StackName: "hidden", TemplateBody, Parameters: [{ ParameterKey: "S", ParameterValue: secret }] };
    await client.send(new CreateStackCommand(input));
    await expect("hidden", "CREATE_COMPLETE");
    const described = [
      await client.send(new DescribeStacksCommand({ StackName: "hidden" })),
      await client.send(new DescribeStackEventsCommand({ StackName: "hidden" })),
    ];
    assert.ok(!JSON.stringify(described).includes(secret));
    assert.ok(JSON.stringify(described).includes("a-****"));
  });

  test("DeletionPolicy Retain keeps what a stack made", async () => {
    const stackId = await create(
      "kept",
      "Resources: {B: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: kept-bucket}}}",
    );
    await expect("kept", "CREATE_COMPLETE");
    await remove(stackId);
    await new S3Client({ ...cloud.client, forcePathStyle: true }).send(new HeadBucketCommand({ Bucket: "kept-bucket" }));
  });

  test("a nested stack comes from S3, gives its outputs, is updated and goes with its parent", async () => {
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "templates" }));
    const child =
      "Parameters: {Name: {Type: String}}\nResources: {G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Name}}}\nOutputs: {Group: {Value: !Ref G}}";
    await s3.send(new PutObjectCommand({ Bucket: "templates", Key: "child.yaml", Body: child }));
    const parent = (name: string) => `
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ${cloud.endpoint}/templates/child.yaml, Parameters: {Name: ${name}}}}
Outputs: {Group: {Value: !GetAtt Child.Outputs.Group}}`;
    const stackId = await create("parent", parent("/nested/one"));
    assert.deepEqual(await expect("parent", "CREATE_COMPLETE"), { Group: "/nested/one" });
    const { Stacks } = await client.send(new DescribeStacksCommand({}));
    assert.equal(Stacks?.find(({ StackName }) => StackName?.startsWith("parent-Child-"))?.ParentId, stackId);
    await client.send(new UpdateStackCommand({ StackName: "parent", TemplateBody: parent("/nested/two") }));
    assert.deepEqual(await expect("parent", "UPDATE_COMPLETE"), { Group: "/nested/two" });
    await remove(stackId);
    const { logGroups } = await new CloudWatchLogsClient(cloud.client).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/nested" }),
    );
    assert.deepEqual(logGroups, []);
  });
});
