import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { DescribeTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { parseConfig } from "#config";
import { newCloud, temporaryFolder } from "../cloud.ts";
import type { TestCloud } from "../cloud.ts";
import { newEcs, register, run, shell, untilStatus } from "../services/ecs/tasks-in.ts";
import { createFunction, invoke, lambdaOf, role } from "../services/lambda/function.ts";

const docker = async (...args: string[]) => (await promisify(execFile)("docker", args)).stdout.trim();

type Inspected = {
  HostConfig: {
    Privileged: boolean;
    CapAdd: string[];
    CapDrop: string[];
    SecurityOpt: string[];
    PidsLimit: number;
    ReadonlyRootfs: boolean;
    Memory: number;
    PidMode: string;
    IpcMode: string;
    UsernsMode: string;
  };
  Mounts: { Source: string; Destination: string; RW: boolean }[];
};

const inspectAll = async ({ dataPath }: TestCloud, kind: string): Promise<Inspected[]> => {
  const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8")).trim();
  const filters = ["--filter", `label=tandem.cloud=${cloudId}`, "--filter", `label=tandem.kind=${kind}`];
  const ids = (await docker("ps", "-q", ...filters, "--filter", "label=tandem.role=container")).split("\n").filter((id) => id !== "");
  // One that waits in a pool may be replaced meanwhile.
  const found = await Promise.all(ids.map((id) => docker("inspect", id).catch(() => "[]")));
  return found.flatMap((text) => JSON.parse(text) as Inspected[]);
};

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const checkIsolation = ({ HostConfig, Mounts }: Inspected, dataPath: string): void => {
  assert.equal(HostConfig.Privileged, false);
  assert.deepEqual(HostConfig.CapDrop, ["ALL"]);
  assert.deepEqual(HostConfig.SecurityOpt, ["no-new-privileges"], "seccomp stays as the engine has it");
  assert.ok(HostConfig.PidsLimit > 0 && HostConfig.PidsLimit <= 4096);
  assert.ok(HostConfig.Memory > 0);
  assert.deepEqual([HostConfig.PidMode, HostConfig.UsernsMode], ["", ""]);
  assert.notEqual(HostConfig.IpcMode, "host");
  for (const { Source, RW } of Mounts) {
    assert.equal(RW, false, Source);
    assert.ok(Source.startsWith(`${dataPath}/`) && !/ca-key|tandem\.db|credentials|\.sock/.test(Source), Source);
  }
};

test("functions run without capabilities, on a read-only root, and see no file of the machine but their code and trusted roots", async () => {
  await using cloud = await newCloud();
  const lambda = lambdaOf(cloud);
  const look = `import { existsSync, readFileSync } from "node:fs";
    export const handler = async () => ({
      socket: ["/var/run/docker.sock", "/run/docker.sock", "/run/tandem"].filter((path) => existsSync(path)),
      status: readFileSync("/proc/self/status", "utf8"),
    });`;
  await createFunction(lambda, "look", look);
  const { socket, status } = (await invoke(lambda, "look")).result as { socket: string[]; status: string };
  assert.deepEqual(socket, []);
  for (const set of ["CapPrm", "CapEff", "CapBnd", "CapAmb"]) assert.match(status, new RegExp(`^${set}:\\s+0+$`, "m"));
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(status, /^Uid:\s+993\s/m);
  const containers = await inspectAll(cloud, "function");
  assert.ok(containers.length > 0);
  for (const container of containers) {
    checkIsolation(container, cloud.dataPath);
    assert.equal(container.HostConfig.ReadonlyRootfs, true);
    assert.deepEqual(container.HostConfig.CapAdd ?? [], []);
  }
});

test("a task's credentials are its own: their path can't be guessed, is told to nobody else, and is not served by the gateway", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  await iam.send(new CreateRoleCommand({ RoleName: "task", AssumeRolePolicyDocument: trust }));
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [await shell("sleep 600", { stopTimeout: 1 })], {
    taskRoleArn: "arn:aws:iam::000000000000:role/task",
  });
  const task = await run(ecs, definition);
  await untilStatus(ecs, task, "RUNNING");
  const [container] = await inspectAll(cloud, "ecs-task");
  assert.ok(container);
  checkIsolation(container, cloud.dataPath);
  const taskId = task.taskArn?.split("/").at(-1) ?? "";
  const ofTask = ["--filter", `label=tandem.task=${taskId}`, "--filter", "label=tandem.role=container"];
  const containerId = await docker("ps", "-q", ...ofTask);
  const [{ Config }] = JSON.parse(await docker("inspect", containerId)) as [{ Config: { Env: string[] } }];
  const variable = (name: string) => Config.Env.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const id = path.split("/").at(-1) ?? "";
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, "122 random bits");
  assert.ok(!variable("ECS_CONTAINER_METADATA_URI_V4").includes(id));
  const described = await ecs.send(new DescribeTasksCommand({ tasks: [task.taskArn ?? ""], include: ["TAGS"] }));
  assert.ok(!JSON.stringify(described).includes(id));
  const fromInside = (wanted: string) =>
    docker(
      "exec",
      containerId,
      "bash",
      "-c",
      `exec 3<>/dev/tcp/169.254.170.2/80; printf 'GET ${wanted.replaceAll("%", "%%")} HTTP/1.0\\r\\nHost: 169.254.170.2\\r\\n\\r\\n' >&3; cat <&3`,
    );
  assert.match(await fromInside(path), /"SecretAccessKey"/);
  for (const guess of [taskId, "", "..", id.slice(0, -1), `${id}x`, "%25", "null"]) {
    const answer = await fromInside(`/v2/credentials/${guess}`);
    assert.match(answer, /^HTTP\/1\.1 [24]\d\d/);
    assert.doesNotMatch(answer, /SecretAccessKey/, guess);
  }
  assert.doesNotMatch(await (await fetch(`${cloud.endpoint}${path}`)).text(), /SecretAccessKey/);
  await ecs.send(new StopTaskCommand({ task: task.taskArn }));
  await untilStatus(ecs, task, "STOPPED");
});

test("what holds secrets is its owner's alone, even in a data folder that was there before", async () => {
  const parent = await temporaryFolder();
  const dataPath = join(parent, "open");
  await mkdir(dataPath, { mode: 0o755 });
  try {
    await using cloud = await newCloud({ dataPath, auth: true, engine: "memory" });
    await fetch(cloud.endpoint);
    const modes = new Map<string, string>();
    for (const name of await readdir(dataPath)) modes.set(name, ((await stat(join(dataPath, name))).mode & 0o777).toString(8));
    for (const name of ["tandem.db", "tandem.db-wal", "tandem.db-shm", "credentials"]) assert.equal(modes.get(name), "600", name);
    for (const name of ["blobs", "functions"]) assert.equal(modes.get(name), "700", name);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
  const made = await temporaryFolder();
  {
    await using cloud = await newCloud({ dataPath: join(made, "new"), engine: "memory" });
    assert.equal((await stat(cloud.dataPath)).mode & 0o777, 0o700);
  }
  await rm(made, { recursive: true, force: true });
});

test("a template's address is read from our own buckets, and nothing is fetched from anywhere else", async (t) => {
  await using cloud = await newCloud({ engine: "memory" });
  let asked = 0;
  const server = createServer((_, response) => ((asked += 1), response.end("Resources: {}")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const stacks = new CloudFormationClient(cloud.client);
  const urls = [
    `http://127.0.0.1:${port}/bucket/template`,
    `http://user:password@127.0.0.1:${port}/bucket/template`,
    `http://169.254.169.254/latest/meta-data`,
    "file:///etc/passwd",
    `ftp://127.0.0.1:${port}/bucket/template`,
    "http:///etc/passwd",
    "/etc/passwd",
  ];
  for (const TemplateURL of urls)
    await assert.rejects(
      stacks.send(new CreateStackCommand({ StackName: "stack", TemplateURL })),
      { name: "ValidationError" },
      TemplateURL,
    );
  assert.equal(asked, 0);
});

test("with --auth no function is made of a folder of the machine, and no other address is bound without", async () => {
  await using cloud = await newCloud({ auth: true, engine: "memory" });
  const text = await readFile(join(cloud.dataPath, "credentials"), "utf8");
  const [, accessKeyId = "", secretAccessKey = ""] = /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(text) ?? [];
  const lambda = lambdaOf({ ...cloud, client: { ...cloud.client, credentials: { accessKeyId, secretAccessKey } } });
  const Code = { S3Bucket: "hot-reload", S3Key: "/etc" };
  await assert.rejects(
    lambda.send(new CreateFunctionCommand({ FunctionName: "reads", Runtime: "nodejs22.x", Handler: "index.handler", Role: role, Code })),
    { name: "InvalidParameterValueException", message: /can't be code on a cloud that runs with --auth/ },
  );
  for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.com", "127.0.0.1.example.com"])
    assert.throws(() => parseConfig(["--host", host]), /reachable from elsewhere: add --auth/);
});

test("keys and names that look like paths stay in the database: no file gets another's name", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "paths" }));
  for (const Key of ["../../escape", "/etc/escape", "..%2f..%2fescape", "a\\..\\escape", "escape\0"])
    await s3.send(new PutObjectCommand({ Bucket: "paths", Key, Body: Key })).catch(() => undefined);
  for (const path of ["..%2f..%2fescape", "%2e%2e/escape", "a/../../escape", "a//escape"]) {
    const begun = await fetch(`${cloud.endpoint}/v2/${path}/blobs/uploads/`, { method: "POST" });
    assert.ok(begun.status >= 400 || begun.headers.get("location")?.startsWith("/v2/"), path);
  }
  const digests = [
    "sha256:..%2f..%2ftandem.db",
    "sha256:../../../tandem.db",
    `sha256:${"A".repeat(64)}`,
    "sha512:x",
    "..%2f..%2fcredentials",
  ];
  for (const digest of digests) {
    const { status } = await fetch(`${cloud.endpoint}/v2/app/blobs/${digest}`);
    assert.ok(status === 400 || status === 404, `${digest}: ${status}`);
  }
  const files = await readdir(cloud.dataPath, { recursive: true });
  assert.deepEqual(
    files.filter((file) => file.includes("escape")),
    [],
  );
});
