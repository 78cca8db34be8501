import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeContainerInstancesCommand, ListContainerInstancesCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { newCloud } from "../../cloud.ts";
import { newEcs, register, run, shell, until, untilStatus } from "./tasks-in.ts";

const aws = process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws";

test("containers wait for what they depend on and share the task's network", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [
    await shell("sleep 1", { name: "first", essential: false }),
    await shell("while :; do sleep 0.2; done", {
      name: "checked",
      essential: false,
      stopTimeout: 1,
      healthCheck: { command: ["CMD-SHELL", "true"], interval: 5, timeout: 2, startPeriod: 0 },
      dependsOn: [{ containerName: "first", condition: "SUCCESS" }],
    }),
    await shell("exit 0", { name: "last", dependsOn: [{ containerName: "checked", condition: "HEALTHY" }] }),
  ]);
  const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  const [first, checked, last] = stopped.containers ?? [];
  assert.equal(first?.exitCode, 0);
  assert.equal(last?.exitCode, 0);
  assert.equal(checked?.healthStatus, "HEALTHY");
  assert.equal(stopped.stoppedReason, "Essential container in task exited");
});

test("a dependency that fails keeps its dependents from starting, and the task says why", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [
    await shell("exit 4", { name: "first", essential: false }),
    await shell("sleep 60", { dependsOn: [{ containerName: "first", condition: "SUCCESS" }] }),
  ]);
  const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.equal(stopped.stoppedReason, "main can't start: dependency first exited with code 4");
});

test("overrides change the command and the environment of one run, and volumes are shared", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(
    ecs,
    [
      await shell("echo hello > /shared/word", {
        name: "writer",
        essential: false,
        mountPoints: [{ sourceVolume: "scratch", containerPath: "/shared" }],
      }),
      await shell("exit 1", {
        environment: [{ name: "WORD", value: "no" }],
        mountPoints: [{ sourceVolume: "scratch", containerPath: "/in", readOnly: true }],
        dependsOn: [{ containerName: "writer", condition: "SUCCESS" }],
      }),
    ],
    { volumes: [{ name: "scratch" }] },
  );
  const command = ["sh", "-c", 'test "$(cat /in/word)" = "$WORD" && exit 9'];
  const task = await run(ecs, definition, {
    overrides: { containerOverrides: [{ name: "main", command, environment: [{ name: "WORD", value: "hello" }] }] },
  });
  const stopped = await untilStatus(ecs, task, "STOPPED");
  assert.equal(stopped.containers?.find(({ name }) => name === "main")?.exitCode, 9);
});

test("a container that takes more memory than it may is killed, and the reason is ECS's", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("head -c 300m /dev/zero | tail", { memory: 32 })]);
  const reasons: (string | undefined)[] = [];
  // Docker Engine 20.10 misses the kernel's notice when the container's end comes before it, as on a busy machine.
  while (reasons.length < 4 && reasons.at(-1) === undefined) {
    const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
    assert.equal(stopped.stopCode, "EssentialContainerExited");
    reasons.push(stopped.containers?.[0]?.reason);
  }
  assert.equal(reasons.at(-1), "OutOfMemoryError: Container killed due to memory usage");
});

test("a program that is not in the image fails the task with the engine's words", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [{ ...(await shell("")), command: ["/no/such/program"] }]);
  const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.match(stopped.stoppedReason ?? "", /^CannotStartContainerError: Error response from daemon: .*no such file or directory/);
});

test("on EC2 a task without room is refused at once; on Fargate it waits, says why, and starts when there is room", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const { containerInstanceArns } = await ecs.send(new ListContainerInstancesCommand({}));
  const { containerInstances } = await ecs.send(new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns }));
  const cpu = containerInstances?.[0]?.registeredResources?.find(({ name }) => name === "CPU")?.integerValue ?? 0;
  const holder = await run(ecs, await register(ecs, [await shell("sleep 60", { cpu: cpu - 100, stopTimeout: 1 })]));
  await assert.rejects(run(ecs, await register(ecs, [await shell("true", { cpu: 200 })])), /RESOURCE:CPU/);
  const fargate = await register(ecs, [await shell("true")], {
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
  });
  const waiting = await run(ecs, fargate, {
    launchType: "FARGATE",
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
  });
  assert.equal(waiting.lastStatus, "PROVISIONING");
  const told = await until(ecs, waiting, ({ attributes }) => attributes?.some(({ name }) => name === "tandem.waiting-reason") ?? false);
  assert.match(told.attributes?.find(({ name }) => name === "tandem.waiting-reason")?.value ?? "", /^RESOURCE:CPU: the task needs 256 CPU/);
  assert.equal(told.lastStatus, "PROVISIONING");
  await ecs.send(new StopTaskCommand({ task: holder.taskArn }));
  const stopped = await untilStatus(ecs, waiting, "STOPPED");
  assert.equal(stopped.containers?.[0]?.exitCode, 0);
  const details = stopped.attachments?.[0]?.details ?? [];
  assert.match(details.find(({ name }) => name === "privateIPv4Address")?.value ?? "", /^169\.254\.|^\d+\.\d+\.\d+\.\d+$/);
});

test("the aws command runs a task and waits for its end", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  await register(ecs, [await shell("exit 5")]);
  const call = async (...args: string[]) =>
    (await promisify(execFile)(aws, ["--endpoint-url", cloud.endpoint, "ecs", ...args], { env: cloud.environment })).stdout;
  const { tasks } = JSON.parse(await call("run-task", "--task-definition", "test")) as { tasks: { taskArn: string }[] };
  const [task] = tasks;
  await call("wait", "tasks-stopped", "--tasks", task?.taskArn ?? "");
  const described = await call("describe-tasks", "--tasks", task?.taskArn ?? "", "--query", "tasks[0].containers[0].exitCode");
  assert.equal(described.trim(), "5");
});

test("user, working directory, limits, a read-only root and variables from a file are what the container finds", async () => {
  await using cloud = await newCloud();
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "settings" }));
  await s3.send(new PutObjectCommand({ Bucket: "settings", Key: "app.env", Body: "# of the app\nCOLOUR=blue\nSIZE=a=b\n" }));
  const ecs = await newEcs(cloud);
  const script = `test "$(id -u)" = 1000 || exit 11; test "$(pwd)" = /tmp || exit 12; touch /x 2>/dev/null && exit 13
    test "$(ulimit -n)" = 128 || exit 14; test "$COLOUR $SIZE $OWN" = "green a=b yes" || exit 15; exit 0`;
  const container = await shell(script, {
    user: "1000:1000",
    workingDirectory: "/tmp",
    readonlyRootFilesystem: true,
    ulimits: [{ name: "nofile", softLimit: 128, hardLimit: 128 }],
    environment: [
      { name: "COLOUR", value: "green" },
      { name: "OWN", value: "yes" },
    ],
    environmentFiles: [{ type: "s3", value: "arn:aws:s3:::settings/app.env" }],
  });
  const stopped = await untilStatus(ecs, await run(ecs, await register(ecs, [container])), "STOPPED");
  assert.equal(stopped.containers?.[0]?.exitCode, 0);
  const missing = { ...container, environmentFiles: [{ type: "s3" as const, value: "arn:aws:s3:::settings/none.env" }] };
  const failed = await untilStatus(ecs, await run(ecs, await register(ecs, [missing])), "STOPPED");
  assert.match(failed.stoppedReason ?? "", /^ResourceInitializationError: failed to download env files: .*NoSuchKey/);
});

test("a container that is not healthy within its startTimeout fails the task", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [
    await shell("sleep 60", {
      name: "slow",
      essential: false,
      startTimeout: 2,
      stopTimeout: 1,
      healthCheck: { command: ["CMD-SHELL", "false"], interval: 60, startPeriod: 60 },
    }),
    await shell("true", { dependsOn: [{ containerName: "slow", condition: "HEALTHY" }] }),
  ]);
  const stopped = await untilStatus(ecs, await run(ecs, definition), "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.match(stopped.stoppedReason ?? "", /startTimeout/);
});

test("in bridge mode the ports of a task are published", async () => {
  await using cloud = await newCloud();
  const ecs = await newEcs(cloud);
  const container = await shell("sleep 60", { stopTimeout: 1, portMappings: [{ containerPort: 8080 }] });
  const task = await untilStatus(ecs, await run(ecs, await register(ecs, [container])), "RUNNING");
  const [binding] = task.containers?.[0]?.networkBindings ?? [];
  assert.equal(binding?.containerPort, 8080);
  assert.ok((binding?.hostPort ?? 0) > 1024);
});
