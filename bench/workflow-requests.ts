import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { spawnCloud } from "../test/cloud.ts";
import { processCpuMicros } from "./measure/cpu.ts";
import { freePort } from "./measure/ports.ts";
import { openRawClient } from "./measure/raw-client.ts";
import { concurrently, spreadOf } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * Executions started over HTTP, on connections that stay open: of a Standard state machine, durable when it is answered, and of an Express one to its end.
 * Beside them a bare node:http server that answers as many bytes. CPU is the server process's own.
 */
const connections = 32;
const perRound = 4_000;
const rounds = Number(process.argv[2] ?? 7);
const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/r`;

const bare = `
const body = Buffer.alloc(200, "x");
require("node:http").createServer((request, response) => {
  request.on("data", () => {}).on("end", () => response.writeHead(200, { "content-length": body.length }).end(body));
}).listen(process.argv[1], "127.0.0.1");`;

const requestOf = (operation: string, body: object) => {
  const text = JSON.stringify(body);
  return (
    `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${text.length}\r\nContent-Type: application/x-amz-json-1.0\r\n` +
    `X-Amz-Target: AWSStepFunctions.${operation}\r\n` +
    `Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n${text}`
  );
};

const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));
// The first start of all makes the bundle.
await (await spawnCloud(join(folder, "bundle"))).kill();
const cloud = await spawnCloud(join(folder, "cloud"));
const barePort = await freePort();
const floor = spawn(process.execPath, ["-e", bare, String(barePort)], { stdio: "ignore" });

try {
  const sfn = new SFNClient(cloud.client);
  const definition = JSON.stringify({ StartAt: "S0", States: { S0: { Type: "Pass", End: true } } });
  const create = async (type: "STANDARD" | "EXPRESS") =>
    (await sfn.send(new CreateStateMachineCommand({ name: type, type, roleArn, definition }))).stateMachineArn;
  const [standard, express] = [await create("STANDARD"), await create("EXPRESS")];
  sfn.destroy();
  await pause(500);

  const input = `{"n":0,"name":"a workflow"}`;
  const ours = { port: cloud.port, pid: cloud.process.pid ?? 0 };
  const start = requestOf("StartExecution", { stateMachineArn: standard, input });
  const variants = [
    { name: "StartExecution, Standard, 32 connections", ...ours, connections, request: start },
    { name: "StartExecution, Standard, one connection", ...ours, connections: 1, request: start },
    {
      name: "StartExecution, Express, 32 connections",
      ...ours,
      connections,
      request: requestOf("StartExecution", { stateMachineArn: express, input }),
    },
    {
      name: "StartSyncExecution, Express, 32 connections",
      ...ours,
      connections,
      request: requestOf("StartSyncExecution", { stateMachineArn: express, input }),
    },
    { name: "floor: bare node:http, 32 connections", port: barePort, pid: floor.pid ?? 0, connections, request: start },
  ];
  const figures = variants.map(() => ({ perSecond: [] as number[], cpuMicros: [] as number[], ms: [] as number[] }));
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { port, pid, request, connections: count }] of variants.entries()) {
      const clients = await Promise.all(Array.from({ length: count }, () => openRawClient(port)));
      const ms: number[] = [];
      const cpu = processCpuMicros(pid);
      const began = performance.now();
      const total = count === 1 ? perRound / 8 : perRound;
      await concurrently(count, total, async () => {
        const client = clients.pop();
        const asked = performance.now();
        const status = await client?.ask(request);
        if (client === undefined || status !== 200) throw new Error(`${variants[index]?.name} answered ${status}`);
        ms.push(performance.now() - asked);
        clients.push(client);
      });
      const seconds = (performance.now() - began) / 1_000;
      for (const client of clients) client.close();
      if (round < 0) continue;
      figures[index]?.perSecond.push(total / seconds);
      figures[index]?.cpuMicros.push((processCpuMicros(pid) - cpu) / total);
      figures[index]?.ms.push(spreadOf(ms).median);
    }
  }
  printTable(
    ["", "per second (min … max)", "CPU µs each (min … max)", "p50 ms (min … max)"],
    variants.map(({ name }, index) => {
      const { perSecond = [], cpuMicros = [], ms = [] } = figures[index] ?? {};
      return [name, spread(spreadOf(perSecond), 0), spread(spreadOf(cpuMicros), 0), spread(spreadOf(ms), 2)];
    }),
  );
} finally {
  floor.kill("SIGKILL");
  await cloud[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
