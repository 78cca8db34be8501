import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand, ListActivitiesCommand, ListTagsForResourceCommand, SFNClient } from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import { roleArn, start, untilEnded } from "./machines-in.ts";

const templateOf = (greeting: string, tag: string) =>
  JSON.stringify({
    Resources: {
      Worker: { Type: "AWS::StepFunctions::Activity", Properties: { Name: "worker" } },
      Greeter: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: {
          StateMachineName: "greeter",
          RoleArn: roleArn,
          Definition: { StartAt: "Greet", States: { Greet: { Type: "Pass", Result: "${Greeting}", End: true } } },
          DefinitionSubstitutions: { Greeting: greeting },
          Tags: [{ Key: "team", Value: tag }],
        },
      },
      Stored: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: { RoleArn: roleArn, StateMachineType: "EXPRESS", DefinitionS3Location: { Bucket: "definitions", Key: "stored.json" } },
      },
      Written: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: {
          RoleArn: roleArn,
          DefinitionString: {
            "Fn::Sub": `{"StartAt":"Work","States":{"Work":{"Type":"Task","Resource":"\${Worker}","End":true}}}`,
          },
        },
      },
    },
    Outputs: {
      Greeter: { Value: { Ref: "Greeter" } },
      Name: { Value: { "Fn::GetAtt": ["Greeter", "Name"] } },
      Written: { Value: { "Fn::GetAtt": ["Written", "Arn"] } },
    },
  });

test("a template makes, changes and removes state machines and activities", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new CloudFormationClient(cloud.client);
  const sfn = new SFNClient(cloud.client);
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  const expect = async (StackName: string, status: string): Promise<Record<string, string>> => {
    for (;;) {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      if (stack?.StackStatus?.endsWith("IN_PROGRESS") === false) {
        const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
        const reasons = StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason).join("\n");
        assert.equal(stack.StackStatus, status, reasons);
        return Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
      }
      await pause(25);
    }
  };
  await s3.send(new CreateBucketCommand({ Bucket: "definitions" }));
  const Body = JSON.stringify({ StartAt: "A", States: { A: { Type: "Succeed" } } });
  await s3.send(new PutObjectCommand({ Bucket: "definitions", Key: "stored.json", Body }));
  const { StackId: StackName = "" } = await client.send(
    new CreateStackCommand({ StackName: "workflows", TemplateBody: templateOf("hello", "a") }),
  );
  const { Greeter = "", Name, Written = "" } = await expect(StackName, "CREATE_COMPLETE");
  assert.equal(Greeter, "arn:aws:states:us-east-1:000000000000:stateMachine:greeter");
  assert.equal(Name, "greeter");
  assert.equal((await untilEnded(sfn, await start(sfn, Greeter))).output, `"hello"`);
  const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: Written }));
  assert.match(definition ?? "", /activity:worker/);

  await client.send(new UpdateStackCommand({ StackName, TemplateBody: templateOf("goodbye", "b") }));
  await expect(StackName, "UPDATE_COMPLETE");
  assert.equal((await untilEnded(sfn, await start(sfn, Greeter))).output, `"goodbye"`);
  const { tags } = await sfn.send(new ListTagsForResourceCommand({ resourceArn: Greeter }));
  assert.deepEqual(
    tags?.filter(({ key }) => key === "team"),
    [{ key: "team", value: "b" }],
  );

  await client.send(new DeleteStackCommand({ StackName }));
  await expect(StackName, "DELETE_COMPLETE");
  assert.deepEqual((await sfn.send(new ListActivitiesCommand({}))).activities, []);
  await assert.rejects(start(sfn, Greeter), { name: "StateMachineDoesNotExist" });
  for (const each of [client, sfn, s3]) each.destroy();
});
