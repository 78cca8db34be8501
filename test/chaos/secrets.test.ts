import assert from "node:assert/strict";
import { connect } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { newCloud } from "../cloud.ts";
import { programs, run } from "../programs.ts";
import type { TestCloud } from "../cloud.ts";
import { createFunction, invoke, lambdaOf } from "../services/lambda/function.ts";

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const asRoot = async (cloud: TestCloud): Promise<TestCloud> => {
  const text = await readFile(join(cloud.dataPath, "credentials"), "utf8");
  const [, accessKeyId = "", secretAccessKey = ""] = /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(text) ?? [];
  return { ...cloud, client: { ...cloud.client, credentials: { accessKeyId, secretAccessKey } } };
};

test("no key, token, variable or payload of a function is in the log, however much is logged", async (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string | Uint8Array) => (written.push(String(text)), true));
  await using cloud = await newCloud({ auth: true, logLevel: "debug" });
  const own = await asRoot(cloud);
  await new IAMClient(own.client).send(new CreateRoleCommand({ RoleName: "function", AssumeRolePolicyDocument: trust }));
  const { Credentials } = await new STSClient(own.client).send(
    new AssumeRoleCommand({ RoleArn: "arn:aws:iam::000000000000:role/function", RoleSessionName: "session" }),
  );
  const lambda = lambdaOf(own);
  const source = `export const handler = async (event) => { if (event.fail) throw new Error("handler-error"); return process.env.AWS_SECRET_ACCESS_KEY; };`;
  await createFunction(lambda, "keeps", source, { Environment: { Variables: { PASSWORD: "variable-of-mine" } } });
  const functionSecret = String((await invoke(lambda, "keeps", { word: "payload-of-mine" })).result);
  await invoke(lambda, "keeps", { fail: "payload-of-mine" });
  await fetch(`${cloud.endpoint}/`, { method: "POST", headers: { authorization: "AWS4-HMAC-SHA256 broken-signature-of-mine" } });
  const log = written.join("");
  const secrets = [own.client.credentials.secretAccessKey, Credentials?.SecretAccessKey, Credentials?.SessionToken, functionSecret];
  for (const secret of [...secrets, "variable-of-mine", "payload-of-mine", "broken-signature-of-mine"]) {
    assert.ok(secret !== undefined && secret.length > 10);
    assert.ok(
      !log.includes(secret),
      log.split("\n").find((line) => line.includes(secret)),
    );
  }
});

test("with --auth a presigned URL is good for its method, its host, its key and its time alone", async () => {
  await using cloud = await newCloud({ auth: true, engine: "memory" });
  const own = await asRoot(cloud);
  const s3 = new S3Client({ ...own.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "signed" }));
  for (const Key of ["one", "two"]) await s3.send(new PutObjectCommand({ Bucket: "signed", Key, Body: Key }));
  const { accessKeyId, secretAccessKey } = own.client.credentials;
  const env = { ...cloud.environment, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const url = (await run(programs.oldAws, ["s3", "presign", "s3://signed/one", "--endpoint-url", cloud.endpoint], env)).trim();
  assert.equal(await (await fetch(url)).text(), "one");
  const wrong: [string, RequestInit?][] = [
    [url, { method: "DELETE" }],
    [url, { method: "PUT", body: "other" }],
    [url.replace("/one", "/two")],
    [url.replace("/one", "/x/../two")],
    [url.replace("127.0.0.1", "localhost")],
    [`${url}&versionId=1`],
    [url.replace(/Expires=\d+/, "Expires=9999999999")],
    [url.replace(/Signature=[^&]+/, "Signature=")],
  ];
  for (const [address, init] of wrong) {
    const answer = await fetch(address, init);
    assert.ok(answer.status >= 400 && answer.status < 500, `${init?.method ?? "GET"} ${address}: ${answer.status}`);
    await answer.text();
  }
  assert.equal(await (await fetch(url)).text(), "one");
});

test("requests whose length can be read in two ways are refused, and their connection ends", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const raw = (head: string, body = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n") =>
    new Promise<string>((resolve) => {
      let answer = "";
      const socket = connect(cloud.port, "127.0.0.1", () => socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`));
      socket.setTimeout(1_500, () => socket.destroy());
      socket.on("data", (data) => (answer += data.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(answer));
    });
  const heads = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity",
    "Content-Length: 5\r\n Transfer-Encoding: chunked",
  ];
  for (const head of heads) {
    const answer = await raw(head);
    assert.match(answer, /^HTTP\/1\.1 400/, JSON.stringify(head));
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, JSON.stringify(head));
  }
});
