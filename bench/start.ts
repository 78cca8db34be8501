import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { motoServer } from "./measure/moto.ts";
import { spreadOf } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

const rounds = 9;
const idleMs = 2_000;

type Starter = { name: string; command: (port: number, folder: string) => [string, string[]]; path: string };

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const answers = (port: number, path: string) =>
  new Promise<boolean>((resolve) => {
    const asking = request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    asking.on("error", () => resolve(false));
    asking.end();
  });

const residentMb = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024e-6;

/** Milliseconds from exec to the first answer, and megabytes resident when it has been idle for a while. */
const startOnce = async ({ command, path }: Starter) => {
  const folder = await mkdtemp(join(tmpdir(), "tandem-bench-start-"));
  const port = await freePort();
  const [program, args] = command(port, folder);
  const began = performance.now();
  const child = spawn(program, args, { stdio: "ignore" });
  while (!(await answers(port, path))) await sleep(1);
  const ms = performance.now() - began;
  await sleep(idleMs);
  const mb = residentMb(child.pid ?? 0);
  await new Promise((resolve) => child.once("exit", resolve).kill("SIGTERM"));
  await rm(folder, { recursive: true, force: true });
  return { ms, mb };
};

const root = join(import.meta.dirname, "..");
const bare = "require('node:http').createServer((q, s) => s.end()).listen(process.argv[1], '127.0.0.1')";
const moto = await motoServer();
const starters: Starter[] = [
  {
    name: "tandem, all services",
    command: (port, folder) => [join(root, "bin/tandem"), ["up", "--port", String(port), "--data", folder]],
    path: "/_tandem/health",
  },
  { name: "floor: an empty server on Node", command: (port) => [process.execPath, ["-e", bare, String(port)]], path: "/" },
  ...(moto
    ? [{ name: "moto server", command: (port: number): [string, string[]] => [moto, ["-p", String(port)]], path: "/moto-api/" }]
    : []),
];

// The first start of all makes the bundle.
await startOnce(starters[0] as Starter);
const figures = starters.map(() => ({ ms: [] as number[], mb: [] as number[] }));
for (let round = 0; round < rounds; round++)
  for (const [index, starter] of starters.entries()) {
    const { ms, mb } = await startOnce(starter);
    figures[index]?.ms.push(ms);
    figures[index]?.mb.push(mb);
  }
const ours = spreadOf(figures[0]?.ms ?? []).median;
printTable(
  ["", "ms from exec to the first answer (min … max)", "ours in it", "MB resident, idle (min … max)"],
  starters.map(({ name }, index) => {
    const ms = spreadOf(figures[index]?.ms ?? []);
    return [name, spread(ms, 0), `${(ours / ms.median).toFixed(2)}×`, spread(spreadOf(figures[index]?.mb ?? []), 1)];
  }),
);
