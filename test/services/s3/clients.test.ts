import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud, temporaryFolder } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { programs, run } from "../../programs.ts";

const Bucket = "clients";

const newBucket = async () => {
  const cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  const folder = await temporaryFolder();
  return {
    cloud,
    client,
    folder,
    [Symbol.asyncDispose]: async () => {
      await cloud[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Each `aws` with its endpoint named the way it knows. */
const commands = (cloud: TestCloud) => [
  { name: "old", aws: (...args: string[]) => run(programs.oldAws, [...args, "--endpoint-url", cloud.endpoint], cloud.environment) },
  { name: "new", aws: (...args: string[]) => run(programs.newAws, args, cloud.environment) },
];

test("boto3 transfers 30 MB in parts, up and down", async () => {
  await using place = await newBucket();
  const script = `
import boto3, hashlib, os, sys
from boto3.s3.transfer import TransferConfig
bucket, path = sys.argv[1:]
data = os.urandom(30 * 1024 * 1024)
open(path, "wb").write(data)
s3 = boto3.client("s3")
s3.upload_file(path, bucket, "folder/thirty megabytes", Config=TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20))
s3.download_file(bucket, "folder/thirty megabytes", path + ".back")
assert open(path + ".back", "rb").read() == data
head = s3.head_object(Bucket=bucket, Key="folder/thirty megabytes")
assert head["ETag"].endswith('-4"'), head["ETag"]
resource = boto3.resource("s3")
assert [each.key for each in resource.Bucket(bucket).objects.all()] == ["folder/thirty megabytes"]
print(head["ContentLength"])
`;
  const printed = await run(programs.python, ["-c", script, Bucket, join(place.folder, "data")], place.cloud.environment);
  assert.equal(printed.trim(), String(30 * 1024 * 1024));
});

test("both aws commands copy, list, synchronise, presign and remove", async () => {
  await using place = await newBucket();
  for (const { name, aws } of commands(place.cloud)) {
    const source = join(place.folder, name);
    const large = randomBytes(9_000_000);
    await mkdir(join(source, "deep"), { recursive: true });
    await writeFile(join(source, "a file.txt"), "some text");
    await writeFile(join(source, "deep", "large"), large);
    await aws("s3", "mb", `s3://${Bucket}-${name}`);
    await aws("s3", "cp", join(source, "a file.txt"), `s3://${Bucket}-${name}/a file.txt`);
    assert.match(await aws("s3", "ls", `s3://${Bucket}-${name}/`), / 9 a file\.txt/);
    await aws("s3", "sync", source, `s3://${Bucket}-${name}/copy`);
    assert.equal(await aws("s3", "sync", source, `s3://${Bucket}-${name}/copy`), "", "a second sync finds nothing to do");
    await aws("s3", "cp", `s3://${Bucket}-${name}/copy/deep/large`, join(source, "back"));
    assert.deepEqual(await readFile(join(source, "back")), large);
    await aws("s3", "mv", `s3://${Bucket}-${name}/a file.txt`, `s3://${Bucket}-${name}/moved.txt`);
    const url = (await aws("s3", "presign", `s3://${Bucket}-${name}/moved.txt`)).trim();
    assert.equal(await run("curl", ["-sSf", url], {}), "some text");
    await aws("s3", "rm", `s3://${Bucket}-${name}`, "--recursive");
    await aws("s3", "rb", `s3://${Bucket}-${name}`);
    await assert.rejects(aws("s3", "ls", `s3://${Bucket}-${name}`), /NoSuchBucket/);
  }
});

test("curl puts and gets with presigned URLs, in the path and in the host", async () => {
  await using place = await newBucket();
  const script = `
import boto3, sys
from botocore.config import Config
bucket, style = sys.argv[1:]
s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": style}))
for method in ["put_object", "get_object"]:
    print(s3.generate_presigned_url(method, Params={"Bucket": bucket, "Key": "päth/with sign+&.txt"}))
`;
  for (const style of ["path", "virtual"]) {
    const environment =
      style === "path"
        ? place.cloud.environment
        : { ...place.cloud.environment, AWS_ENDPOINT_URL: `http://s3.localhost:${place.cloud.port}` };
    const [put = "", get = ""] = (await run(programs.python, ["-c", script, Bucket, style], environment)).trim().split("\n");
    const body = `put with ${style} style`;
    const resolve = ["--resolve", `*:${place.cloud.port}:127.0.0.1`];
    await run("curl", ["-sSf", ...resolve, "-X", "PUT", "--data-binary", body, put], {});
    assert.equal(await run("curl", ["-sSf", ...resolve, get], {}), body);
  }
});

test("the SDK reaches buckets by host name", async () => {
  await using place = await newBucket();
  const toLoopback: LookupFunction = (_host, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]);
  const client = new S3Client({
    ...place.cloud.client,
    endpoint: `http://s3.localhost:${place.cloud.port}`,
    requestHandler: { httpAgent: new Agent({ lookup: toLoopback }) },
  });
  await client.send(new PutObjectCommand({ Bucket, Key: "by host", Body: "virtual" }));
  const got = await place.client.send(new GetObjectCommand({ Bucket, Key: "by host" }));
  assert.equal(await got.Body?.transformToString(), "virtual");
});
