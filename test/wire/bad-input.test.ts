import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import type { Handler } from "#wire/context.ts";
import { openGateway } from "./test-gateway.ts";
import type { TestService } from "./test-gateway.ts";

const accept: Handler = async () => ({});

const services: TestService[] = [
  {
    binding: {
      name: "dynamodb",
      signingNames: ["dynamodb"],
      hostNames: ["dynamodb"],
      protocols: ["awsJson1_0"],
      targetPrefix: "DynamoDB_20120810",
    },
    sdk: dynamodb,
    operations: { PutItem: accept, Broken: accept },
  },
  {
    binding: {
      name: "cloudwatch",
      signingNames: ["monitoring"],
      hostNames: ["monitoring"],
      protocols: ["rpcv2Cbor"],
      targetPrefix: "GraniteServiceVersion20100801",
    },
    sdk: cloudwatch,
    operations: { PutMetricData: accept },
  },
  {
    binding: { name: "sns", signingNames: ["sns"], hostNames: ["sns"], protocols: ["awsQuery"], apiVersion: "2010-03-31" },
    sdk: sns,
    operations: { Publish: accept, CreateTopic: () => Promise.reject(new TypeError("a bug with secrets in it")) },
  },
  {
    binding: { name: "lambda", signingNames: ["lambda"], hostNames: ["lambda"], protocols: ["restJson1"], paths: /^\/2015-03-31\// },
    sdk: lambda,
    operations: { CreateFunction: accept, Invoke: accept },
  },
  {
    binding: { name: "s3", signingNames: ["s3"], hostNames: ["s3"], protocols: ["restXml"], isS3: true },
    sdk: s3,
    operations: { DeleteObjects: accept, PutObject: accept, GetObject: accept },
  },
];

type Sent = { path?: string; method?: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> };

const exchange = async (endpoint: string, { path = "/", method = "POST", headers = {}, body }: Sent) => {
  const response = await fetch(endpoint + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, text: await response.text(), headers: response.headers };
};

const target = (operation: string) => ({ "x-amz-target": `DynamoDB_20120810.${operation}`, "content-type": "application/x-amz-json-1.0" });

test("a malformed or mistyped JSON body is a SerializationException", async () => {
  await using gateway = await openGateway(services);
  const bodies = [
    "{",
    "[]",
    '"text"',
    '{"TableName": 5}',
    '{"TableName": {"a": 1}}',
    '{"TableName": "t", "Item": []}',
    '{"TableName":"t","Item":{"a":{"B":7}}}',
    "\u0000\xff",
  ];
  for (const body of bodies) {
    const answer = await exchange(gateway.endpoint, { headers: target("PutItem"), body });
    assert.equal(answer.status, 400, body);
    assert.match(answer.text, /"__type":"SerializationException"/, body);
  }
});

test("a JSON document of any depth is refused, not followed", async () => {
  await using gateway = await openGateway(services);
  const depth = 50_000;
  const body = `{"TableName":"t","Item":{"a":${'{"L":['.repeat(depth)}${"]}".repeat(depth)}}}`;
  const answer = await exchange(gateway.endpoint, { headers: target("PutItem"), body });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /SerializationException/);
});

test("a missing member is named, an unknown operation and an unknown target are refused by name", async () => {
  await using gateway = await openGateway(services);
  const missing = await exchange(gateway.endpoint, { headers: target("PutItem"), body: '{"Item":{}}' });
  assert.match(
    missing.text,
    /1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null/,
  );
  const unbuilt = await exchange(gateway.endpoint, { headers: target("Query"), body: '{"TableName":"t"}' });
  assert.equal(unbuilt.status, 501);
  assert.match(unbuilt.text, /The operation Query of dynamodb is not implemented/);
  const unknown = await exchange(gateway.endpoint, { headers: target("Nonsense"), body: "{}" });
  assert.match(unknown.text, /UnknownOperationException/);
  const elsewhere = await exchange(gateway.endpoint, { headers: { "x-amz-target": "Kinesis_20131202.PutRecord" }, body: "{}" });
  assert.equal(elsewhere.status, 501);
  assert.match(elsewhere.text, /PutRecord of Kinesis_20131202/);
});

test("malformed CBOR is a SerializationException in CBOR", async () => {
  await using gateway = await openGateway(services);
  const path = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
  for (const body of [
    new Uint8Array([0xff, 0xff]),
    new Uint8Array([0xbf, 0x61]),
    new Uint8Array([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    new Uint8Array([0x05]),
  ]) {
    const answer = await exchange(gateway.endpoint, {
      path,
      headers: { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" },
      body,
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("smithy-protocol"), "rpc-v2-cbor");
    assert.match(answer.text, /SerializationException/);
  }
});

test("a form with a wrong number, a missing member or no action is refused", async () => {
  await using gateway = await openGateway(services);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const wrong = await exchange(gateway.endpoint, { headers, body: "Action=Publish&Version=2010-03-31" });
  assert.match(wrong.text, /<Code>ValidationError<\/Code>/);
  const deep = await exchange(gateway.endpoint, { headers, body: `Action=Publish&Version=2010-03-31&Message=m&${"a.".repeat(5_000)}b=1` });
  assert.equal(deep.status, 200);
  const bug = await exchange(gateway.endpoint, { headers, body: "Action=CreateTopic&Version=2010-03-31&Name=n" });
  assert.equal(bug.status, 500);
  assert.match(bug.text, /InternalFailure/);
  assert.doesNotMatch(bug.text, /secrets/);
  assert.equal(gateway.errors.length, 1);
});

test("malformed XML and entities are refused as MalformedXML", async () => {
  await using gateway = await openGateway(services);
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>`;
  for (const body of ["<Delete><Object>", "not xml", bomb, "<a>".repeat(10_000)]) {
    const answer = await exchange(gateway.endpoint, { path: "/bucket?delete", body });
    assert.equal(answer.status, 400, body.slice(0, 20));
    assert.match(answer.text, /<Code>MalformedXML<\/Code>/);
  }
});

test("a body that does not match its stated checksum is refused", async () => {
  await using gateway = await openGateway(services);
  const body = "<Delete><Object><Key>k</Key></Object></Delete>";
  const send = (headers: Record<string, string>) => exchange(gateway.endpoint, { path: "/bucket?delete", headers, body });
  assert.match((await send({ "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" })).text, /<Code>BadDigest<\/Code>/);
  assert.match((await send({ "content-md5": "nonsense" })).text, /<Code>InvalidDigest<\/Code>/);
  assert.match((await send({ "x-amz-checksum-crc32": "AAAAAA==" })).text, /The CRC32 you specified did not match/);
  assert.match((await send({ "x-amz-content-sha256": "0".repeat(64) })).text, /XAmzContentSHA256Mismatch/);
});

test("a gzip bomb ends at the limit, and broken gzip is refused", async () => {
  await using gateway = await openGateway(services);
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 << 20)));
  const headers = { ...target("PutItem"), "content-encoding": "gzip" };
  assert.equal((await exchange(gateway.endpoint, { headers, body: bomb })).status, 413);
  assert.match((await exchange(gateway.endpoint, { headers, body: "not gzip" })).text, /SerializationException/);
  const fine = new Uint8Array(gzipSync('{"TableName":"t","Item":{}}'));
  assert.equal((await exchange(gateway.endpoint, { headers, body: fine })).status, 200);
});

test("header floods, broken requests and half-open connections leave the gateway up", async () => {
  await using gateway = await openGateway(services);
  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = "";
      const socket = connect(gateway.port, "127.0.0.1", () => socket.write(text));
      socket.on("data", (data) => (answer += data.toString()));
      socket.on("error", () => resolve(answer));
      socket.on("close", () => resolve(answer));
    });
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: x\r\n${"a: ".padEnd(40_000, "b")}\r\n\r\n`), /^HTTP\/1\.1 431/);
  assert.match(await raw("NONSENSE\r\n\r\n"), /^HTTP\/1\.1 400/);
  assert.match(
    await raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    /^HTTP\/1\.1 400/,
  );
  const half = connect(gateway.port, "127.0.0.1", () => half.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc"));
  await new Promise((resolve) => half.once("connect", resolve));
  half.destroy();
  assert.equal((await exchange(gateway.endpoint, { headers: target("PutItem"), body: '{"TableName":"t","Item":{}}' })).status, 200);
  assert.deepEqual(gateway.errors, []);
});

test("any method and path has an answer", async () => {
  await using gateway = await openGateway(services);
  for (const path of [
    "/2015-03-31/functions/%00/invocations",
    "/2015-03-31/functions",
    "/%ff%fe",
    "/a/..%2f..%2fetc/passwd",
    "//",
    "/?acl&acl=1&x-id=",
  ])
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
      const answer = await exchange(gateway.endpoint, { path, method });
      assert.notEqual(answer.status, 500, `${method} ${path}: ${answer.text}`);
    }
});
