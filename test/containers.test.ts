import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { request as send } from "node:http";
import { after, before, test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../src/clock.ts";
import { newContainerAccess } from "../src/container-access.ts";
import { newLog } from "../src/log.ts";
import { newEngineOpener } from "../src/open-engine.ts";
import { whereabouts, type Config } from "#config";
import { newCloud, region, temporaryFolder, type TestCloud } from "./cloud.ts";
import { oneContainer } from "./engine/cloud.ts";
import { awsCliImage } from "./ingress/tools-image.ts";

/** Programs in containers that know nothing of this cloud: no endpoint option, credentials from where ECS gives them. */

const config: Config = {
  host: "127.0.0.1",
  port: 0,
  auth: false,
  engine: "docker",
  substituteRuntimes: false,
  logLevel: "warn",
  dataPath: await temporaryFolder(),
  ...whereabouts(),
};
const log = newLog("warn", systemClock);
let cloud: TestCloud;

/** Stands where the gateway's own listener stands in a cloud. */
const engine = newEngineOpener(config, { log, prepareSandboxes: (network) => access.prepare(network) });
const access = newContainerAccess(config, {
  log,
  now: systemClock,
  network: engine.network,
  listener: () => (request, response) => {
    const { method, url, headers } = request;
    const onward = send({ host: "127.0.0.1", port: cloud.port, ...(method && url ? { method, path: url } : {}), headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  },
});

const body = randomBytes(300_000);
let s3: S3Client;

before(async () => {
  cloud = await newCloud();
  s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "films" }));
  await s3.send(new PutObjectCommand({ Bucket: "films", Key: "in.mp4", Body: body }));
  access.serve("/v2/credentials/", async (_request, response) => {
    const credentials = {
      AccessKeyId: "ASIATESTTESTTESTTEST",
      SecretAccessKey: "secret",
      Token: "token",
      Expiration: "2999-01-01T00:00:00Z",
    };
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ RoleArn: "arn:aws:iam::000000000000:role/task", ...credentials }));
  });
});

after(async () => {
  const opened = await engine.open();
  for (const { id } of await opened.list()) await opened.remove(id);
  await access.close();
  await engine.close();
  await cloud[Symbol.asyncDispose]();
});

const runTask = async (id: string, image: string, command: readonly string[]): Promise<string> => {
  const opened = await engine.open();
  const { environment, mounts } = await access.grants(region);
  const given = { ...environment, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/task" };
  await opened.run(oneContainer(id, { image, entryPoint: ["sh", "-c"], command: [command.join("\n")], environment: given, mounts }));
  const lines = await Array.fromAsync(opened.logs(id, "main", { follow: true }));
  await opened.remove(id);
  return lines.map((line) => line.text).join("\n");
};

const read = async (key: string): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "films", Key: key }));
  return createHash("sha256")
    .update((await Body?.transformToByteArray()) ?? "")
    .digest("hex");
};
const expected = createHash("sha256").update(body).digest("hex");

test("Debian's AWS CLI of 2022, in a task, copies an object with no endpoint option", { timeout: 120_000 }, async () => {
  const output = await runTask("cli", await awsCliImage(), ["aws s3 cp s3://films/in.mp4 ./x && aws s3 cp ./x s3://films/cli.jpg 2>&1"]);
  assert.match(output, /upload: \.\/x to s3:\/\/films\/cli\.jpg/);
  assert.equal(await read("cli.jpg"), expected);
});

const program = (key: string): string => `
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const s3 = new S3Client({});
const { Body } = await s3.send(new GetObjectCommand({ Bucket: "films", Key: "in.mp4" }));
await s3.send(new PutObjectCommand({ Bucket: "films", Key: "${key}", Body: await Body.transformToByteArray() }));
console.log((await s3.config.credentials()).accessKeyId);
`;

test(
  "a program with the AWS SDK for JavaScript copies an object, by AWS's names and by the endpoint it is given",
  { timeout: 60_000 },
  async () => {
    const runtime = "tandem/runtime:nodejs24.x";
    const node = (key: string): string => `cat > /var/runtime/${key}.mjs <<'E'\n${program(key)}\nE\nnode /var/runtime/${key}.mjs 2>&1`;
    const byNames = await runTask("names", runtime, ["unset AWS_ENDPOINT_URL", node("names")]);
    assert.equal(byNames, "ASIATESTTESTTESTTEST");
    const byEndpoint = await runTask("endpoint", runtime, [node("endpoint")]);
    assert.equal(byEndpoint, "ASIATESTTESTTESTTEST");
    assert.deepEqual([await read("names"), await read("endpoint")], [expected, expected]);
  },
);
