import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connectDocker } from "#engine/docker/connect.ts";
import { openDockerEngine } from "#engine/docker/docker-engine.ts";
import { EngineError } from "#engine/engine.ts";
import { newCloudId, oneContainer, openTestEngine } from "./cloud.ts";
import { until } from "./contract.ts";
import { provideSandbox, shellImage } from "./test-image.ts";

const image = await shellImage();
await provideSandbox(image);
const folder = await mkdtemp(join(tmpdir(), "tandem-cut-"));
after(() => rm(folder, { recursive: true }));

/** A socket before Docker's own, whose connections can be cut as by a restart of the engine. */
const openWire = async () => {
  const path = join(folder, "docker.sock");
  const sockets = new Set<Socket>();
  let refuses = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const engine = connect({ path: "/var/run/docker.sock", allowHalfOpen: true });
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        engine.destroy();
        sockets.delete(socket);
      });
    }
    client.pipe(engine);
    engine.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    cut: (again: boolean) => {
      refuses = !again;
      for (const socket of sockets) socket.destroy();
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
};

test("cut connections lose no line of a log, repeat none, and no change of a task goes untold", async () => {
  const wire = await openWire();
  const cloudId = newCloudId();
  const behind = openTestEngine({ cloudId });
  const engine = openDockerEngine(await connectDocker({ dockerHost: `unix://${wire.path}` }), {
    cloudId,
    dataPath: folder,
    bindAddress: "127.0.0.1",
    sandboxesAhead: 0,
    prepareSandboxes: async () => ({ dns: [] }),
  });
  const told = new Set<string>();
  using watch = engine.watch((taskId) => told.add(taskId));
  assert.ok(watch);
  const count = 60;
  await engine.run(
    oneContainer("talker", {
      image,
      command: ["sh", "-c", `for i in $(seq ${count}); do echo line $i; echo word $i >&2; sleep 0.03; done`],
    }),
  );
  await until("the start is told", async () => told.has("talker"));
  const lines: string[] = [];
  for await (const line of engine.logs("talker", "main", { follow: true })) {
    lines.push(`${line.stream} ${line.text}`);
    if (lines.length % 25 === 0) wire.cut(true);
  }
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("stdout")),
    numbers.map((number) => `stdout line ${number}`),
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith("stderr")),
    numbers.map((number) => `stderr word ${number}`),
  );

  wire.cut(false);
  await assert.rejects(engine.inspect("talker"), (error) => error instanceof EngineError && error.code === "Unavailable");
  told.clear();
  await behind.run(oneContainer("missed", { image, command: ["sleep", "1000"] }));
  assert.equal(told.size, 0);
  wire.cut(true);
  await until("what was missed is told", async () => told.has("missed"));
  assert.equal((await engine.inspect("missed"))?.containers[0]?.state, "running");
  await Promise.all([engine.remove("talker"), engine.remove("missed")]);
  await engine.close();
  await wire.close();
});

test("twenty tasks started at once all start", { timeout: 120_000 }, async () => {
  const engine = openTestEngine({ sandboxesAhead: 2 });
  const ids = Array.from({ length: 20 }, (_, index) => `many-${index}`);
  const all = await Promise.all(ids.map((id) => engine.run(oneContainer(id, { image, command: ["sleep", "1000"] }))));
  assert.equal(new Set(all.map((status) => status.address)).size, ids.length);
  assert.ok(all.every((status) => status.containers[0]?.state === "running"));
  await Promise.all(ids.map((id) => engine.remove(id)));
  assert.deepEqual(await engine.list(), []);
});
