import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, GetBucketCorsCommand, PutBucketCorsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";

const Bucket = "pages";

test("a bucket's rules decide what pages of other sites may do", async () => {
  await using cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const ask = (method: string, headers: Record<string, string>) => fetch(`${cloud.endpoint}/${Bucket}/k`, { method, headers });
  const preflight = (origin: string, wanted: string, headers = "content-type") =>
    ask("OPTIONS", { origin, "access-control-request-method": wanted, "access-control-request-headers": headers });
  assert.match(
    await (await preflight("https://app.example", "PUT")).text(),
    /<Code>AccessForbidden<.*CORS is not enabled for this bucket/s,
  );
  const CORSRules = [
    {
      AllowedMethods: ["GET", "PUT"],
      AllowedOrigins: ["https://*.example"],
      AllowedHeaders: ["content-*", "x-amz-*"],
      ExposeHeaders: ["ETag"],
      MaxAgeSeconds: 600,
    },
  ];
  await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  assert.deepEqual((await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules);
  const allowed = await preflight("https://app.example", "PUT", "Content-Type, x-amz-meta-a");
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://app.example");
  assert.equal(allowed.headers.get("access-control-allow-methods"), "GET, PUT");
  assert.equal(allowed.headers.get("access-control-allow-headers"), "content-type, x-amz-meta-a");
  assert.equal(allowed.headers.get("access-control-max-age"), "600");
  for (const refused of [
    preflight("https://app.evil", "PUT"),
    preflight("https://app.example", "DELETE"),
    preflight("https://app.example", "PUT", "authorization"),
  ])
    assert.equal((await refused).status, 403);
  const got = await ask("GET", { origin: "https://app.example" });
  assert.deepEqual([await got.text(), got.headers.get("access-control-expose-headers")], ["x", "ETag"]);
  const missing = await fetch(`${cloud.endpoint}/${Bucket}/absent`, { headers: { origin: "https://app.example" } });
  assert.deepEqual([missing.status, missing.headers.get("access-control-allow-origin")], [404, "https://app.example"]);
  assert.equal((await ask("GET", { origin: "https://app.evil" })).headers.get("access-control-allow-origin"), null);
  const wild = { AllowedMethods: ["GET"], AllowedOrigins: ["*.*"] };
  await assert.rejects(client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [wild] } })), {
    name: "InvalidRequest",
    message: 'AllowedOrigin "*.*" can not have more than one wildcard.',
  });
});
