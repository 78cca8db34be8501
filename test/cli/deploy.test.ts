import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newApp } from "../app/apps.ts";
import { newCloud } from "../cloud.ts";
import { jsonLines, tandem } from "./tandem.ts";

const source = `
  import { Bucket, Task } from "tandem";
  const bucket = new Bucket("bucket");
  new Task("work", { build: "./image", environment: { BUCKET: bucket.id.get() } });
  export const bucketName = bucket.id;
`;

const dockerfile = 'FROM scratch\nCOPY note /note\nCMD ["/none"]\n';

test("an app is deployed, changes nothing when nothing changed, follows a change, and is gone once destroyed", async (t) => {
  await using cloud = await newCloud();
  await using app = await newApp(source, { "image/Dockerfile": dockerfile, "image/note": `${process.pid} ${Date.now()}` });
  const images: string[] = [];
  t.after(() => promisify(execFile)("docker", ["rmi", ...images]).catch(() => undefined));
  const deploy = async () => {
    const { code, stdout, stderr } = await tandem(["deploy", app.file, "--stack", "mine", "--json"], cloud.environment);
    assert.equal(code, 0, stderr);
    const lines = jsonLines(stdout);
    const pushed = lines.find(({ step, reference }) => step === "image" && reference !== undefined);
    const tag =
      String(pushed?.["reference"] ?? "")
        .split(":")
        .at(-1) ?? "";
    if (pushed) images.push(`tandem-app/my-app/work:${tag}`);
    return { result: lines.at(-1) as { changed: boolean; outputs: Record<string, string> }, pushed: pushed !== undefined };
  };

  const first = await deploy();
  assert.ok(first.pushed && first.result.changed);
  const Bucket = first.result.outputs["BucketName"] ?? "";
  assert.match(Bucket, /^bucket-[0-9a-f]{12}$/);
  const { imageDetails } = await new ECRClient(cloud.client).send(new DescribeImagesCommand({ repositoryName: "my-app/work" }));
  assert.equal(imageDetails?.length, 1);

  const second = await deploy();
  assert.deepEqual([second.pushed, second.result.changed, second.result.outputs["BucketName"]], [false, false, Bucket]);

  await writeFile(join(app.folder, "image", "note"), `changed ${process.pid} ${Date.now()}`);
  const third = await deploy();
  assert.deepEqual([third.pushed, third.result.changed, third.result.outputs["BucketName"]], [true, true, Bucket]);

  await new S3Client({ ...cloud.client, forcePathStyle: true }).send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  const full = await tandem(["destroy", "mine"], cloud.environment);
  assert.match(full.stderr, /ended in DELETE_FAILED[^]*not empty[^]*--empty-buckets/);
  const gone = await tandem(["destroy", "mine", "--empty-buckets"], cloud.environment);
  assert.match(gone.stdout, /removed 1 objects[^]*mine is gone\./);
  assert.match((await tandem(["destroy", "mine"], cloud.environment)).stderr, /There is no stack mine/);
});

test("a Dockerfile that fails is told with the builder's own words, and nothing is deployed", async () => {
  await using cloud = await newCloud();
  await using app = await newApp(source, { "image/Dockerfile": "FROM debian:bookworm-slim\nRUN echo before && exit 3\n" });
  const { code, stderr } = await tandem(["deploy", app.file], cloud.environment);
  assert.equal(code, 1);
  assert.match(stderr, /The image of task "work" could not be built[^]*exit 3[^]*returned a non-zero code: 3/);
  const status = JSON.parse((await tandem(["status", "--json"], cloud.environment)).stdout) as { stacks: unknown[] };
  assert.deepEqual(status.stacks, []);
});

test("a stack that fails is rolled back, and told by its first failure", async () => {
  await using cloud = await newCloud();
  await using app = await newApp('import { Task } from "tandem"; new Task("work", { image: "x", memory: 4, cpu: 256 });');
  const { code, stdout, stderr } = await tandem(["deploy", app.folder], cloud.environment);
  assert.equal(code, 1, stdout);
  assert.match(stderr, /The stack my-app ended in ROLLBACK_COMPLETE\.\nWork \(AWS::ECS::TaskDefinition\): [^]*`tandem destroy my-app`/);
});
