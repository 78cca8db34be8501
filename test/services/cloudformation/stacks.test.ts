import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const Capabilities = ["CAPABILITY_NAMED_IAM" as const];

const template = (role: string, more = "") => `
Parameters:
  Reason: {Type: String, Default: tests}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: ${trust}
      Description: !Sub "for \${Reason}"
      ${role}
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: inline
      PolicyDocument: ${policy}
      Roles: [!Ref Role]
${more}
Outputs:
  Arn: {Value: !GetAtt Role.Arn, Export: {Name: !Sub "\${AWS::StackName}-role"}}
`;

describe("stacks", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  let iam: IAMClient;
  before(async () => {
    cloud = await newCloud();
    client = new CloudFormationClient(cloud.client);
    iam = new IAMClient(cloud.client);
  });
  after(() => cloud[Symbol.asyncDispose]());

  const wait = { maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 };
  const waiting = () => ({ client, ...wait });
  const stackOf = async (StackName: string) => (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  const reaches = async (StackName: string, status: string) => {
    for (let tries = 0; ; tries++) {
      const stack = await stackOf(StackName);
      if (stack?.StackStatus === status) return stack;
      assert.ok(tries < 200, `${stack?.StackStatus} is not ${status}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  const eventsOf = async (StackName: string) => {
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
    return (StackEvents ?? [])
      .toReversed()
      .map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) => [
        LogicalResourceId,
        ResourceStatus,
        ResourceStatusReason ?? "",
      ]);
  };

  test("a stack is created, updated in place, with replacement, and deleted", async () => {
    const StackName = "whole";
    const { StackId } = await client.send(
      new CreateStackCommand({ StackName, TemplateBody: template(""), Capabilities, Tags: [{ Key: "team", Value: "a" }] }),
    );
    assert.match(StackId ?? "", /^arn:aws:cloudformation:us-east-1:000000000000:stack\/whole\/[0-9a-f-]{36}$/);
    await waitUntilStackCreateComplete(waiting(), { StackName });
    const created = await stackOf(StackName);
    const arn = created?.Outputs?.[0]?.OutputValue ?? "";
    assert.match(arn, /^arn:aws:iam::000000000000:role\/whole-Role-[A-Z0-9]{12}$/);
    const name = arn.split("/")[1] ?? "";
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    assert.equal(Role?.Description, "for tests");
    assert.deepEqual(Role.Tags, [{ Key: "team", Value: "a" }]);
    await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: "inline" }));

    await client.send(
      new UpdateStackCommand({
        StackName,
        UsePreviousTemplate: true,
        Capabilities,
        Parameters: [{ ParameterKey: "Reason", ParameterValue: "more tests" }],
      }),
    );
    await waitUntilStackUpdateComplete(waiting(), { StackName });
    assert.equal((await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.Description, "for more tests");

    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template("RoleName: chosen"), Capabilities }));
    await waitUntilStackUpdateComplete(waiting(), { StackName });
    assert.equal((await stackOf(StackName))?.Outputs?.[0]?.OutputValue, "arn:aws:iam::000000000000:role/chosen");
    await iam.send(new GetRolePolicyCommand({ RoleName: "chosen", PolicyName: "inline" }));
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: name })), { name: "NoSuchEntityException" });

    await assert.rejects(client.send(new UpdateStackCommand({ StackName, TemplateBody: template("RoleName: chosen"), Capabilities })), {
      message: "No updates are to be performed.",
    });
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: StackId ?? "" });
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "chosen" })), { name: "NoSuchEntityException" });
    await assert.rejects(stackOf(StackName), { name: "ValidationError", message: "Stack with id whole does not exist" });
    const { StackResourceSummaries } = await client.send(new ListStackResourcesCommand({ StackName: StackId ?? "" }));
    assert.deepEqual(new Set(StackResourceSummaries?.map(({ ResourceStatus }) => ResourceStatus)), new Set(["DELETE_COMPLETE"]));
  });

  test("a failure rolls the creation back, and the events tell why", async () => {
    const StackName = "fails";
    const broken = "  Bad: {Type: AWS::IAM::Role, DependsOn: Policy, Properties: {AssumeRolePolicyDocument: {}, Nonsense: 1}}";
    await client.send(new CreateStackCommand({ StackName, TemplateBody: template("RoleName: rolled", broken), Capabilities }));
    const stack = await reaches(StackName, "ROLLBACK_COMPLETE");
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "rolled" })), { name: "NoSuchEntityException" });
    const events = await eventsOf(StackName);
    assert.deepEqual(events[0], ["fails", "CREATE_IN_PROGRESS", "User Initiated"]);
    const failure = events.find(([, status]) => status === "CREATE_FAILED");
    assert.deepEqual(failure, [
      "Bad",
      "CREATE_FAILED",
      "Properties validation failed for resource Bad with message:\n[#: extraneous key [Nonsense] is not permitted]",
    ]);
    assert.deepEqual(
      events.find(([, status]) => status === "ROLLBACK_IN_PROGRESS"),
      ["fails", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Bad]. Rollback requested by user."],
    );
    await assert.rejects(
      client.send(new UpdateStackCommand({ StackName, TemplateBody: template(""), Capabilities })),
      /is in ROLLBACK_COMPLETE state and can not be updated/,
    );
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: stack.StackId ?? "" });
  });

  test("a failed update goes back to what was there", async () => {
    const StackName = "back";
    await client.send(new CreateStackCommand({ StackName, TemplateBody: template("RoleName: before"), Capabilities }));
    await waitUntilStackCreateComplete(waiting(), { StackName });
    const broken = "  Bad: {Type: AWS::IAM::Role, DependsOn: Policy, Properties: {AssumeRolePolicyDocument: {}, Nonsense: 1}}";
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template("RoleName: after", broken), Capabilities }));
    const stack = await reaches(StackName, "UPDATE_ROLLBACK_COMPLETE");
    assert.equal(stack.Outputs?.[0]?.OutputValue, "arn:aws:iam::000000000000:role/before");
    await iam.send(new GetRolePolicyCommand({ RoleName: "before", PolicyName: "inline" }));
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "after" })), { name: "NoSuchEntityException" });
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: stack.StackId ?? "" });
  });
});
