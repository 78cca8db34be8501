import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { motoServer } from "./measure/moto.ts";
import { freePort } from "./measure/ports.ts";
import { openRawClient } from "./measure/raw-client.ts";
import type { RawClient } from "./measure/raw-client.ts";
import { spreadOf } from "./measure/rounds.ts";
import type { Spread } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * Objects of 1 KiB put and got over 32 connections: ours, durable; moto's, in memory; and a bare node:http server that keeps nothing. Then lists of 1,000 keys
 * among 100,000, or a million with `--million`. Rates are of the machine as it was; CPU is the server process's own.
 */
const connections = 32;
const roundMs = 2_000;
const rounds = 5;
const body = Buffer.alloc(1024, "x");
const keyCount = process.argv.includes("--million") ? 1_000_000 : 100_000;

type Server = { name: string; port: number; process: ChildProcess };
type Figures = { perSecond: number[]; cpuMicros: number[] };

const folder = await mkdtemp(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-objects-"));
const root = join(import.meta.dirname, "..");

const bare = `
const body = Buffer.alloc(1024, "x");
require("node:http").createServer((request, response) => {
  request.on("data", () => {}).on("end", () => request.method === "PUT" ? response.writeHead(200, { etag: '"0"', "content-length": 0 }).end() : response.end(body));
}).listen(process.argv[1], "127.0.0.1");`;

const start = async (name: string, command: (port: number) => [string, string[]]): Promise<Server> => {
  const port = await freePort();
  const [program, args] = command(port);
  const child = spawn(program, args, { stdio: "ignore" });
  for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 50) {
    const client = await openRawClient(port).catch(() => undefined);
    client?.close();
    if (client) return { name, port, process: child };
    await sleep(50);
  }
  throw new Error(`${name} does not listen.`);
};

const ticksASecond = 100;
const cpuSeconds = ({ process: { pid } }: Server): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksASecond;
};

const head = (method: string, path: string, bytes: number) =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes}\r\nContent-Type: application/octet-stream\r\n` +
  `x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n`;
const put = (path: string) => Buffer.concat([Buffer.from(head("PUT", path, body.length)), body]);
const get = (path: string) => head("GET", path, 0);

const ask = async (client: RawClient, request: Buffer | string): Promise<void> => {
  const status = await client.ask(request);
  if (status >= 300) throw new Error(`A request was answered with ${status}.`);
};

let made = 0;
const round = async (server: Server, request: () => Buffer | string): Promise<{ perSecond: number; cpuMicros: number }> => {
  const clients = await Promise.all(Array.from({ length: connections }, () => openRawClient(server.port)));
  const cpu = cpuSeconds(server);
  const began = performance.now();
  let count = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() - began < roundMs) {
        await ask(client, request());
        count++;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const client of clients) client.close();
  return { perSecond: count / seconds, cpuMicros: ((cpuSeconds(server) - cpu) / count) * 1e6 };
};

const measure = async (servers: readonly Server[], request: () => Buffer | string): Promise<Figures[]> => {
  const figures = servers.map((): Figures => ({ perSecond: [], cpuMicros: [] }));
  for (let index = -1; index < rounds; index++)
    for (const [at, server] of servers.entries()) {
      const { perSecond, cpuMicros } = await round(server, request);
      if (index < 0) continue;
      figures[at]?.perSecond.push(perSecond);
      figures[at]?.cpuMicros.push(cpuMicros);
    }
  return figures;
};

const print = (title: string, servers: readonly Server[], figures: readonly Figures[]) => {
  const ours = spreadOf(figures[0]?.perSecond ?? []).median;
  console.log(`\n${title}\n`);
  printTable(
    ["", "per second (min … max)", "ours is", "server CPU µs each (min … max)"],
    servers.map(({ name }, index) => {
      const rate: Spread = spreadOf(figures[index]?.perSecond ?? []);
      return [name, spread(rate, 0), `${(ours / rate.median).toFixed(2)}×`, spread(spreadOf(figures[index]?.cpuMicros ?? []), 0)];
    }),
  );
};

const list = async (server: Server): Promise<void> => {
  const client = await openRawClient(server.port);
  const others = await Promise.all(Array.from({ length: connections }, () => openRawClient(server.port)));
  await ask(client, head("PUT", "/many", 0));
  let next = 0;
  const keyOf = (index: number) =>
    createHash("md5")
      .update(String(index))
      .digest("hex")
      .replace(/^(..)(..)/, "$1/$2/");
  await Promise.all(
    others.map(async (each) => {
      while (next < keyCount) await ask(each, put(`/many/${keyOf(next++)}`));
    }),
  );
  for (const each of others) each.close();
  console.log(`\n${server.name}: a list among ${keyCount.toLocaleString("en-US")} keys, milliseconds\n`);
  const rows: string[][] = [];
  for (const [name, query] of [
    ["1,000 keys from the start", "list-type=2"],
    ["1,000 keys from the middle", "list-type=2&start-after=7f"],
    ["256 common prefixes", "list-type=2&delimiter=/"],
  ] as const) {
    const times: number[] = [];
    for (let index = 0; index < 21; index++) {
      const began = performance.now();
      await ask(client, get(`/many?${query}`));
      times.push(performance.now() - began);
    }
    rows.push([name, spread(spreadOf(times), 1)]);
  }
  printTable(["", "median (min … max)"], rows);
  client.close();
};

const moto = await motoServer();
const servers = [
  await start("tandem, durable", (port) => [join(root, "bin/tandem"), ["up", "--port", String(port), "--data", join(folder, "data")]]),
  ...(moto ? [await start("moto, in memory", (port) => [moto, ["-p", String(port), "-H", "127.0.0.1"]])] : []),
  await start("bare node:http", (port) => [process.execPath, ["-e", bare, String(port)]]),
];
try {
  for (const server of servers) {
    const client = await openRawClient(server.port);
    await ask(client, head("PUT", "/bench", 0));
    await ask(client, put("/bench/one"));
    client.close();
  }
  print(`PUT of 1 KiB, ${connections} connections`, servers, await measure(servers, () => put(`/bench/object-${made++}`)));
  print(`GET of 1 KiB, ${connections} connections`, servers, await measure(servers, () => get("/bench/one")));
  const [ours] = servers;
  if (ours) await list(ours);
} finally {
  for (const { process: child } of servers) await new Promise((resolve) => child.once("exit", resolve).kill("SIGTERM"));
  await rm(folder, { recursive: true, force: true });
}
