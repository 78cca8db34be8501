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
import { DescribeClustersCommand, DescribeTaskDefinitionCommand, ECSClient, ListTaskDefinitionsCommand } from "@aws-sdk/client-ecs";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const template = (image: string) => `
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: from-template, Tags: [{Key: a, Value: b}]}}
  Logs: {Type: AWS::Logs::LogGroup}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: ${trust}}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: from-template
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Cpu: 256
      Memory: "512"
      ExecutionRoleArn: !GetAtt Role.Arn
      ContainerDefinitions:
        - Name: main
          Image: ${image}
          Essential: true
          DockerLabels: {Keep.Case: "1"}
          Environment: [{Name: BUCKET, Value: !Ref AWS::StackName}]
          HealthCheck: {Command: [CMD-SHELL, "true"], StartPeriod: 5}
          PortMappings: [{ContainerPort: 80}]
          LogConfiguration:
            LogDriver: awslogs
            Options: {awslogs-group: !Ref Logs, awslogs-region: !Ref AWS::Region, awslogs-stream-prefix: main}
Outputs:
  Cluster: {Value: !GetAtt Cluster.Arn}
  Task: {Value: !Ref Task}
`;

describe("clusters and task definitions in templates", () => {
  let cloud: TestCloud;
  let client: CloudFormationClient;
  before(async () => {
    cloud = await newCloud({ engine: "memory" });
    client = new CloudFormationClient(cloud.client);
  });
  after(() => cloud[Symbol.asyncDispose]());

  const expect = async (StackName: string, status: string) => {
    for (let tries = 0; tries < 400; tries++, await sleep(25)) {
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

  test("a task definition is registered as it is written, and changing it makes a new revision in the place of the old", async () => {
    const StackName = "tasks";
    const { StackId = "" } = await client.send(
      new CreateStackCommand({ StackName, TemplateBody: template("one:1"), Capabilities: ["CAPABILITY_IAM"] }),
    );
    const first = await expect(StackName, "CREATE_COMPLETE");
    assert.equal(first["Cluster"], "arn:aws:ecs:us-east-1:000000000000:cluster/from-template");
    assert.equal(first["Task"], "arn:aws:ecs:us-east-1:000000000000:task-definition/from-template:1");
    const ecs = new ECSClient(cloud.client);
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "from-template" }));
    assert.deepEqual([taskDefinition?.cpu, taskDefinition?.memory], ["256", "512"]);
    const [container] = taskDefinition?.containerDefinitions ?? [];
    assert.deepEqual(container?.dockerLabels, { "Keep.Case": "1" });
    assert.deepEqual(container.environment, [{ name: "BUCKET", value: "tasks" }]);
    assert.equal(container.healthCheck?.startPeriod, 5);
    assert.match(container.logConfiguration?.options?.["awslogs-group"] ?? "", /^tasks-Logs-/);

    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template("two:2"), Capabilities: ["CAPABILITY_IAM"] }));
    const second = await expect(StackName, "UPDATE_COMPLETE");
    assert.equal(second["Task"], "arn:aws:ecs:us-east-1:000000000000:task-definition/from-template:2");
    const { taskDefinitionArns } = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: "from-template", status: "ACTIVE" }));
    assert.deepEqual(taskDefinitionArns, [second["Task"]]);
    await client.send(new DeleteStackCommand({ StackName }));
    await expect(StackId, "DELETE_COMPLETE");
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: ["from-template"] }));
    assert.notEqual(clusters?.[0]?.status, "ACTIVE");
  });

  test("what a task can't be given fails the resource with the reason", async () => {
    const odd = template("one:1").replace("          Essential: true", "          Essential: true\n          Firelens: 1");
    await client.send(new CreateStackCommand({ StackName: "odd", TemplateBody: odd, Capabilities: ["CAPABILITY_IAM"] }));
    await expect("odd", "ROLLBACK_COMPLETE");
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: "odd" }));
    const reason = StackEvents?.find(
      ({ ResourceStatus, LogicalResourceId }) => LogicalResourceId === "Task" && ResourceStatus === "CREATE_FAILED",
    )?.ResourceStatusReason;
    assert.match(reason ?? "", /#\/ContainerDefinitions\/0: extraneous key \[Firelens\] is not permitted/);
  });
});
