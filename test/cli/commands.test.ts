import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud, spawnCloud, temporaryFolder } from "../cloud.ts";
import { jsonLines, tandem } from "./tandem.ts";

const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:4597" };

test("help lists every command, and each says how it is used", async () => {
  const { code, stdout } = await tandem(["help", "--json"]);
  assert.equal(code, 0);
  const names = (JSON.parse(stdout) as { command: string }[]).map(({ command }) => command);
  const expected = ["up", "demo", "deploy", "destroy", "synth", "status", "logs", "workflows", "invoke", "reset", "help", "version"];
  assert.deepEqual(names, expected);
  const pages = await Promise.all(names.map((name) => tandem([name, "--help"])));
  for (const [index, page] of pages.entries()) assert.match(page.stdout, new RegExp(`^Usage: tandem ${names[index]}`));
  assert.match((await tandem([])).stdout, /Usage: tandem COMMAND/);
});

test("version says ours and Node's", async () => {
  const { stdout } = await tandem(["version", "--json"]);
  assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ["tandem", "node"]);
  assert.match((await tandem(["--version"])).stdout, /^tandem \d+\.\d+\.\d+ \(Node 24\./);
});

test("a command that is called wrongly ends with 2 and says how it is used", async () => {
  const cases: [string[], RegExp][] = [
    [["frobnicate"], /There is no command frobnicate\. `tandem help`/],
    [["up", "--prt", "1"], /Unknown option '--prt'\.\nUsage: tandem up/],
    [["up", "--port", "many"], /--port takes a number/],
    [["up", "--host", "0.0.0.0"], /add --auth/],
    [["deploy"], /Something is missing\.\nUsage: tandem deploy/],
    [["deploy", "a", "b"], /Unexpected argument 'b'/],
    [["reset"], /Add --yes if you mean that/],
    [["status", "--endpoint", "here"], /--endpoint takes an address such as/],
    [["invoke", "f", "--payload", "{"], /--payload is no JSON/],
    [["deploy", "x", "--parameter", "y"], /--parameter takes NAME=VALUE/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await tandem(args, nowhere);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
  }
  const { code, stderr } = await tandem(["frobnicate", "--json"]);
  assert.deepEqual([code, Object.keys(JSON.parse(stderr) as object)], [2, ["error"]]);
});

test("where no cloud answers, every command says how to start one", async () => {
  const commands = [
    ["status"],
    ["logs", "x"],
    ["workflows"],
    ["invoke", "x"],
    ["destroy", "x"],
    ["deploy", "examples/video-thumbnailer"],
    ["reset", "--yes"],
  ];
  const ends = await Promise.all(commands.map((args) => tandem(args, nowhere)));
  for (const [index, { code, stderr }] of ends.entries()) {
    assert.match(stderr, /No cloud answers at 127\.0\.0\.1:4597\. Start one with `tandem up`/, commands[index]?.join(" "));
    assert.equal(code, 1);
  }
});

test("up says what to do when its port or its data folder is taken", async () => {
  const dataPath = await temporaryFolder();
  try {
    await using cloud = await spawnCloud(dataPath);
    const other = join(dataPath, "other");
    assert.match((await tandem(["up", "--port", String(cloud.port), "--data", other])).stderr, /Port \d+ is taken: .*--port/);
    const locked = await tandem(["up", "--port", "0", "--data", dataPath]);
    assert.match(locked.stderr, /is in use by process \d+\. Stop it, or choose another data folder with --data\./);
    assert.equal(locked.code, 1);
  } finally {
    await rm(dataPath, { recursive: true });
  }
});

test("status tells services and what they hold, as text and as JSON", async () => {
  await using cloud = await newCloud();
  const { stdout } = await tandem(["status", "--endpoint", cloud.endpoint]);
  assert.match(stdout, new RegExp(`answers at ${cloud.endpoint}`));
  assert.match(stdout, /^services .*\bs3\b/m);
  const found = JSON.parse((await tandem(["status", "--json"], cloud.environment)).stdout) as Record<string, unknown>;
  assert.deepEqual(Object.keys(found), ["endpoint", "version", "services", "stacks", "functions", "tasks"]);
  assert.deepEqual([found["stacks"], found["tasks"]], [[], []]);
});

test("logs finds a group by what the app calls its function, and follows it", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  const at = { logGroupName: "/aws/lambda/shop-onOrder", logStreamName: "2026/01/01/[$LATEST]0123456789abcdef" };
  await logs.send(new CreateLogGroupCommand(at));
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/other-onOrder" }));
  await logs.send(new CreateLogStreamCommand(at));
  const put = (message: string) => logs.send(new PutLogEventsCommand({ ...at, logEvents: [{ timestamp: Date.now(), message }] }));
  await put("one\n");
  assert.match((await tandem(["logs", "shop-onOrder"], cloud.environment)).stdout, /^\S+Z 89abcdef one\n$/);
  assert.match(
    (await tandem(["logs", "onOrder"], cloud.environment)).stderr,
    /may be any of these.*\n\/aws\/lambda\/shop-onOrder\n\/ecs\/other-onOrder/,
  );
  assert.match((await tandem(["logs", "none"], cloud.environment)).stderr, /There is no log group of none\. There are:/);
  const [line] = jsonLines((await tandem(["logs", at.logGroupName, "--since", "1h", "--json"], cloud.environment)).stdout);
  assert.deepEqual([line?.["message"], line?.["stream"]], ["one", at.logStreamName]);
  assert.equal((await tandem(["logs", at.logGroupName, "--filter", "two"], cloud.environment)).stdout, "");
  assert.match((await tandem(["logs", at.logGroupName, "--since", "soon"], cloud.environment)).stderr, /--since takes a time/);
});

test("reset forgets everything, once that is confirmed", async () => {
  await using cloud = await newCloud();
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "one" }));
  assert.match((await tandem(["reset", "--service", "nothing", "--yes"], cloud.environment)).stderr, /There is no service nothing/);
  assert.equal((await tandem(["reset", "--yes"], cloud.environment)).stdout, "Everything is gone.\n");
  assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
});

test("synth writes a template and nothing else", async () => {
  const { code, stdout } = await tandem(["synth", join(import.meta.dirname, "../../examples/video-thumbnailer")]);
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { AWSTemplateFormatVersion: string }).AWSTemplateFormatVersion, "2010-09-09");
});
