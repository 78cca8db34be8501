import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListChangeSetsCommand,
  ListExportsCommand,
  ListImportsCommand,
  ListStacksCommand,
  UpdateStackCommand,
  ValidateTemplateCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { programs, run } from "../../programs.ts";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const handle = "Resources:\n  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}\n";
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const role = (description: string) =>
  `Resources:\n  Role: {Type: AWS::IAM::Role, Properties: {RoleName: deployed, Description: ${description}, AssumeRolePolicyDocument: ${trust}}}\n`;

describe("change sets, exports and the aws command", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  before(async () => {
    cloud = await newCloud();
    client = new CloudFormationClient(cloud.client);
  });
  after(() => cloud[Symbol.asyncDispose]());
  const waiting = () => ({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 });

  test("a change set creates a stack, another tells what an update would change and does it", async () => {
    const StackName = "reviewed";
    const created = await client.send(
      new CreateChangeSetCommand({ StackName, ChangeSetName: "first", ChangeSetType: "CREATE", TemplateBody: handle }),
    );
    assert.match(created.Id ?? "", /^arn:aws:cloudformation:us-east-1:000000000000:changeSet\/first\/[0-9a-f-]{36}$/);
    assert.equal((await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]?.StackStatus, "REVIEW_IN_PROGRESS");
    const first = await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName: "first" }));
    assert.deepEqual([first.Status, first.ExecutionStatus], ["CREATE_COMPLETE", "AVAILABLE"]);
    assert.deepEqual(
      first.Changes?.map(({ ResourceChange }) => [ResourceChange?.Action, ResourceChange?.LogicalResourceId]),
      [["Add", "Handle"]],
    );
    await client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName: "first" }));
    await waitUntilStackCreateComplete(waiting(), { StackName });

    const next = `${handle}  Other: {Type: AWS::CloudFormation::WaitConditionHandle, DependsOn: Handle}\n`;
    const empty = await client.send(new CreateChangeSetCommand({ StackName, ChangeSetName: "empty", TemplateBody: handle }));
    const described = await client.send(new DescribeChangeSetCommand({ ChangeSetName: empty.Id ?? "" }));
    assert.equal(described.Status, "FAILED");
    assert.equal(
      described.StatusReason,
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    );
    await assert.rejects(client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName: "empty" })), {
      name: "InvalidChangeSetStatusException",
    });
    await client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName: "empty" }));
    await client.send(new CreateChangeSetCommand({ StackName, ChangeSetName: "second", TemplateBody: next }));
    const { Summaries } = await client.send(new ListChangeSetsCommand({ StackName }));
    assert.deepEqual(
      Summaries?.map(({ ChangeSetName }) => ChangeSetName),
      ["first", "second"],
    );
    await client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName: "second" }));
    await waitUntilStackUpdateComplete(waiting(), { StackName });
    assert.equal((await client.send(new GetTemplateCommand({ StackName }))).TemplateBody, next);
    await assert.rejects(client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName: "gone" })), {
      name: "ChangeSetNotFoundException",
    });
  });

  test("a stack that is only reviewed can be deleted", async () => {
    const StackName = "only-reviewed";
    const { StackId = "" } = await client.send(
      new CreateChangeSetCommand({ StackName, ChangeSetName: "first", ChangeSetType: "CREATE", TemplateBody: handle }),
    );
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: StackId });
  });

  test("an export can be imported, and stays while it is", async () => {
    const exporter = (value: string) => `${handle}Outputs: {Shared: {Value: ${value}, Export: {Name: shared-value}}}`;
    const importer = `${handle}Outputs: {Got: {Value: !ImportValue shared-value}}`;
    await client.send(new CreateStackCommand({ StackName: "exporter", TemplateBody: exporter("one") }));
    await waitUntilStackCreateComplete(waiting(), { StackName: "exporter" });
    const { StackId } = await client.send(new CreateStackCommand({ StackName: "importer", TemplateBody: importer }));
    await waitUntilStackCreateComplete(waiting(), { StackName: "importer" });
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: "importer" }));
    assert.equal(Stacks?.[0]?.Outputs?.[0]?.OutputValue, "one");
    const { Exports } = await client.send(new ListExportsCommand({}));
    assert.deepEqual(
      Exports?.map(({ Name, Value }) => [Name, Value]),
      [["shared-value", "one"]],
    );
    assert.deepEqual((await client.send(new ListImportsCommand({ ExportName: "shared-value" }))).Imports, ["importer"]);
    await assert.rejects(client.send(new DeleteStackCommand({ StackName: "exporter" })), {
      message: "Export shared-value cannot be deleted as it is in use by importer",
    });
    await client.send(new DeleteStackCommand({ StackName: "importer" }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: StackId ?? "" });
    await client.send(new UpdateStackCommand({ StackName: "exporter", TemplateBody: exporter("two") }));
    await waitUntilStackUpdateComplete(waiting(), { StackName: "exporter" });
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "exporter", TemplateBody: handle })), {
      name: "AlreadyExistsException",
      message: "Stack [exporter] already exists",
    });
  });

  test("wrong requests get AWS's answers", async () => {
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "1st", TemplateBody: handle })), { name: "ValidationError" });
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "none" })), {
      message: "Either Template URL or Template Body must be specified.",
    });
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "iam", TemplateBody: role("x") })), {
      name: "InsufficientCapabilitiesException",
      message: "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    });
    await assert.rejects(
      client.send(new CreateStackCommand({ StackName: "type", TemplateBody: "Resources: {A: {Type: AWS::Foo::Bar}}" })),
      {
        message: "Template format error: Unrecognized resource types: [AWS::Foo::Bar]",
      },
    );
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "policy", TemplateBody: handle, StackPolicyBody: "{}" })), {
      name: "NotImplemented",
    });
    await assert.rejects(client.send(new UpdateStackCommand({ StackName: "nowhere", TemplateBody: handle })), {
      message: "Stack [nowhere] does not exist",
    });
    await assert.rejects(client.send(new CreateStackCommand({ StackName: "url", TemplateURL: "http://169.254.169.254/latest" })), {
      message: "TemplateURL must be a supported URL.",
    });
    await client.send(new DeleteStackCommand({ StackName: "nowhere" }));
    await client.send(new CreateStackCommand({ StackName: "token", TemplateBody: handle, ClientRequestToken: "t1" }));
    await client.send(new CreateStackCommand({ StackName: "token", TemplateBody: handle, ClientRequestToken: "t1" }));
  });

  test("templates are validated and summarised", async () => {
    const TemplateBody = `Description: d\nParameters: {P: {Type: Number, Default: 1, NoEcho: true, Description: p, AllowedValues: [1, 2]}}\n${role("x")}`;
    const valid = await client.send(new ValidateTemplateCommand({ TemplateBody }));
    assert.deepEqual(valid.Parameters, [{ ParameterKey: "P", DefaultValue: "1", NoEcho: true, Description: "p" }]);
    assert.deepEqual(valid.Capabilities, ["CAPABILITY_NAMED_IAM"]);
    assert.equal(valid.CapabilitiesReason, "The following resource(s) require capabilities: [AWS::IAM::Role]");
    const summary = await client.send(new GetTemplateSummaryCommand({ TemplateBody }));
    assert.deepEqual(summary.ResourceTypes, ["AWS::IAM::Role"]);
    assert.deepEqual(summary.Parameters?.[0]?.ParameterConstraints?.AllowedValues, ["1", "2"]);
  });

  test("aws cloudformation deploy creates, updates, and says when nothing changes", async () => {
    const file = join(cloud.dataPath, "template.yaml");
    const aws = (...args: string[]) => run(programs.newAws, ["cloudformation", ...args], cloud.environment);
    const options = ["--capabilities", "CAPABILITY_NAMED_IAM", "--tags", "team=a", "--no-fail-on-empty-changeset"];
    // The command names its change sets by the second.
    const deploy = async () => (await sleep(1000), await aws("deploy", "--template-file", file, "--stack-name", "by-command", ...options));
    await writeFile(file, role("one"));
    assert.match(await deploy(), /Successfully created\/updated stack - by-command/);
    assert.match(await deploy(), /No changes to deploy. Stack by-command is up to date/);
    await writeFile(file, role("two"));
    assert.match(await deploy(), /Successfully created\/updated stack/);
    const stdout = await aws("describe-stack-resources", "--stack-name", "by-command");
    const [resource] = (JSON.parse(stdout) as { StackResources: { PhysicalResourceId: string; ResourceStatus: string }[] }).StackResources;
    assert.deepEqual([resource?.PhysicalResourceId, resource?.ResourceStatus], ["deployed", "UPDATE_COMPLETE"]);
    await aws("delete-stack", "--stack-name", "by-command");
    await waitUntilStackDeleteComplete(waiting(), { StackName: "by-command" });
    const { StackSummaries } = await client.send(new ListStacksCommand({ StackStatusFilter: ["DELETE_COMPLETE"] }));
    assert.ok(StackSummaries?.some(({ StackName }) => StackName === "by-command"));
  });
});
