import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { createFunction, invoke, lambdaOf } from "./function.ts";

let cloud: TestCloud;
before(async () => {
  cloud = await newCloud();
});
after(async () => {
  await cloud[Symbol.asyncDispose]();
});

const outcome = async (name: string, source: string | Record<string, string>, input: Parameters<typeof createFunction>[3] = {}) => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, name, source, input);
  return { lambda, ...(await invoke(lambda, name, {}, { LogType: "Tail" })) };
};

test("what a handler throws is the payload, and the environment goes on", async () => {
  const source = `let n = 0; export const handler = async () => { n += 1; if (n === 1) throw new TypeError("boom"); return n; };`;
  const { lambda, error, result } = await outcome("throws", source);
  assert.equal(error, "Unhandled");
  const { errorType, errorMessage, trace } = result as { errorType: string; errorMessage: string; trace: string[] };
  assert.deepEqual([errorType, errorMessage, trace[0]], ["TypeError", "boom", "TypeError: boom"]);
  assert.equal((await invoke(lambda, "throws")).result, 2);
});

test("a function that takes too long is stopped at its timeout, and the next invocation gets a new environment", async () => {
  const source = `let n = 0; export const handler = async (event) => { n += 1; return event.quick ? n : new Promise((resolve) => setTimeout(resolve, 60_000)); };`;
  const { lambda, error, result, log } = await outcome("slow", source, { Timeout: 1 });
  assert.equal(error, "Unhandled");
  const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
  assert.equal(errorType, "Sandbox.Timedout");
  assert.match(errorMessage, /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
  assert.match(log, /Z [0-9a-f-]{36} Task timed out after 1\.00 seconds\n/);
  assert.equal((await invoke(lambda, "slow", { quick: true })).result, 1);
});

test("a function that exits is told by its exit status", async () => {
  const { error, result } = await outcome("exits", `export const handler = () => process.exit(3);`);
  assert.equal(error, "Unhandled");
  const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
  assert.equal(errorType, "Runtime.ExitError");
  assert.match(errorMessage, /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/);
});

test("a function that takes more than its memory is killed", async () => {
  const source = `export const handler = () => { const all = []; for (;;) all.push(Buffer.alloc(16 * 2 ** 20, 1)); };`;
  const { lambda, result } = await outcome("eats", source, { Timeout: 20 });
  assert.match((result as { errorMessage: string }).errorMessage, /Error: Runtime exited with error: signal: killed$/);
  await createFunction(lambda, "roomy", `export const handler = async () => { Buffer.alloc(300 * 2 ** 20, 1); return "fits"; };`, {
    MemorySize: 512,
  });
  assert.equal((await invoke(lambda, "roomy")).result, "fits");
});

test("garbage is collected before it fills a small function's memory", async () => {
  const source = `export const handler = async () => { let n = 0; for (let i = 0; i < 3000; i++) n += JSON.stringify(new Array(10_000).fill("some text " + i)).length; return n > 0; };`;
  assert.equal((await outcome("garbage", source, { Timeout: 30 })).result, true);
});

test("rejections that nobody handles end the environment", async () => {
  const source = `export const handler = () => new Promise(() => { Promise.reject(new Error("nobody")); });`;
  const { error, result } = await outcome("rejects", source);
  assert.equal(error, "Unhandled");
  const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
  assert.deepEqual([errorType, errorMessage], ["Runtime.UnhandledPromiseRejection", "Error: nobody"]);
});

test("missing modules and handlers are told as AWS tells them", async () => {
  const missing = await outcome("nomodule", { "other.mjs": "" });
  assert.deepEqual([missing.error, (missing.result as { errorType: string }).errorType], ["Unhandled", "Runtime.ImportModuleError"]);
  assert.match((missing.result as { errorMessage: string }).errorMessage, /^Error: Cannot find module 'index'\nRequire stack:/);
  const none = await outcome("nohandler", "export const other = 1;");
  assert.deepEqual(
    [(none.result as { errorType: string }).errorType, (none.result as { errorMessage: string }).errorMessage],
    ["Runtime.HandlerNotFound", "index.handler is undefined or not exported"],
  );
  const broken = await outcome("broken", "export const handler = (;");
  assert.equal((broken.result as { errorType: string }).errorType, "Runtime.UserCodeSyntaxError");
});

test("a result that is too large is refused", async () => {
  const { error, result } = await outcome("large", `export const handler = async () => "x".repeat(7 * 2 ** 20);`);
  assert.equal(error, "Unhandled");
  assert.equal((result as { errorType: string }).errorType, "Function.ResponseSizeTooLarge");
});

test("an environment's code and root are read-only, and /tmp has 512 MB", async () => {
  const source = `import fs from "node:fs";
  const attempt = (path) => { try { fs.writeFileSync(path, "x"); return "written"; } catch (error) { return error.code; } };
  export const handler = async () => ({ task: attempt("/var/task/x"), root: attempt("/x"), tmp: attempt("/tmp/x"), uid: process.getuid(), size: fs.statfsSync("/tmp").blocks * fs.statfsSync("/tmp").bsize / 2 ** 20 });`;
  const { result } = await outcome("writes", source);
  assert.deepEqual(result, { task: "EROFS", root: "EROFS", tmp: "written", uid: 993, size: 512 });
});
