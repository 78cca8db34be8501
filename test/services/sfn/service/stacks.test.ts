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
import {
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { weightsToCome } from "../../../../src/services/sfn/template-versions.ts";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
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

const until = async (client: CloudFormationClient, StackName: string, status: string): Promise<Record<string, string>> => {
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

const clientsOf = (cloud: TestCloud) => ({
  client: new CloudFormationClient(cloud.client),
  sfn: new SFNClient(cloud.client),
  s3: new S3Client({ ...cloud.client, forcePathStyle: true }),
});

test("a template makes, changes and removes state machines and activities", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const { client, sfn, s3 } = clientsOf(cloud);
  const expect = (StackName: string, status: string) => until(client, StackName, status);
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

const pass = (Result: unknown) => ({ StartAt: "A", States: { A: { Type: "Pass", Result, End: true } } });

const versioned = (result: string, preference?: Record<string, unknown>) => {
  const Version = { Ref: "Version" };
  const routing = preference
    ? { DeploymentPreference: { StateMachineVersionArn: Version, ...preference } }
    : { RoutingConfiguration: [{ StateMachineVersionArn: Version, Weight: 100 }] };
  return JSON.stringify({
    Resources: {
      Machine: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: { StateMachineName: "versioned", RoleArn: roleArn, DefinitionString: JSON.stringify(pass(result)) },
      },
      Version: {
        Type: "AWS::StepFunctions::StateMachineVersion",
        Properties: {
          StateMachineArn: { Ref: "Machine" },
          StateMachineRevisionId: { "Fn::GetAtt": ["Machine", "StateMachineRevisionId"] },
          Description: result,
        },
      },
      Alias: { Type: "AWS::StepFunctions::StateMachineAlias", Properties: { Name: "live", ...routing } },
    },
    Outputs: { Version: { Value: Version }, Arn: { Value: { "Fn::GetAtt": ["Version", "Arn"] } }, Alias: { Value: { Ref: "Alias" } } },
  });
};

test("a template publishes versions and leads aliases to them, at once or by and by", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const { client, sfn, s3 } = clientsOf(cloud);
  const StackName = "versions";
  await client.send(new CreateStackCommand({ StackName, TemplateBody: versioned("one") }));
  const first = await until(client, StackName, "CREATE_COMPLETE");
  const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:versioned";
  assert.deepEqual(first, { Version: `${machine}:1`, Arn: `${machine}:1`, Alias: `${machine}:live` });
  assert.equal((await untilEnded(sfn, await start(sfn, `${machine}:live`))).output, `"one"`);

  await client.send(new UpdateStackCommand({ StackName, TemplateBody: versioned("two", { Type: "ALL_AT_ONCE" }) }));
  const second = await until(client, StackName, "UPDATE_COMPLETE");
  assert.equal(second["Version"], `${machine}:2`);
  assert.equal((await untilEnded(sfn, await start(sfn, `${machine}:live`))).output, `"two"`);
  const { stateMachineVersions = [] } = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: machine }));
  assert.deepEqual(
    stateMachineVersions.map(({ stateMachineVersionArn }) => stateMachineVersionArn),
    [`${machine}:2`],
  );

  const alarmed = versioned("three", { Type: "CANARY", Interval: 1, Percentage: 10, Alarms: ["too-hot"] });
  await client.send(new UpdateStackCommand({ StackName, TemplateBody: alarmed }));
  await until(client, StackName, "UPDATE_ROLLBACK_COMPLETE");
  await client.send(
    new UpdateStackCommand({ StackName, TemplateBody: versioned("four", { Type: "CANARY", Interval: 1, Percentage: 10 }) }),
  );
  const weights = async () => {
    const { routingConfiguration = [] } = await sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${machine}:live` }));
    return routingConfiguration.map(({ weight }) => weight);
  };
  while ((await weights()).length === 1) await pause(25);
  assert.deepEqual(await weights(), [90, 10]);
  for (const each of [client, sfn, s3]) each.destroy();
});

test("a stack takes over no version and no alias that is there already, and so deletes none that is in use", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const { client, sfn, s3 } = clientsOf(cloud);
  const StackName = "pinned";
  const body = (Description: string, more: Record<string, unknown> = {}) => {
    const { Resources } = JSON.parse(versioned("one")) as { Resources: Record<string, { Type: string; Properties: object }> };
    const Version = { ...Resources["Version"], Properties: { ...Resources["Version"]?.Properties, Description } };
    return JSON.stringify({ Resources: { ...Resources, Version, ...more } });
  };
  await client.send(new CreateStackCommand({ StackName, TemplateBody: body("one") }));
  await until(client, StackName, "CREATE_COMPLETE");
  const { Version, Alias } = (JSON.parse(versioned("one")) as { Resources: Record<string, unknown> }).Resources;
  for (const TemplateBody of [body("two"), body("one", { Second: Version }), body("one", { Another: Alias })]) {
    await client.send(new UpdateStackCommand({ StackName, TemplateBody })); // oxlint-disable-line no-await-in-loop -- one update after the other
    await until(client, StackName, "UPDATE_ROLLBACK_COMPLETE"); // oxlint-disable-line no-await-in-loop
  }
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
  const reasons = StackEvents.map(({ ResourceStatusReason = "" }) => ResourceStatusReason).filter((reason) => /AlreadyExists/.test(reason));
  assert.equal(reasons.filter((reason) => reason.includes('stateMachine:versioned:1 already exists"')).length, 2, reasons.join("\n"));
  assert.equal(reasons.filter((reason) => reason.includes('stateMachine:versioned:live already exists"')).length, 1, reasons.join("\n"));
  const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:versioned";
  assert.equal((await untilEnded(sfn, await start(sfn, `${machine}:live`))).output, `"one"`);
  for (const each of [client, sfn, s3]) each.destroy();
});

test("a state machine or an activity under another logical id is refused, and stays", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const { client, sfn, s3 } = clientsOf(cloud);
  const StackName = "renamed";
  const machine = {
    Type: "AWS::StepFunctions::StateMachine",
    Properties: { StateMachineName: "kept", RoleArn: roleArn, DefinitionString: JSON.stringify(pass("kept")) },
  };
  const activity = { Type: "AWS::StepFunctions::Activity", Properties: { Name: "kept" } };
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { M: machine, A: activity } }) }));
  await until(client, StackName, "CREATE_COMPLETE");
  for (const Resources of [
    { Other: machine, A: activity },
    { M: machine, Other: activity },
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- one update after the other
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
    await until(client, StackName, "UPDATE_ROLLBACK_COMPLETE"); // oxlint-disable-line no-await-in-loop
  }
  assert.equal((await sfn.send(new ListActivitiesCommand({}))).activities?.length, 1);
  const kept = "arn:aws:states:us-east-1:000000000000:stateMachine:kept";
  assert.equal((await untilEnded(sfn, await start(sfn, kept))).output, `"kept"`);
  for (const each of [client, sfn, s3]) each.destroy();
});

test("executions move to a version by a canary's share, or in equal increments", () => {
  assert.deepEqual(weightsToCome({ Type: "LINEAR", Percentage: 30 }, 0), [30, 60, 90]);
  assert.deepEqual(weightsToCome({ Type: "LINEAR", Percentage: 50 }, 50), []);
  assert.deepEqual(weightsToCome({ Type: "CANARY", Percentage: 5 }, 0), [5]);
  assert.deepEqual(weightsToCome({ Type: "CANARY", Percentage: 5 }, 5), []);
  assert.deepEqual(weightsToCome({ Type: "ALL_AT_ONCE" }, 0), []);
});

test("a definition in a bucket may be YAML, and substitutions may have any name", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const { client, sfn, s3 } = clientsOf(cloud);
  await s3.send(new CreateBucketCommand({ Bucket: "definitions" }));
  const Body = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Result: ${the-greeting}\n    End: true\n";
  await s3.send(new PutObjectCommand({ Bucket: "definitions", Key: "a.yaml", Body }));
  const { LogGroup, Machine } = {
    LogGroup: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/aws/vendedlogs/states/yaml" } },
    Machine: {
      Type: "AWS::StepFunctions::StateMachine",
      Properties: {
        StateMachineName: "yaml",
        RoleArn: roleArn,
        DefinitionS3Location: { Bucket: "definitions", Key: "a.yaml" },
        DefinitionSubstitutions: { "the-greeting": "hello" },
        EncryptionConfiguration: { Type: "AWS_OWNED_KEY" },
        LoggingConfiguration: {
          Level: "ERROR",
          IncludeExecutionData: true,
          Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { "Fn::GetAtt": ["LogGroup", "Arn"] } } }],
        },
        TracingConfiguration: { Enabled: true },
      },
    },
  };
  await client.send(new CreateStackCommand({ StackName: "yaml", TemplateBody: JSON.stringify({ Resources: { LogGroup, Machine } }) }));
  await until(client, "yaml", "CREATE_COMPLETE");
  const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:yaml";
  assert.equal((await untilEnded(sfn, await start(sfn, stateMachineArn))).output, `"hello"`);
  const { loggingConfiguration, tracingConfiguration } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  assert.deepEqual(
    [loggingConfiguration?.level, loggingConfiguration?.includeExecutionData, tracingConfiguration?.enabled],
    ["ERROR", true, true],
  );
  for (const each of [client, sfn, s3]) each.destroy();
});
