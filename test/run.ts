// Runs the tests with their clients installed. Words given as arguments choose the files whose paths contain one of them.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { ensureClients } from "./clients.ts";

/** A test that hangs is told so, rather than hanging its pipeline. */
const fileTimeoutMs = 600_000;
const concurrency = 2;

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const files = globSync("test/**/*.test.ts", { cwd: root })
  .toSorted()
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));

if (files.length === 0) {
  console.error(`No test file has ${words.map((word) => `"${word}"`).join(" or ")} in its path.`);
  process.exit(1);
}

/** Tests name their own credentials and endpoints: what the user's shell has for AWS stays out. */
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
const options = ["--test", "--test-reporter=spec", `--test-concurrency=${concurrency}`, `--test-timeout=${fileTimeoutMs}`];
const tests = spawn(process.execPath, [...options, ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...Object.fromEntries(inherited), ...ensureClients(), AWS_EC2_METADATA_DISABLED: "true" },
});
// An interrupted run hands the signal on, so that tests still clean up.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => tests.kill(signal));
tests.on("close", (code) => process.exit(code ?? 1));
