import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { newCloud, spawnCloud, temporaryFolder } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { createFunction, invoke, lambdaOf } from "./function.ts";

const messages = async (cloud: TestCloud, name: string, filterPattern: string): Promise<string[]> => {
  const logs = new CloudWatchLogsClient(cloud.client);
  const { events } = await logs
    .send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, filterPattern }))
    .catch((error: Error) => {
      if (error.name === "ResourceNotFoundException") return { events: [] };
      throw error;
    });
  return (events ?? []).map(({ message }) => message ?? "");
};

const until = async <T>(find: () => Promise<T | undefined | false>): Promise<T> => {
  for (;;) {
    const found = await find();
    if (found) return found;
    await sleep(100);
  }
};

test("an event is accepted, handled later, and leaves its lines in the function's log group", async () => {
  await using cloud = await newCloud();
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "later", `export const handler = async (event) => console.log("handled " + event.n);`);
  const { status, result } = await invoke(lambda, "later", { n: 7 }, { InvocationType: "Event" });
  assert.deepEqual([status, result], [202, undefined]);
  const [line] = await until(async () => {
    const found = await messages(cloud, "later", '"handled 7"');
    return found.length > 0 && found;
  });
  assert.match(line ?? "", /\tINFO\thandled 7\n$/);
  await until(async () => (await messages(cloud, "later", "REPORT")).length === 1);
});

test("an event outlives kill -9 in the middle of its work, and no container outlives the process", async () => {
  const dataPath = await temporaryFolder();
  const first = await spawnCloud(dataPath);
  const lambda = lambdaOf(first);
  const source = `export const handler = async (event) => { console.log("began"); await new Promise((resolve) => setTimeout(resolve, event.ms)); console.log("done"); };`;
  await createFunction(lambda, "long", source, { Timeout: 30 });
  await invoke(lambda, "long", { ms: 3_000 }, { InvocationType: "Event" });
  await until(async () => (await messages(first, "long", "began")).length === 1);
  await first.kill();
  const second = await spawnCloud(dataPath);
  await until(async () => (await messages(second, "long", "done")).length === 1);
  assert.equal((await messages(second, "long", "began")).length, 2);
  const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8")).trim();
  await second[Symbol.asyncDispose]();
  const { stdout } = await promisify(execFile)("docker", ["ps", "-aq", "--filter", `label=tandem.cloud=${cloudId}`]);
  assert.equal(stdout, "");
  await rm(dataPath, { recursive: true, force: true });
});

test("reserved concurrency throttles what goes beyond it", async () => {
  await using cloud = await newCloud();
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "one", `export const handler = () => new Promise((resolve) => setTimeout(resolve, 1_000, "slow"));`);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "one", ReservedConcurrentExecutions: 1 }));
  const running = invoke(lambda, "one");
  await sleep(200);
  await assert.rejects(invoke(lambda, "one"), {
    name: "TooManyRequestsException",
    message: "Rate Exceeded.",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
  assert.equal((await running).result, "slow");
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "one", ReservedConcurrentExecutions: 0 }));
  await assert.rejects(invoke(lambda, "one"), { name: "TooManyRequestsException" });
});

test("an environment is frozen while it has no work, and goes on afterwards", async () => {
  await using cloud = await newCloud();
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "ticks", `let n = 0; setInterval(() => n++, 10).unref(); export const handler = async () => n;`);
  await invoke(lambda, "ticks");
  await sleep(1_500);
  const { result } = await invoke(lambda, "ticks");
  assert.ok((result as number) < 50, `it ticked ${String(result)} times in 1.5 seconds`);
});
