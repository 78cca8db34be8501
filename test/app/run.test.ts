import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { bundleForFunctions } from "../../src/cli/app/bundle-app.ts";
import { newCloud } from "../cloud.ts";
import { newApp } from "./apps.ts";

const execute = promisify(execFile);

const source = `
  import { Bucket, Function, Task } from "tandem";
  const bucket = new Bucket("bucket");
  const work = new Task("work", { image: "x" });
  bucket.onPut("added", async ({ key, size, bucketName }) => console.log(key, size, bucketName, bucket.id.get()), { keySuffix: ".txt" });
  bucket.onDelete("removed", ({ key }) => console.log("gone", key));
  new Function("adds", { handler: async ({ a, b }: { a: number; b: number }, { functionName }) => ({ sum: a + b, functionName }) });
  new Function("starts", { handler: async () => work.run({ environment: { A: "1" } }) });
`;

/** Loads what a function's zip holds in a process of its own, as a runtime does, and calls its handler. */
const call = async (name: string, event: unknown, environment: Record<string, string> = {}) => {
  await using app = await newApp(source);
  for (const file of await bundleForFunctions(app.file)) await writeFile(join(app.folder, file.name), file.content);
  const script = `import("./index.mjs").then(({ handler }) => handler(${JSON.stringify(event)}, { functionName: "f" })).then((result) => console.log(JSON.stringify(result) ?? ""), (error) => console.log(error.name + ": " + error.message))`;
  const { stdout } = await execute(process.execPath, ["-e", script], {
    cwd: app.folder,
    env: { TANDEM_FUNCTION: name, TANDEM_Bucket_name: "bucket-1", ...environment },
  });
  return stdout.trim();
};

const notification = (key: string) => ({
  Records: [{ eventTime: "2026-01-01T00:00:00.000Z", s3: { bucket: { name: "bucket-1" }, object: { key, size: 3 } } }],
});

test("the handler that was declared under the function's name is called, with the key in plain words", async () => {
  assert.equal(await call("added", notification("a+b/%C3%A9.txt")), "a b/é.txt 3 bucket-1 bucket-1");
  assert.equal(await call("removed", notification("x")), "gone x");
  assert.equal(await call("adds", { a: 1, b: 2 }), '{"sum":3,"functionName":"f"}');
});

test("a function that the app does not declare is told by name", async () => {
  assert.match(await call("other", {}), /AppError: The app declares no function "other" here/);
});

test("a resource that the function may not use is told by name", async () => {
  assert.match(await call("starts", {}), /AppError: The function starts may not use "work"/);
});

test("task.run asks ECS, with the function's own credentials", async () => {
  await using cloud = await newCloud();
  const deployed = {
    ...cloud.environment,
    AWS_REGION: "us-east-1",
    TANDEM_Work_taskDefinition: "work:1",
    TANDEM_Work_cluster: "no-cluster",
    TANDEM_Work_subnets: "subnet-1",
  };
  assert.match(await call("starts", {}, deployed), /ClusterNotFoundException: Cluster not found/);
});

test("what a function loads at its start is small: the SDK is apart", async () => {
  await using app = await newApp(source);
  const files = await bundleForFunctions(app.file);
  const index = files.find(({ name }) => name === "index.mjs");
  assert.ok(index && index.content.length < 20_000, `${index?.content.length} bytes`);
  assert.ok(files.some(({ name }) => name.startsWith("run-task-")));
});
