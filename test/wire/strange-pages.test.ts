import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { CreateBucketCommand, ListBucketsCommand, PutBucketCorsCommand, S3Client } from "@aws-sdk/client-s3";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { newCloud } from "../cloud.ts";
import type { TestCloud } from "../cloud.ts";

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string };

/** As a browser sends it: `fetch` would not let a test choose Host and Origin. */
const ask = ({ port }: TestCloud, { method = "POST", path = "/", headers = {}, body = "" }: Sent) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (data: string) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject).end(body);
  });

const form = "application/x-www-form-urlencoded";
const trust = encodeURIComponent(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
);
const createRole = `Action=CreateRole&Version=2010-05-08&RoleName=evil&AssumeRolePolicyDocument=${trust}`;
const evil = { origin: "https://evil.example" };

test("a page of another site can't change anything, by form, by address or by its own name for us", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "mine" }));
  const tries: Sent[] = [
    { headers: { ...evil, "content-type": form }, body: createRole },
    { headers: { origin: "null", "content-type": form }, body: createRole },
    { method: "GET", path: `/?${createRole}`, headers: { "sec-fetch-site": "cross-site" } },
    { headers: { host: "evil.example:4566", origin: "http://evil.example:4566", "content-type": form }, body: createRole },
    { headers: { host: "evil.example:4566", "content-type": form }, body: createRole },
    { path: "/_tandem/reset", headers: evil },
    { path: "/_localstack/state/reset", headers: { "sec-fetch-site": "cross-site" } },
    { path: "/_tandem/reset", headers: { host: "evil.example" } },
    { path: "/v2/app/blobs/uploads/", headers: evil },
    { method: "PUT", path: "/mine/key", headers: evil, body: "x" },
    { path: "/2015-03-31/functions/any/invocations", headers: { ...evil, "content-type": "text/plain" }, body: "{}" },
  ];
  for (const sent of tries) {
    const { status, text } = await ask(cloud, sent);
    assert.equal(status, 403, JSON.stringify(sent));
    assert.match(text, /A page of another site may not change anything|This cloud is not known as/);
  }
  assert.deepEqual((await new IAMClient(cloud.client).send(new ListRolesCommand({}))).Roles, []);
  assert.equal((await s3.send(new ListBucketsCommand({}))).Buckets?.length, 1);
});

test("pages of this machine, tools that name no origin and the origins of a bucket's rules are let in", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "mine" }));
  await s3.send(
    new PutBucketCorsCommand({
      Bucket: "mine",
      CORSConfiguration: { CORSRules: [{ AllowedMethods: ["PUT"], AllowedOrigins: ["https://app.example"] }] },
    }),
  );
  const put = { method: "PUT", path: "/mine/key", body: "x" };
  const taken: Sent[] = [
    { ...put, headers: { origin: "https://app.example" } },
    { ...put, headers: { origin: "http://localhost:3000", "sec-fetch-site": "cross-site" } },
    { ...put, headers: { origin: `http://127.0.0.1:${cloud.port}`, "sec-fetch-site": "same-origin" } },
    { ...put, path: "/key", headers: { host: "mine.s3.us-east-1.amazonaws.com" } },
    ...["localhost.localstack.cloud:4566", "s3.localhost", "tandem:4566", "[::1]:4566", "host.docker.internal:4566"].map((host) => ({
      ...put,
      headers: { host },
    })),
    { method: "GET", path: "/mine/key", headers: { ...evil, "sec-fetch-site": "cross-site" } },
  ];
  for (const sent of taken) {
    const { status, text } = await ask(cloud, sent);
    assert.equal(status, 200, `${JSON.stringify(sent)}: ${text}`);
  }
});

test("with --auth signatures decide under any name, and reset is still for no page of elsewhere", async () => {
  await using cloud = await newCloud({ engine: "memory", auth: true });
  const named = { host: "cloud.example.com" };
  assert.doesNotMatch((await ask(cloud, { headers: { ...named, "content-type": form }, body: createRole })).text, /not known as/);
  assert.equal((await ask(cloud, { path: "/_tandem/reset", headers: evil })).status, 403);
  assert.equal(
    (await ask(cloud, { path: "/_tandem/reset", headers: { host: "evil.example", origin: "http://evil.example" } })).status,
    403,
  );
});
