import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";

const Bucket = "wrong-uses";

const newBucket = async () => {
  const cloud = await newCloud();
  const client = new sdk.S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new sdk.CreateBucketCommand({ Bucket }));
  await client.send(new sdk.PutObjectCommand({ Bucket, Key: "ten", Body: "0123456789" }));
  /** A request that no SDK would send. */
  const ask = async (method: string, path: string, { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {}) => {
    const answer = await fetch(`${cloud.endpoint}/${Bucket}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    return {
      status: answer.status,
      code: /<Code>(.*?)<\/Code>/.exec(text)?.[1],
      message: /<Message>(.*?)<\/Message>/.exec(text)?.[1],
      text,
    };
  };
  return { cloud, client, ask, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
};

test("a body that is not what its checksums say is refused, and nothing of it is kept", async () => {
  await using place = await newBucket();
  const put = (headers: Record<string, string>) => place.ask("PUT", "/bad", { headers, body: "something" });
  assert.deepEqual((await put({ "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" })).code, "BadDigest");
  assert.deepEqual((await put({ "content-md5": "nonsense" })).code, "InvalidDigest");
  assert.deepEqual((await put({ "x-amz-checksum-crc32": "AAAAAA==" })).code, "BadDigest");
  assert.deepEqual((await put({ "x-amz-checksum-crc32": "AA" })).code, "InvalidRequest");
  assert.deepEqual((await put({ "x-amz-content-sha256": "0".repeat(64) })).code, "XAmzContentSHA256Mismatch");
  const large = await place.ask("PUT", "/bad", { headers: { "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" }, body: "x".repeat(300_000) });
  assert.deepEqual([large.status, large.code], [400, "BadDigest"]);
  assert.equal((await place.ask("GET", "/bad")).code, "NoSuchKey");
});

test("XML that is malformed, of another shape, or a bomb is refused", async () => {
  await using place = await newBucket();
  const bomb = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>`;
  for (const body of ["<Delete><Object>", "not xml", "<Delete></Delete>", bomb, "<a>".repeat(1000) + "</a>".repeat(1000)]) {
    const answer = await place.ask("POST", "?delete", { body });
    assert.deepEqual([answer.status, answer.code], [400, "MalformedXML"], body.slice(0, 40));
  }
});

test("ranges and conditions that do not hold are answered as HTTP and AWS have it", async () => {
  await using place = await newBucket();
  const { client, ask } = place;
  const beyond = client.send(new sdk.GetObjectCommand({ Bucket, Key: "ten", Range: "bytes=10-" }));
  await assert.rejects(beyond, { name: "InvalidRange", message: "The requested range is not satisfiable" });
  assert.equal((await ask("GET", "/ten", { headers: { range: "bytes=2-4" } })).text, "234");
  assert.equal((await ask("GET", "/ten", { headers: { range: "bytes=4-2" } })).text, "0123456789");
  assert.equal((await ask("GET", "/ten", { headers: { range: "bytes=8-100" } })).text, "89");
  const { ETag } = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: "ten" }));
  assert.equal((await ask("GET", "/ten", { headers: { "if-none-match": ETag ?? "" } })).status, 304);
  assert.equal((await ask("GET", "/ten", { headers: { "if-match": '"other"' } })).status, 412);
  const create = () => client.send(new sdk.PutObjectCommand({ Bucket, Key: "once", Body: "x", IfNoneMatch: "*" }));
  await create();
  await assert.rejects(create(), {
    name: "PreconditionFailed",
    message: "At least one of the pre-conditions you specified did not hold",
  });
  const swap = (IfMatch: string, Key = "ten") => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: "new", IfMatch }));
  await assert.rejects(swap('"other"'), { name: "PreconditionFailed" });
  await assert.rejects(swap('"other"', "absent"), { name: "NoSuchKey" });
  await swap(ETag ?? "");
});

test("of writers that race with If-None-Match one wins", async () => {
  await using place = await newBucket();
  const races = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      place.client.send(new sdk.PutObjectCommand({ Bucket, Key: "race", Body: String(index), IfNoneMatch: "*" })),
    ),
  );
  assert.equal(races.filter(({ status }) => status === "fulfilled").length, 1);
});

test("names that are not there, and requests that no operation has", async () => {
  await using place = await newBucket();
  const { client, cloud } = place;
  const missing = { Bucket: "not-there", Key: "k" };
  await assert.rejects(client.send(new sdk.GetObjectCommand(missing)), {
    name: "NoSuchBucket",
    message: "The specified bucket does not exist",
  });
  await assert.rejects(client.send(new sdk.PutObjectCommand({ ...missing, Body: "x" })), { name: "NoSuchBucket" });
  await assert.rejects(client.send(new sdk.HeadBucketCommand(missing)), { name: "NotFound" });
  await assert.rejects(client.send(new sdk.GetObjectCommand({ Bucket, Key: "ten", VersionId: "abc" })), {
    name: "InvalidArgument",
    message: "Invalid version id specified",
  });
  await assert.rejects(client.send(new sdk.CopyObjectCommand({ Bucket, Key: "ten", CopySource: `${Bucket}/ten` })), {
    name: "InvalidRequest",
    message: /^This copy request is illegal because it is trying to copy an object to itself/,
  });
  await assert.rejects(client.send(new sdk.CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/absent` })), {
    name: "NoSuchKey",
  });
  const patch = await fetch(`${cloud.endpoint}/${Bucket}/ten`, { method: "PATCH" });
  assert.equal(patch.status, 405);
});

test("metadata and lists of keys beyond the limits are refused", async () => {
  await using place = await newBucket();
  const { client } = place;
  const metadata = new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x", Metadata: { long: "x".repeat(2100) } });
  await assert.rejects(client.send(metadata), {
    name: "MetadataTooLarge",
    message: "Your metadata headers exceed the maximum allowed metadata size",
  });
  const Objects = Array.from({ length: 1001 }, (_, index) => ({ Key: `k${index}` }));
  await assert.rejects(client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } })), { name: "MalformedXML" });
  const quiet = await client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "ten" }] } }));
  assert.deepEqual([quiet.Deleted, quiet.Errors], [undefined, undefined]);
});

test("an upload that breaks off leaves nothing, and the cloud goes on", async () => {
  await using place = await newBucket();
  await new Promise<void>((resolve, reject) => {
    const socket = connect(place.cloud.port, "127.0.0.1", () => {
      socket.write(`PUT /${Bucket}/broken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`);
      setTimeout(() => socket.destroy(), 50);
    });
    socket.once("error", reject).once("close", () => resolve());
  });
  await assert.rejects(place.client.send(new sdk.HeadObjectCommand({ Bucket, Key: "broken" })), { name: "NotFound" });
});

test("a presigned URL carries headers in its query, but no checksum of a body that it did not know", async () => {
  await using place = await newBucket();
  const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${at.slice(0, 8)}%2Fus-east-1%2Fs3%2Faws4_request`;
  const algorithm = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${at}&X-Amz-Expires=600&X-Amz-SignedHeaders=host`;
  const signed = `${algorithm}&X-Amz-Credential=test%2F${scope}&X-Amz-Signature=0`;
  const put = await place.ask(
    "PUT",
    `/signed?${signed}&x-amz-meta-colour=red&x-amz-storage-class=STANDARD_IA&x-amz-checksum-crc32=AAAAAA%3D%3D`,
    {
      body: "content",
    },
  );
  assert.equal(put.status, 200, put.text);
  const head = await place.client.send(new sdk.HeadObjectCommand({ Bucket, Key: "signed" }));
  assert.deepEqual([head.Metadata, head.StorageClass], [{ colour: "red" }, "STANDARD_IA"]);
});
