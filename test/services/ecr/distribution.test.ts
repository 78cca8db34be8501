import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { newCloud } from "../../cloud.ts";
import { newImage, pushBlob, pushImage, putManifest, sha256 } from "./pushes.ts";

const codeOf = async (answer: Response) => ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code;

test("the registry says its version, and what it does not know in the specification's words", async () => {
  await using cloud = await newCloud();
  const version = await fetch(`${cloud.endpoint}/v2/`);
  assert.equal(version.status, 200);
  assert.equal(version.headers.get("docker-distribution-api-version"), "registry/2.0");
  const unknown = await fetch(`${cloud.endpoint}/v2/nothing/manifests/latest`);
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), {
    errors: [
      {
        code: "NAME_UNKNOWN",
        message: "The repository with name 'nothing' does not exist in the registry with id '000000000000'",
        detail: null,
      },
    ],
  });
  await pushImage(cloud.endpoint, "app", "1");
  assert.equal(await codeOf(await fetch(`${cloud.endpoint}/v2/app/manifests/2`)), "MANIFEST_UNKNOWN");
  assert.equal(await codeOf(await fetch(`${cloud.endpoint}/v2/app/blobs/${sha256("x")}`)), "BLOB_UNKNOWN");
  assert.equal(await codeOf(await fetch(`${cloud.endpoint}/v2/App/tags/list`)), "NAME_INVALID");
  assert.equal(await codeOf(await fetch(`${cloud.endpoint}/v2/app/blobs/sha256:short`)), "DIGEST_INVALID");
  assert.equal((await fetch(`${cloud.endpoint}/v2/app/blobs/uploads/none`, { method: "PATCH", body: "x" })).status, 404);
  assert.equal((await fetch(`${cloud.endpoint}/v2/..%2f..%2fetc/blobs/uploads/`, { method: "POST" })).status, 400);
});

test("a blob comes back whole, by head and by range", async () => {
  await using cloud = await newCloud();
  const blob = randomBytes(300_000);
  const pushed = await pushBlob(cloud.endpoint, "app", blob);
  assert.equal(pushed.status, 201);
  const url = `${cloud.endpoint}${pushed.headers.get("location")}`;
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "300000");
  assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), blob);
  const part = await fetch(url, { headers: { range: "bytes=100000-100009" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), "bytes 100000-100009/300000");
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), blob.subarray(100_000, 100_010));
  assert.equal((await fetch(url, { headers: { range: "bytes=300000-" } })).status, 416);
});

test("an upload in chunks goes on where it stands, and refuses a chunk out of order", async () => {
  await using cloud = await newCloud();
  const blob = randomBytes(50_000);
  const begun = await fetch(`${cloud.endpoint}/v2/app/blobs/uploads/`, { method: "POST" });
  assert.equal(begun.status, 202);
  const url = `${cloud.endpoint}${begun.headers.get("location")}`;
  const patch = (from: number, to: number) =>
    fetch(url, { method: "PATCH", headers: { "content-range": `${from}-${to - 1}` }, body: blob.subarray(from, to) });
  assert.equal((await patch(0, 20_000)).headers.get("range"), "0-19999");
  assert.equal((await patch(30_000, 40_000)).status, 416);
  assert.equal((await fetch(url)).headers.get("range"), "0-19999");
  assert.equal((await patch(20_000, 40_000)).status, 202);
  const end = await fetch(`${url}?digest=${sha256(blob)}`, { method: "PUT", body: blob.subarray(40_000) });
  assert.equal(end.status, 201);
  assert.deepEqual(Buffer.from(await (await fetch(`${cloud.endpoint}${end.headers.get("location")}`)).arrayBuffer()), blob);
  assert.equal((await fetch(url)).status, 404);
});

test("content that is not what its digest says is refused and forgotten", async () => {
  await using cloud = await newCloud();
  const wrong = await pushBlob(cloud.endpoint, "app", Buffer.from("this"), sha256("that"));
  assert.equal(wrong.status, 400);
  assert.equal(await codeOf(wrong), "DIGEST_INVALID");
  assert.equal((await fetch(`${cloud.endpoint}/v2/app/blobs/${sha256("that")}`)).status, 404);
  assert.equal((await fetch(`${cloud.endpoint}/v2/app/blobs/${sha256("this")}`)).status, 404);
  const { manifest, blobs } = newImage();
  for (const blob of blobs) await pushBlob(cloud.endpoint, "app", blob);
  assert.equal(await codeOf(await putManifest(cloud.endpoint, "app", sha256("other"), manifest)), "DIGEST_INVALID");
});

test("a manifest needs what it names", async () => {
  await using cloud = await newCloud();
  const image = newImage();
  const missing = await putManifest(cloud.endpoint, "app", "1", image.manifest);
  assert.equal(missing.status, 400);
  assert.equal(await codeOf(missing), "MANIFEST_BLOB_UNKNOWN");
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: image.digest, size: image.manifest.length }],
  });
  assert.equal(await codeOf(await putManifest(cloud.endpoint, "app", "all", index)), "MANIFEST_BLOB_UNKNOWN");
  await pushImage(cloud.endpoint, "app", "1", image);
  assert.equal((await putManifest(cloud.endpoint, "app", "all", index)).status, 201);
  const back = await fetch(`${cloud.endpoint}/v2/app/manifests/all`);
  assert.equal(back.headers.get("docker-content-digest"), sha256(index));
  assert.equal(await back.text(), index);
  const named = await fetch(`${cloud.endpoint}/v2/app/manifests/${image.digest}`, { method: "DELETE" });
  assert.equal(named.status, 403);
  for (const broken of ['{"mediaType":"x"}', '{"schemaVersion":1}', "[]", "{"])
    assert.equal(
      await codeOf(await fetch(`${cloud.endpoint}/v2/app/manifests/x`, { method: "PUT", body: broken })),
      "MANIFEST_INVALID",
      broken,
    );
});

test("a blob is mounted from another repository without sending it again", async () => {
  await using cloud = await newCloud();
  const blob = randomBytes(100);
  await pushBlob(cloud.endpoint, "one", blob);
  const mounted = await fetch(`${cloud.endpoint}/v2/two/blobs/uploads/?mount=${sha256(blob)}&from=one`, { method: "POST" });
  assert.equal(mounted.status, 201);
  assert.equal((await fetch(`${cloud.endpoint}/v2/two/blobs/${sha256(blob)}`)).status, 200);
  const unknown = await fetch(`${cloud.endpoint}/v2/two/blobs/uploads/?mount=${sha256("x")}&from=one`, { method: "POST" });
  assert.equal(unknown.status, 202);
});

test("tags and the catalogue come in pages, referrers by their type", async () => {
  await using cloud = await newCloud();
  const image = await pushImage(cloud.endpoint, "app", "a");
  for (const tag of ["b", "c"]) await putManifest(cloud.endpoint, "app", tag, image.manifest);
  await pushImage(cloud.endpoint, "lib/base", "1");
  const first = await fetch(`${cloud.endpoint}/v2/app/tags/list?n=2`);
  assert.deepEqual(await first.json(), { name: "app", tags: ["a", "b"] });
  assert.equal(first.headers.get("link"), '</v2/app/tags/list?n=2&last=b>; rel="next"');
  assert.deepEqual(await (await fetch(`${cloud.endpoint}/v2/app/tags/list?n=2&last=b`)).json(), { name: "app", tags: ["c"] });
  assert.deepEqual(await (await fetch(`${cloud.endpoint}/v2/_catalog`)).json(), { repositories: ["app", "lib/base"] });
  const subject = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: image.digest, size: image.manifest.length };
  const signature = newImage([randomBytes(10)], { subject, artifactType: "application/x.signature", annotations: { by: "me" } });
  for (const blob of signature.blobs) await pushBlob(cloud.endpoint, "app", blob);
  const pushed = await putManifest(cloud.endpoint, "app", signature.digest, signature.manifest);
  assert.equal(pushed.headers.get("oci-subject"), image.digest);
  const referrers = await fetch(`${cloud.endpoint}/v2/app/referrers/${image.digest}?artifactType=application/x.signature`);
  assert.equal(referrers.headers.get("oci-filters-applied"), "artifactType");
  const { manifests } = (await referrers.json()) as { manifests: { digest: string; annotations: object }[] };
  assert.deepEqual(
    manifests.map(({ digest, annotations }) => ({ digest, annotations })),
    [{ digest: signature.digest, annotations: { by: "me" } }],
  );
});

test("accounts and regions have registries of their own, by host or by the leading part of the name", async () => {
  await using cloud = await newCloud();
  const image = await pushImage(cloud.endpoint, "111111111111.dkr.ecr.eu-west-1/app", "1");
  assert.equal((await fetch(`${cloud.endpoint}/v2/app/manifests/1`)).status, 404);
  const same = await fetch(`${cloud.endpoint}/v2/111111111111.dkr.ecr.eu-west-1/app/manifests/1`);
  assert.equal(same.headers.get("docker-content-digest"), image.digest);
});

test("with authentication a push needs a token and a repository that is there", async () => {
  await using cloud = await newCloud({ auth: true });
  const refused = await fetch(`${cloud.endpoint}/v2/`);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic realm="http:\/\/127.0.0.1:\d+\/",service="ecr.amazonaws.com"$/);
  const wrong = await fetch(`${cloud.endpoint}/v2/`, { headers: { authorization: `Basic ${btoa("AWS:guess")}` } });
  assert.equal(wrong.status, 401);
});

test("bad requests get the specification's errors, and the registry goes on", async () => {
  await using cloud = await newCloud();
  const image = await pushImage(cloud.endpoint, "app", "1");
  const bad: [string, string, number, string?][] = [
    ["GET", "/v2/app/blobs/sha256:../../../../etc/passwd", 404],
    ["GET", `/v2/app/blobs/sha256:${"..%2f".repeat(16)}`, 404],
    ["GET", `/v2/app/blobs/sha256:${"A".repeat(64)}`, 400],
    ["GET", "/v2/%zz/tags/list", 400],
    ["GET", "/v2/app/tags/list?n=-1", 400],
    ["GET", `/v2/${"a/".repeat(200)}a/tags/list`, 400],
    ["PUT", "/v2/app/manifests/bad%20tag", 400, image.manifest],
    ["PUT", "/v2/app/manifests/sha512:00", 400, image.manifest],
    ["PUT", "/v2/app/manifests/2", 400, `{"schemaVersion":2,"config":null,"layers":"no"}`],
    ["PUT", "/v2/app/manifests/2", 413, " ".repeat((4 << 20) + 1)],
    ["POST", "/v2/app/manifests/1", 405],
    ["DELETE", `/v2/app/blobs/${sha256("x")}`, 405],
    ["PATCH", "/v2/app/blobs/uploads/", 405],
    ["PUT", `/v2/app/blobs/uploads/none?digest=${sha256("x")}`, 404],
    ["GET", "/v2/app/referrers/none", 400],
  ];
  for (const [method, path, status, body] of bad) {
    const answer = await fetch(`${cloud.endpoint}${path}`, { method, ...(body === undefined ? {} : { body }) });
    assert.equal(answer.status, status, `${method} ${path.slice(0, 80)}: ${(await answer.text()).slice(0, 200)}`);
  }
  assert.equal((await fetch(`${cloud.endpoint}/v2/app/manifests/1`)).status, 200);
});
