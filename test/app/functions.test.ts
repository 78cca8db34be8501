import assert from "node:assert/strict";
import { test } from "node:test";
import { tandem } from "../cli/tandem.ts";
import { newCloud } from "../cloud.ts";
import { newApp } from "./apps.ts";

const source = `
  import * as cloud from "tandem";
  const bucket = new cloud.Bucket("bucket");
  const adds = new cloud.Function("adds", { handler: async ({ a, b }: { a: number; b: number }) => a + b });
  new cloud.Function("chains", { handler: async (numbers: number[]) => {
    let sum = 0;
    for (const number of numbers) sum = await adds.invoke({ a: sum, b: number });
    return { sum, bucket: bucket.id.get() };
  } });
  new cloud.Function("fails", { handler: async () => { throw new TypeError("not today"); } });
  new cloud.Function("counts", { code: "./python", handler: "main.handler", runtime: "python3.11", environment: { BUCKET: bucket.id.get() } });
  export const bucketName = bucket.id;
`;

const python = "import os\n\ndef handler(event, context):\n  return [len(event), os.environ['BUCKET']]\n";

test("functions of an app run: inline, chained, and from a folder", async () => {
  await using cloud = await newCloud();
  await using app = await newApp(source, { "python/main.py": python });
  const deployed = await tandem(["deploy", app.file, "--json"], cloud.environment);
  assert.equal(deployed.code, 0, deployed.stderr);
  const { outputs } = JSON.parse(deployed.stdout.trim().split("\n").at(-1) ?? "") as { outputs: { BucketName: string } };

  const invoke = async (name: string, payload: unknown) =>
    tandem(["invoke", name, "--payload", JSON.stringify(payload)], cloud.environment);
  assert.equal((await invoke("adds", { a: 1, b: 2 })).stdout, "3\n");
  const chained = await invoke("chains", [1, 2, 3]);
  assert.deepEqual(JSON.parse(chained.stdout), { sum: 6, bucket: outputs.BucketName }, chained.stderr);
  assert.match(chained.stderr, /REPORT RequestId: .*Duration: /);
  assert.deepEqual(JSON.parse((await invoke("counts", [1, 2])).stdout), [2, outputs.BucketName]);

  const failed = await invoke("fails", {});
  assert.equal(failed.code, 1);
  const { errorType, errorMessage } = JSON.parse(failed.stdout) as Record<string, string>;
  assert.deepEqual([errorType, errorMessage], ["TypeError", "not today"]);
  assert.match((await invoke("none", {})).stderr, /There is no function none\. There are:\n/);

  const status = JSON.parse((await tandem(["status", "--json"], cloud.environment)).stdout) as { functions: { function: string }[] };
  assert.deepEqual(status.functions.map((each) => each.function).toSorted(), [
    "my-app-adds",
    "my-app-chains",
    "my-app-counts",
    "my-app-fails",
  ]);
  assert.match((await tandem(["logs", "fails"], cloud.environment)).stdout, /TypeError/);
});
