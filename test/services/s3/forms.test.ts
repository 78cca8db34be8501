import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { programs, run } from "../../programs.ts";

let cloud: TestCloud;
let s3: S3Client;
const Bucket = "forms";

before(async () => {
  cloud = await newCloud();
  s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(async () => {
  s3.destroy();
  await cloud[Symbol.asyncDispose]();
});

const send = async (fields: Record<string, string>, file?: { name: string; bytes: Uint8Array }) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append("file", new Blob([Buffer.from(file.bytes)]), file.name);
  const answer = await fetch(`${cloud.endpoint}/${Bucket}`, { method: "POST", body: form, redirect: "manual" });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] };
};

const file = { name: "C:\\pictures\\pic ä.png", bytes: Buffer.alloc(300_000, "0123456789\r\n--") };

/** What boto3 gives a page, in both versions of signatures. */
const presign = async (conditions: string, version: "s3" | "s3v4") => {
  const program = `
import json, boto3
from botocore.config import Config
s3 = boto3.client("s3", config=Config(signature_version="${version}"))
fields = {"Content-Type": "image/png", "x-amz-meta-by": "me", "success_action_status": "201"}
conditions = [["starts-with", "$key", "up/"], {"Content-Type": "image/png"}, {"x-amz-meta-by": "me"}, {"success_action_status": "201"}, ${conditions}]
print(json.dumps(s3.generate_presigned_post("${Bucket}", "up/\${filename}", Fields=fields, Conditions=conditions)["fields"]))`;
  return JSON.parse(await run(programs.python, ["-c", program], cloud.environment)) as Record<string, string>;
};

test("a page uploads a file by the form that boto3 presigned", async () => {
  for (const version of ["s3", "s3v4"] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other says which failed
    const fields = await presign('["content-length-range", 1, 400000]', version);
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(fields, file);
    assert.equal(answer.status, 201, answer.text);
    assert.match(answer.text, /<PostResponse><Location>http:.*<\/Location><Bucket>forms<\/Bucket><Key>up\/pic ä\.png<\/Key><ETag>/);
    // oxlint-disable-next-line no-await-in-loop
    const { Body, ContentType, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key: "up/pic ä.png" }));
    assert.deepEqual([ContentType, Metadata], ["image/png", { by: "me" }]);
    // oxlint-disable-next-line no-await-in-loop
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(file.bytes));
  }
});

test("a form that its policy does not allow is refused, and nothing of it is kept", async () => {
  const fields = await presign('["content-length-range", 1, 1000]', "s3v4");
  assert.equal((await send(fields, file)).code, "EntityTooLarge");
  assert.equal((await send(fields, { ...file, bytes: Buffer.alloc(0) })).code, "EntityTooSmall");
  const changed = await send({ ...fields, key: "elsewhere" }, file);
  assert.deepEqual([changed.status, changed.code], [403, "AccessDenied"]);
  assert.match(
    changed.text,
    /Invalid according to Policy: Policy Condition failed: \[&quot;starts-with&quot;, &quot;\$key&quot;, &quot;up\/&quot;\]/,
  );
  assert.match((await send({ ...fields, "x-amz-meta-other": "1" }, file)).text, /Extra input fields: x-amz-meta-other/);
  const policy = Buffer.from(JSON.stringify({ expiration: "2020-01-01T00:00:00Z", conditions: [] })).toString("base64");
  assert.match((await send({ key: "old", policy }, file)).text, /Invalid according to Policy: Policy expired\./);
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "old" })), { name: "NotFound" });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "elsewhere" })), { name: "NotFound" });
});

test("a form says which answer it wants", async () => {
  assert.equal((await send({ key: "plain" }, file)).status, 204);
  assert.equal((await send({ key: "plain", success_action_status: "200" }, file)).status, 200);
  const moved = await send({ key: "plain", success_action_redirect: "http://example.com/done?a=1" }, file);
  assert.equal(moved.status, 303);
  assert.match(moved.headers.get("location") ?? "", /^http:\/\/example\.com\/done\?a=1&bucket=forms&key=plain&etag=%22[0-9a-f]{32}%22$/);
});

test("a POST that is no form, or has no file or key, is told what it lacks", async () => {
  const plain = await fetch(`${cloud.endpoint}/${Bucket}`, { method: "POST", body: "x" });
  assert.equal(plain.status, 412);
  assert.match(await plain.text(), /<Condition>Bucket POST must be of the enclosure-type multipart\/form-data<\/Condition>/);
  assert.match((await send({ key: "a" })).text, /POST requires exactly one file upload per request\./);
  assert.match(
    (await send({}, file)).text,
    /Bucket POST must contain a field named &apos;key&apos;|Bucket POST must contain a field named 'key'/,
  );
});

test("a form to a bucket that is not there leaves the connection usable", async () => {
  const form = new FormData();
  form.append("key", "a");
  form.append("file", new Blob([Buffer.alloc(500_000)]), "a");
  const answer = await fetch(`${cloud.endpoint}/not-there`, { method: "POST", body: form });
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /NoSuchBucket/);
  assert.equal((await send({ key: "after" }, file)).status, 204);
});
