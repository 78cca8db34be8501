import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { CreateClusterCommand, ECSClient } from "@aws-sdk/client-ecs";
import { newCloud, spawnCloud, temporaryFolder } from "../../cloud.ts";
import { shellImage } from "../../engine/test-image.ts";
import { register, run as runTask, untilStatus } from "../ecs/tasks-in.ts";
import { pushImage, sha256 } from "./pushes.ts";

const run = promisify(execFile);

const exists = (program: string) =>
  run(program, ["--version"]).then(
    () => true,
    () => false,
  );

test("docker logs in, pushes, and pulls the same image back", async (t) => {
  await using cloud = await newCloud();
  const image = await shellImage();
  const reference = `localhost:${cloud.port}/team/app:1`;
  const config = await mkdtemp(join(tmpdir(), "tandem-docker-"));
  t.after(async () => {
    await run("docker", ["rmi", reference]).catch(() => undefined);
    await rm(config, { recursive: true });
  });
  const docker = (...args: string[]) => run("docker", ["--config", config, ...args]);
  const { authorizationData } = await new ECRClient(cloud.client).send(new GetAuthorizationTokenCommand({}));
  const password = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
    .toString()
    .slice("AWS:".length);
  const login = await docker("login", "--username", "AWS", "--password", password, `localhost:${cloud.port}`);
  assert.match(login.stdout, /Login Succeeded/);
  await docker("tag", image, reference);
  await docker("push", reference);
  const id = (await docker("image", "inspect", "-f", "{{.Id}}", reference)).stdout;
  await docker("rmi", reference);
  await docker("pull", reference);
  assert.equal((await docker("image", "inspect", "-f", "{{.Id}}", reference)).stdout, id);
  const { imageDetails } = await new ECRClient(cloud.client).send(new DescribeImagesCommand({ repositoryName: "team/app" }));
  const digest = (await docker("image", "inspect", "-f", "{{index .RepoDigests 0}}", reference)).stdout.trim().split("@")[1];
  assert.ok(imageDetails?.some(({ imageDigest, imageTags }) => imageDigest === digest && imageTags?.includes("1")));
  await assert.rejects(docker("pull", `localhost:${cloud.port}/team/none:1`), /name unknown|does not exist/);
});

test("skopeo copies between repositories", async (t) => {
  if (!(await exists("skopeo"))) return t.skip("skopeo is not installed");
  await using cloud = await newCloud();
  const image = await pushImage(cloud.endpoint, "from", "1");
  const at = (name: string) => `docker://127.0.0.1:${cloud.port}/${name}`;
  await run("skopeo", ["copy", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", at("from:1"), at("to:2")]);
  const { stdout } = await run("skopeo", ["inspect", "--raw", "--tls-verify=false", at("to:2")]);
  assert.equal(sha256(stdout), image.digest);
});

test("kill -9 during a push loses nothing acknowledged, and an upload goes on where it stood", async () => {
  const dataPath = await temporaryFolder();
  try {
    const blob = Buffer.alloc(3_000_000, "layer");
    let location = "";
    {
      await using cloud = await spawnCloud(dataPath);
      const begun = await fetch(`${cloud.endpoint}/v2/app/blobs/uploads/`, { method: "POST" });
      location = begun.headers.get("location") ?? "";
      const half = await fetch(`${cloud.endpoint}${location}`, { method: "PATCH", body: blob.subarray(0, 1_000_000) });
      assert.equal(half.status, 202);
      const cut = request(`${cloud.endpoint}${location}`, { method: "PATCH", headers: { "content-length": 2_000_000 } });
      cut.on("error", () => undefined);
      cut.write(blob.subarray(1_000_000, 1_500_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await cloud.kill();
    }
    await using cloud = await spawnCloud(dataPath);
    const stands = await fetch(`${cloud.endpoint}${location}`);
    assert.equal(stands.headers.get("range"), "0-999999");
    const end = await fetch(`${cloud.endpoint}${location}?digest=${sha256(blob)}`, { method: "PUT", body: blob.subarray(1_000_000) });
    assert.equal(end.status, 201);
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});

test("with --auth docker needs a token and a repository, and a task gets its image all the same", { timeout: 120_000 }, async (t) => {
  await using cloud = await newCloud({ auth: true });
  const registry = `localhost:${cloud.port}`;
  const reference = `${registry}/app:1`;
  const config = await mkdtemp(join(tmpdir(), "tandem-docker-"));
  t.after(async () => {
    await run("sh", ["-c", `docker rmi -f $(docker image ls -q '*:${cloud.port}/**')`]).catch(() => undefined);
    await rm(config, { recursive: true });
  });
  const docker = (...args: string[]) => run("docker", ["--config", config, ...args]);
  const [, accessKeyId = "", secretAccessKey = ""] =
    /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(await readFile(join(cloud.dataPath, "credentials"), "utf8")) ?? [];
  const client = { ...cloud.client, credentials: { accessKeyId, secretAccessKey } };
  const ecr = new ECRClient(client);
  await docker("tag", await shellImage(), reference);
  await assert.rejects(docker("push", reference), /no basic auth credentials/);
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const password = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
    .toString()
    .slice("AWS:".length);
  await assert.rejects(docker("login", "--username", "AWS", "--password", "guess", registry), /401|authorization token/i);
  await docker("login", "--username", "AWS", "--password", password, registry);
  await assert.rejects(docker("push", reference), /The repository with name 'app' does not exist in the registry with id '000000000000'/);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "app" }));
  await docker("push", reference);
  await docker("rmi", reference);
  const ecs = new ECSClient(client);
  await ecs.send(new CreateClusterCommand({}));
  const image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/app:1";
  const definition = await register(ecs, [{ name: "main", image, command: ["sh", "-c", "exit 6"], memory: 64 }]);
  const stopped = await untilStatus(ecs, await runTask(ecs, definition), "STOPPED");
  assert.equal(stopped.containers?.[0]?.exitCode, 6, stopped.stoppedReason);
});
