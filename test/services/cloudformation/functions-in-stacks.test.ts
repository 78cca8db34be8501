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
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipOf } from "#services/lambda/inline-code.ts";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const template = (answer: string, more = "") => `
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: ${trust}}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment: {Variables: {STACK: !Ref AWS::StackName}}
      ${more}
      Code:
        ZipFile: |
          exports.handler = async (event) => { console.log(JSON.stringify(event)); return { answer: "${answer}", stack: process.env.STACK, memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE }; };
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref Function, Principal: s3.amazonaws.com, SourceArn: !Sub "arn:aws:s3:::\${AWS::StackName}-uploads"}
  Uploads:
    Type: AWS::S3::Bucket
    DependsOn: Permission
    Properties:
      BucketName: !Sub "\${AWS::StackName}-uploads"
      NotificationConfiguration:
        LambdaConfigurations:
          - Event: s3:ObjectCreated:*
            Function: !GetAtt Function.Arn
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .jpg}]}}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Function}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Function, FunctionVersion: !GetAtt Version.Version, Name: live}}
Outputs:
  Name: {Value: !Ref Function}
  Bucket: {Value: !Ref Uploads}
  Alias: {Value: !Ref Alias}
`;

describe("functions in templates", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  before(async () => {
    cloud = await newCloud();
    client = new CloudFormationClient(cloud.client);
  });
  after(() => cloud[Symbol.asyncDispose]());

  const expect = async (StackName: string, status: string) => {
    for (let tries = 0; tries < 1200; tries++, await sleep(50)) {
      const stack = (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
      if (stack?.StackStatus?.endsWith("IN_PROGRESS") !== false) continue;
      const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
      assert.equal(
        stack.StackStatus,
        status,
        JSON.stringify(StackEvents?.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("FAILED"))),
      );
      return Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    }
    throw new Error(`${StackName} does not come to rest`);
  };

  const eventuallyLogs = async (logGroupName: string, text: string) => {
    const logs = new CloudWatchLogsClient(cloud.client);
    for (let tries = 0; tries < 100; tries++, await sleep(100)) {
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName })).catch(() => ({ events: [] }));
      if (events?.some(({ message }) => message?.includes(text))) return;
    }
    throw new Error(`${text} was not logged`);
  };

  test("a function with inline code, its permission, its bucket's notifications, a version and an alias work together", async () => {
    const StackName = "functions";
    const lambda = new LambdaClient(cloud.client);
    const { StackId = "" } = await client.send(
      new CreateStackCommand({ StackName, TemplateBody: template("one"), Capabilities: ["CAPABILITY_IAM"] }),
    );
    const outputs = await expect(StackName, "CREATE_COMPLETE");
    const invoke = async (FunctionName: string | undefined) =>
      JSON.parse(Buffer.from((await lambda.send(new InvokeCommand({ FunctionName }))).Payload ?? []).toString()) as unknown;
    assert.deepEqual(await invoke(outputs["Name"]), { answer: "one", stack: "functions", memory: "128" });
    assert.match((await lambda.send(new GetPolicyCommand({ FunctionName: outputs["Name"] }))).Policy ?? "", /functions-uploads/);
    await new S3Client({ ...cloud.client, forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: outputs["Bucket"], Key: "a.jpg", Body: "x" }),
    );

    await eventuallyLogs(`/aws/lambda/${outputs["Name"]}`, '"key":"a.jpg"');

    await client.send(
      new UpdateStackCommand({ StackName, TemplateBody: template("two", "MemorySize: 256"), Capabilities: ["CAPABILITY_IAM"] }),
    );
    await expect(StackName, "UPDATE_COMPLETE");
    assert.deepEqual(await invoke(outputs["Name"]), { answer: "two", stack: "functions", memory: "256" });
    assert.deepEqual(await invoke(outputs["Alias"]), { answer: "one", stack: "functions", memory: "128" });
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template("two"), Capabilities: ["CAPABILITY_IAM"] }));
    await expect(StackName, "UPDATE_COMPLETE");
    assert.equal((await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: outputs["Name"] }))).MemorySize, 128);
    const { NextToken } = await client.send(new DescribeStackEventsCommand({ StackName }));
    assert.equal(NextToken, undefined);
    await client.send(new DeleteStackCommand({ StackName }));
    await expect(StackId, "DELETE_FAILED");
    await client.send(new DeleteStackCommand({ StackName, RetainResources: ["Uploads"] }));
    await expect(StackId, "DELETE_COMPLETE");
    await assert.rejects(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: outputs["Name"] })), {
      name: "ResourceNotFoundException",
    });
  });

  test("code comes from S3, and a function that can't be made takes its stack back", async () => {
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "code" }));
    await s3.send(
      new PutObjectCommand({
        Bucket: "code",
        Key: "app.zip",
        Body: zipOf("main.py", "def handler(event, context):\n    return event['n'] + 1\n"),
      }),
    );
    const from = (key: string) => `
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: ${trust}}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: from-s3, Runtime: python3.11, Handler: main.handler, Role: !GetAtt Role.Arn, Code: {S3Bucket: code, S3Key: ${key}}}`;
    const Capabilities = ["CAPABILITY_IAM" as const];
    await client.send(new CreateStackCommand({ StackName: "missing", TemplateBody: from("nothing.zip"), Capabilities }));
    await expect("missing", "ROLLBACK_COMPLETE");
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: "missing" }));
    const failure = StackEvents?.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
    assert.match(failure?.ResourceStatusReason ?? "", /The specified key does not exist.*HandlerErrorCode/);
    const { StackId = "" } = await client.send(
      new CreateStackCommand({ StackName: "from-s3", TemplateBody: from("app.zip"), Capabilities }),
    );
    await expect("from-s3", "CREATE_COMPLETE");
    const { Payload } = await new LambdaClient(cloud.client).send(new InvokeCommand({ FunctionName: "from-s3", Payload: '{"n":41}' }));
    assert.equal(Buffer.from(Payload ?? []).toString(), "42");
    await client.send(new DeleteStackCommand({ StackName: "from-s3" }));
    await expect(StackId, "DELETE_COMPLETE");
  });
});
