import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud, temporaryFolder } from "../cloud.ts";
import { newEcs, register, run, shell, untilStatus } from "../services/ecs/tasks-in.ts";
import { createFunction, invoke, lambdaOf } from "../services/lambda/function.ts";

type Trouble = "none" | "cut" | "failing";

/** A socket before Docker's own that can be cut, or answer every request with an error, as an engine in trouble does. */
const openWire = async (path: string) => {
  let trouble: Trouble = "none";
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on("error", () => client.destroy());
    if (trouble === "cut") return client.destroy();
    if (trouble === "failing") {
      const body = '{"message":"the engine is out of sorts"}';
      const head = `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
      return void client.once("data", () => client.end(`${head}\r\n\r\n${body}`));
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
    set: (next: Trouble) => {
      trouble = next;
      if (next !== "none") for (const socket of sockets) socket.destroy();
    },
    close: () => server.close(),
  };
};

test(
  "while the engine is cut off or answers with errors the cloud stays up, and goes on when it is back",
  { timeout: 90_000 },
  async (t) => {
    const folder = await temporaryFolder();
    const wire = await openWire(join(folder, "docker.sock"));
    t.after(async () => {
      wire.close();
      await rm(folder, { recursive: true, force: true });
    });
    await using cloud = await newCloud({ dockerHost: `unix://${join(folder, "docker.sock")}`, logLevel: "error" });
    const ecs = await newEcs(cloud);
    const lambda = lambdaOf(cloud);
    await createFunction(lambda, "goes-on", "export const handler = async () => 'here';");
    const definition = await register(ecs, [await shell("sleep 600", { stopTimeout: 1 })]);
    const before = await run(ecs, definition);
    await untilStatus(ecs, before, "RUNNING");

    for (const trouble of ["cut", "failing"] as const) {
      wire.set(trouble);
      await pause(300);
      const refused = await ecs.send(new RunTaskCommand({ taskDefinition: definition })).catch((error: Error) => error);
      assert.ok(refused instanceof Error, "no room can be promised");
      assert.equal(refused.name, "ServerException");
      assert.match(refused.message, /^The container engine does not answer: /);
      assert.equal((await fetch(`${cloud.endpoint}/_tandem/health`)).status, 200);
      await new S3Client({ ...cloud.client, forcePathStyle: true }).send(new ListBucketsCommand({}));
      const { tasks } = await ecs.send(new DescribeTasksCommand({ tasks: [before.taskArn ?? ""] }));
      assert.equal(tasks?.[0]?.lastStatus, "RUNNING", "what can't be looked at is not said to have ended");
      wire.set("none");
      const task = await run(ecs, definition);
      await untilStatus(ecs, task, "RUNNING");
      assert.equal((await invoke(lambda, "goes-on")).result, "here");
      await ecs.send(new StopTaskCommand({ task: task.taskArn }));
      await untilStatus(ecs, task, "STOPPED");
    }
    wire.set("cut");
    await ecs.send(new StopTaskCommand({ task: before.taskArn }));
    await pause(500);
    wire.set("none");
    await untilStatus(ecs, before, "STOPPED");
  },
);
