import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const setUp = (environment: Record<string, string>): { status: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync("sh", ["scripts/setup"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { status, said: stdout + stderr };
};

test("a set-up with nothing missing changes nothing and takes seconds", () => {
  const started = performance.now();
  const { status, said } = setUp({});
  assert.equal(status, 0, said);
  assert.match(said, /container engine at .*\n.*images are up to date/);
  assert.ok(performance.now() - started < 10_000);
});

test("without an engine, TANDEM_SETUP=never prints the command that would start one, and fails", () => {
  const { status, said } = setUp({ TANDEM_SETUP: "never", DOCKER_HOST: "unix:///nonexistent/docker.sock" });
  assert.equal(status, 1);
  assert.match(said, /No container engine answers at DOCKER_HOST=unix:\/\/\/nonexistent\/docker\.sock/);
  assert.match(said, /(systemctl start docker|service docker start|setsid dockerd)/);
});

test("an engine that DOCKER_HOST names and that does not answer is not replaced by another", () => {
  const { status, said } = setUp({ DOCKER_HOST: "tcp://127.0.0.1:1" });
  assert.equal(status, 1);
  assert.match(said, /start the engine that DOCKER_HOST names, or unset DOCKER_HOST/);
});
