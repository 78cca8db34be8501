import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ExecuteCommandCommand,
  ListAccountSettingsCommand,
  ListClustersCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  PutAccountSettingCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import type { RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { checkDefinition } from "#services/ecs/check-task-definition.ts";
import { refuseReach } from "#services/ecs/refuse-reach.ts";
import { newCloud } from "../../cloud.ts";
import { newEcs, register, run, shell, untilStatus } from "./tasks-in.ts";

const plain = { name: "main", image: "debian:bookworm-slim", memory: 64 };
const fargate = { requiresCompatibilities: ["FARGATE" as const], networkMode: "awsvpc" as const, cpu: "256", memory: "512" };

test("clusters are created once, described with what was asked for, listed and deleted", async () => {
  await using cloud = await newCloud();
  const ecs = new ECSClient(cloud.client);
  const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: "blue", tags: [{ key: "a", value: "1" }] }));
  assert.equal(cluster?.clusterArn, "arn:aws:ecs:us-east-1:000000000000:cluster/blue");
  assert.equal((await ecs.send(new CreateClusterCommand({ clusterName: "blue" }))).cluster?.clusterArn, cluster?.clusterArn);
  await ecs.send(new CreateClusterCommand({}));
  const { clusterArns } = await ecs.send(new ListClustersCommand({}));
  assert.deepEqual(
    clusterArns?.map((arn) => arn.split("/")[1]),
    ["blue", "default"],
  );
  const { clusters, failures } = await ecs.send(
    new DescribeClustersCommand({ clusters: ["blue", "green"], include: ["TAGS", "STATISTICS"] }),
  );
  assert.deepEqual(clusters?.[0]?.tags, [{ key: "a", value: "1" }]);
  assert.equal(clusters?.[0]?.registeredContainerInstancesCount, 1);
  assert.deepEqual(failures, [{ arn: "arn:aws:ecs:us-east-1:000000000000:cluster/green", reason: "MISSING" }]);
  const deleted = await ecs.send(new DeleteClusterCommand({ cluster: "blue" }));
  assert.equal(deleted.cluster?.status, "INACTIVE");
  await assert.rejects(ecs.send(new DeleteClusterCommand({ cluster: "blue" })), {
    name: "ClusterNotFoundException",
    message: "Cluster not found.",
  });
});

test("a cluster with tasks is not deleted", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const task = await run(ecs, await register(ecs, [await shell("sleep 60", { stopTimeout: 1 })]));
  await assert.rejects(ecs.send(new DeleteClusterCommand({ cluster: "default" })), {
    name: "ClusterContainsTasksException",
    message: "The Cluster cannot be deleted while Tasks are active.",
  });
  await ecs.send(new StopTaskCommand({ task: task.taskArn }));
  await untilStatus(ecs, task, "STOPPED");
  await ecs.send(new DeleteClusterCommand({ cluster: "default" }));
});

test("each registration is a new revision, whose number never comes again", async () => {
  await using cloud = await newCloud();
  const ecs = new ECSClient(cloud.client);
  const arn = "arn:aws:ecs:us-east-1:000000000000:task-definition/test";
  assert.equal(await register(ecs, [plain], { tags: [{ key: "a", value: "1" }] }), `${arn}:1`);
  assert.equal(await register(ecs, [plain]), `${arn}:2`);
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "test" }));
  assert.equal(taskDefinition?.revision, 2);
  assert.equal(taskDefinition?.networkMode, "bridge");
  assert.deepEqual(taskDefinition?.compatibilities, ["EC2"]);
  const first = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "test:1", include: ["TAGS"] }));
  assert.deepEqual(first.tags, [{ key: "a", value: "1" }]);
  const { failures } = await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: ["test:2"] }));
  assert.match(failures?.[0]?.reason ?? "", /still in ACTIVE status/);
  await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "test:2" }));
  await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: ["test:2"] }));
  assert.equal(await register(ecs, [plain]), `${arn}:3`);
  const { taskDefinitionArns } = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: "test", sort: "DESC" }));
  assert.deepEqual(taskDefinitionArns, [`${arn}:3`, `${arn}:1`]);
  assert.deepEqual((await ecs.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: "te" }))).families, ["test"]);
  await assert.rejects(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "other" })), {
    name: "ClientException",
    message: "Unable to describe task definition.",
  });
});

const refusals: [string, Partial<RegisterTaskDefinitionCommandInput>, string][] = [
  ["a bad family", { family: "a b" }, "Family contains invalid characters."],
  ["no containers", { containerDefinitions: [] }, "Container list cannot be empty."],
  ["no image", { containerDefinitions: [{ name: "a", memory: 64 }] }, "Container.image should not be null or empty."],
  [
    "no memory",
    { containerDefinitions: [{ name: "a", image: "x" }] },
    "Invalid setting for container 'a'. At least one of 'memory' or 'memoryReservation' must be specified.",
  ],
  ["Fargate in bridge mode", { ...fargate, networkMode: "bridge" }, "Fargate only supports network mode ‘awsvpc’."],
  ["Fargate without cpu", { ...fargate, cpu: undefined }, "Fargate requires that 'cpu' be defined at the task level."],
  [
    "a size that Fargate lacks",
    { ...fargate, memory: "4096" },
    "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
  ],
  [
    "an unknown volume",
    { containerDefinitions: [{ ...plain, mountPoints: [{ sourceVolume: "v", containerPath: "/v" }] }] },
    "Unknown volume 'v'.",
  ],
  [
    "a network mode that is none",
    { networkMode: "moon" as never },
    "Invalid network mode 'moon'. Valid values: bridge, host, awsvpc, none.",
  ],
  [
    "a capability on Fargate",
    { ...fargate, containerDefinitions: [{ ...plain, linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } }] },
    "Fargate supports adding the capability SYS_PTRACE only.",
  ],
  [
    "ports that differ in awsvpc mode",
    { networkMode: "awsvpc", containerDefinitions: [{ ...plain, portMappings: [{ containerPort: 80, hostPort: 8080 }] }] },
    "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
  ],
];

test("RegisterTaskDefinition refuses in AWS's words", async (t) => {
  await using cloud = await newCloud();
  const ecs = new ECSClient(cloud.client);
  for (const [what, change, message] of refusals)
    await t.test(what, () =>
      assert.rejects(ecs.send(new RegisterTaskDefinitionCommand({ family: "test", containerDefinitions: [plain], ...change })), {
        name: "ClientException",
        message,
      }),
    );
  await t.test("what is not there is said to be missing", () =>
    assert.rejects(register(ecs, [{ ...plain, secrets: [{ name: "A", valueFrom: "arn" }] }]), {
      name: "NotImplemented",
      message: "The member containerDefinitions.secrets of ecs is not implemented.",
    }),
  );
});

test("RunTask refuses in AWS's words", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const vpc = await register(ecs, [plain], fargate);
  const wrong = (input: Partial<ConstructorParameters<typeof RunTaskCommand>[0]>, name: string, message: string | RegExp) =>
    assert.rejects(ecs.send(new RunTaskCommand({ taskDefinition: vpc, ...input })), { name, message });
  await wrong({ cluster: "other" }, "ClusterNotFoundException", "Cluster not found.");
  await wrong({ taskDefinition: "none" }, "ClientException", "TaskDefinition not found.");
  await wrong({}, "InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const bridge = await register(ecs, [plain], { family: "bridge" });
  await wrong(
    { taskDefinition: bridge, launchType: "FARGATE" },
    "InvalidParameterException",
    "Task definition does not support launch_type FARGATE.",
  );
  await wrong(
    { taskDefinition: bridge, overrides: { containerOverrides: [{ name: "other" }] } },
    "InvalidParameterException",
    "Override for container named other is not a container in the TaskDefinition.",
  );
  await wrong(
    { launchType: "FARGATE", capacityProviderStrategy: [{ capacityProvider: "FARGATE" }] },
    "InvalidParameterException",
    "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
  );
  await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: bridge }));
  await wrong({ taskDefinition: bridge }, "ClientException", "TaskDefinition is inactive");
  await assert.rejects(ecs.send(new DescribeTasksCommand({ tasks: [] })), {
    name: "InvalidParameterException",
    message: "Tasks cannot be empty.",
  });
  const { failures } = await ecs.send(new DescribeTasksCommand({ tasks: ["0123"] }));
  assert.deepEqual(failures, [{ arn: "arn:aws:ecs:us-east-1:000000000000:task/default/0123", reason: "MISSING" }]);
  await assert.rejects(ecs.send(new ExecuteCommandCommand({ task: "0", command: "sh", interactive: true })), { name: "NotImplemented" });
  await assert.rejects(ecs.send(new CreateServiceCommand({ serviceName: "web" })), { name: "NotImplemented" });
});

test("a client token runs its tasks once", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const taskDefinition = await register(ecs, [await shell("true")]);
  const wanted = { taskDefinition, count: 2, clientToken: "one" };
  const first = await ecs.send(new RunTaskCommand(wanted));
  const again = await ecs.send(new RunTaskCommand(wanted));
  const arns = (answer: typeof first) => answer.tasks?.map(({ taskArn }) => taskArn).toSorted();
  assert.equal(first.tasks?.length, 2);
  assert.deepEqual(arns(again), arns(first));
  await assert.rejects(ecs.send(new RunTaskCommand({ ...wanted, count: 1 })), { name: "ConflictException" });
});

test("tags, account settings and capacity providers", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const resourceArn = await register(ecs, [plain]);
  await ecs.send(
    new TagResourceCommand({
      resourceArn,
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    }),
  );
  await ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a"] }));
  assert.deepEqual((await ecs.send(new ListTagsForResourceCommand({ resourceArn }))).tags, [{ key: "b", value: "2" }]);
  await ecs.send(new PutAccountSettingCommand({ name: "containerInsights", value: "enabled" }));
  const { settings } = await ecs.send(new ListAccountSettingsCommand({ name: "containerInsights", effectiveSettings: true }));
  assert.equal(settings?.[0]?.value, "enabled");
  const { capacityProviders, failures } = await ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders: ["FARGATE", "mine"] }));
  assert.deepEqual([capacityProviders?.[0]?.name, failures?.[0]?.reason], ["FARGATE", "MISSING"]);
});

test("with --auth no task reaches into the machine", async () => {
  const reaching = [
    { networkMode: "host" as const, containerDefinitions: [plain] },
    { volumes: [{ name: "root", host: { sourcePath: "/" } }], containerDefinitions: [plain] },
    { containerDefinitions: [{ ...plain, linuxParameters: { capabilities: { add: ["SYS_ADMIN"] } } }] },
  ];
  for (const definition of reaching) {
    checkDefinition({ family: "test", ...definition });
    assert.throws(() => refuseReach(definition), { code: "ClientException", message: /with --auth/ });
  }
  refuseReach({ containerDefinitions: [{ ...plain, linuxParameters: { capabilities: { add: ["SYS_PTRACE"] } } }] });
});
