import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { SFNClient } from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";
import { create, start, untilEnded } from "./machines-in.ts";

type Answer = { status: number; headers: Record<string, unknown>; body: Record<string, unknown> };

/** As a browser sends it: `fetch` would not let a test choose Host and Origin. */
const ask = (
  { port }: Pick<TestCloud, "port">,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path: `/_tandem/workflows${path}`, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (data: string) => (text += data));
      response.on("end", () => {
        const isJson = response.headers["content-type"] === "application/json" && text !== "";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: isJson ? (JSON.parse(text) as Answer["body"]) : { text },
        });
      });
    });
    sent.on("error", reject).end();
  });

type Listed = { name: string; status: string; stateMachine: string; startedAt: number; stoppedAt?: number };
const listed = ({ body }: Answer) => body["executions"] as Listed[];

test("executions of all machines are listed newest first, in pages that later executions do not shift, by machine and by status", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const one = await create(client, "one", { A: { Type: "Pass", End: true } });
  const two = await create(client, "two", { B: { Type: "Fail" } });
  for (const [machine, name] of [
    [one, "a"],
    [two, "b"],
    [one, "c"],
    [two, "d"],
  ] as const)
    await untilEnded(client, await start(client, machine, {}, name));
  const first = await ask(cloud, "?limit=3");
  assert.deepEqual(
    listed(first).map(({ stateMachine, name, status }) => [stateMachine, name, status]),
    [
      ["two", "d", "FAILED"],
      ["one", "c", "SUCCEEDED"],
      ["two", "b", "FAILED"],
    ],
  );
  await untilEnded(client, await start(client, one, {}, "e"));
  const rest = await ask(cloud, `?limit=3&token=${String(first.body["nextToken"])}`);
  assert.deepEqual([listed(rest).map(({ name }) => name), rest.body["nextToken"]], [["a"], undefined]);
  assert.deepEqual(
    listed(await ask(cloud, "?status=FAILED")).map(({ name }) => name),
    ["d", "b"],
  );
  assert.deepEqual(
    listed(await ask(cloud, "?machine=one")).map(({ name }) => name),
    ["e", "c", "a"],
  );
  assert.deepEqual(
    listed(await ask(cloud, `?machine=${encodeURIComponent(two)}&limit=1`)).map(({ name }) => name),
    ["d"],
  );
  const elsewhere = {
    authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/states/aws4_request, SignedHeaders=host, Signature=0",
  };
  assert.deepEqual(listed(await ask(cloud, "", { headers: elsewhere })), []);
  const another = {
    authorization: "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0",
  };
  assert.deepEqual(listed(await ask(cloud, "", { headers: another })), []);
  client.destroy();
});

test("an execution is told as a graph, with inputs and outputs unless they are not wanted", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const machine = await create(client, "shown", {
    A: { Type: "Pass", Result: 1, Next: "B" },
    B: { Type: "Wait", Seconds: 600, Next: "C" },
    C: { Type: "Succeed" },
  });
  const arn = await start(client, machine, { n: 0 });
  const get = async (query = "") =>
    (await ask(cloud, `/${encodeURIComponent(arn)}${query}`)).body as {
      execution: Record<string, unknown>;
      scope: { states: Record<string, unknown>[]; edges: object[] };
    };
  let { execution, scope } = await get();
  while (scope.states[1]?.["status"] !== "WAITING") ({ execution, scope } = await get());
  assert.deepEqual([execution["status"], execution["input"], execution["output"]], ["RUNNING", '{"n":0}', undefined]);
  const [a, b, c] = scope.states;
  assert.deepEqual([a?.["status"], a?.["input"], a?.["output"]], ["SUCCEEDED", '{"n":0}', "1"]);
  assert.deepEqual([b?.["status"], b?.["input"], Number(b?.["until"]) - Number(b?.["enteredAt"])], ["WAITING", "1", 600_000]);
  assert.deepEqual([c?.["status"], c?.["entered"]], ["NOT_REACHED", 0]);
  assert.deepEqual(scope.edges, [
    { from: "A", to: "B", kind: "next", labels: [], taken: 1 },
    { from: "B", to: "C", kind: "next", labels: [], taken: 0 },
  ]);
  const bare = await get("?data=false");
  assert.equal(JSON.stringify(bare).includes('"input"'), false);
  assert.equal((await ask(cloud, `/${arn}`)).status, 200, "the ARN as it is");
  assert.deepEqual((await ask(cloud, "", { method: "HEAD" })).status, 200);
  client.destroy();
});

test("a long history is drawn whole", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const machine = await create(client, "long", {
    Each: {
      Type: "Map",
      End: true,
      ItemProcessor: { StartAt: "P", States: { P: { Type: "Pass", Next: "Q" }, Q: { Type: "Pass", End: true } } },
    },
  });
  const arn = await start(
    client,
    machine,
    Array.from({ length: 300 }, (_, index) => index),
  );
  await untilEnded(client, arn);
  const { scope } = (await ask(cloud, `/${arn}`)).body as {
    scope: { states: { iterations: object; processor: { states: { entered: number; output: string }[] } }[] };
  };
  assert.deepEqual(scope.states[0]?.iterations, { total: 300, running: 0, succeeded: 300, failed: 0, aborted: 0 });
  assert.deepEqual(
    scope.states[0]?.processor.states.map(({ entered }) => entered),
    [300, 300],
  );
  client.destroy();
});

test("a distributed Map tells what became of its items, and its children are listed and drawn when they are asked for", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const ItemProcessor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "Check",
    States: {
      Check: { Type: "Choice", Choices: [{ Variable: "$", NumericLessThan: 3, Next: "Good" }], Default: "Bad" },
      Good: { Type: "Succeed" },
      Bad: { Type: "Fail", Error: "TooMany" },
    },
  };
  const machine = await create(client, "wide", { All: { Type: "Map", ToleratedFailureCount: 9, ItemProcessor, End: true } });
  const arn = await start(client, machine, [1, 2, 3]);
  assert.equal((await untilEnded(client, arn)).status, "SUCCEEDED");
  type Shown = { execution: { status: string }; scope: { states: Record<string, unknown>[] } };
  const [all] = ((await ask(cloud, `/${arn}`)).body as Shown).scope.states;
  assert.deepEqual(all?.["iterations"], { total: 3, running: 0, succeeded: 2, failed: 1, aborted: 0 });
  assert.equal(listed(await ask(cloud, "")).length, 1);
  const children = await ask(cloud, `?status=FAILED&mapRun=${encodeURIComponent(String(all?.["mapRunArn"]))}`);
  const [child] = children.body["executions"] as { executionArn: string }[];
  const { scope, execution } = (await ask(cloud, `/${encodeURIComponent(child?.executionArn ?? "")}`)).body as Shown;
  assert.equal(execution.status, "FAILED");
  assert.deepEqual(
    scope.states.map(({ name, status }) => `${String(name)} ${String(status)}`),
    ["Check SUCCEEDED", "Good NOT_REACHED", "Bad FAILED"],
  );
  client.destroy();
});

test("what is asked wrongly is refused as JSON, with a code and words", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const arn = "arn:aws:states:us-east-1:000000000000:execution:m:e";
  const cases: [string, number, string][] = [
    [`/${arn}`, 404, "ExecutionDoesNotExist"],
    [`/${arn.replace("execution", "express")}`, 400, "InvalidArn"],
    ["/nonsense", 400, "InvalidArn"],
    ["/%E0%A4%A", 400, "ValidationException"],
    ["/%00", 400, "InvalidArn"],
    ["?status=DONE", 400, "ValidationException"],
    ["?limit=0", 400, "ValidationException"],
    ["?limit=1e9", 400, "ValidationException"],
    ["?token=nonsense", 400, "InvalidToken"],
  ];
  for (const [path, status, code] of cases) {
    const { status: told, body } = await ask(cloud, path);
    assert.deepEqual([told, body["code"], typeof body["message"]], [status, code, "string"], path);
  }
  const posted = await ask(cloud, "", { method: "POST" });
  assert.deepEqual([posted.status, posted.headers["allow"]], [405, "GET, HEAD"]);
  assert.equal((await ask(cloud, "-else")).status, 404);
});

test("pages of other sites get nothing of it: no name but ours, and no leave to read", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  assert.equal((await ask(cloud, "", { headers: { host: "evil.example" } })).status, 403);
  assert.equal((await ask(cloud, "", { method: "POST", headers: { origin: "https://evil.example" } })).status, 403);
  const { status, headers } = await ask(cloud, "", { headers: { origin: "https://evil.example" } });
  assert.deepEqual([status, headers["access-control-allow-origin"], headers["cache-control"]], [200, undefined, "no-store"]);
});

test("with --auth only the signed requests of a known key for this service are answered", async () => {
  await using cloud = await newCloud({ engine: "memory", auth: true });
  assert.equal((await ask(cloud, "")).status, 403);
  const [, accessKeyId = "", secretAccessKey = ""] =
    /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(await readFile(join(cloud.dataPath, "credentials"), "utf8")) ?? [];
  const signed = async (secret: string, signingName: string) => {
    const client = new SFNClient({ ...cloud.client, credentials: { accessKeyId, secretAccessKey: secret } });
    const signer = await client.config.signer({ name: "sigv4", signingName, signingRegion: "us-east-1", properties: {} });
    const { headers } = await signer.sign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/_tandem/workflows",
      query: { limit: "5" },
      headers: { host: `127.0.0.1:${cloud.port}` },
    });
    client.destroy();
    return headers;
  };
  const right = await signed(secretAccessKey, "states");
  assert.equal((await ask(cloud, "?limit=5", { headers: right })).status, 200);
  assert.deepEqual((await ask(cloud, "?limit=6", { headers: right })).body["code"], "SignatureDoesNotMatch");
  assert.deepEqual((await ask(cloud, "?limit=5", { headers: await signed("wrong", "states") })).body["code"], "SignatureDoesNotMatch");
  const other = await ask(cloud, "?limit=5", { headers: await signed(secretAccessKey, "s3") });
  assert.deepEqual([other.status, other.body["code"]], [403, "SignatureDoesNotMatch"]);
});
