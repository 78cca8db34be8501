import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { familyCpuMicros } from "./cpu.ts";
import { freePort } from "./ports.ts";

/** A PostgreSQL of its own on the disk of the benchmark, with the settings that it comes with: each commit synced. */
export type Postgres = AsyncDisposable & {
  url: string;
  version: string;
  /** CPU time of all its processes so far. */ cpuMicros(): number;
};

const debians = "/usr/lib/postgresql";

/** Where `initdb`, `postgres` and `pg_isready` are. */
const programs = (): string | undefined => {
  const packaged = existsSync(debians) ? readdirSync(debians).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...packaged.map((version) => join(debians, version, "bin")), ...(process.env["PATH"] ?? "").split(":")];
  return folders.find((folder) => ["initdb", "postgres", "pg_isready"].every((program) => existsSync(join(folder, program))));
};

type User = { uid: number; gid: number };

const idOf = (flag: "-u" | "-g", user: string) => Number(execFileSync("id", [flag, user], { stdio: ["ignore", "pipe", "ignore"] }));

/** It refuses to run as root. */
const unprivileged = (): User | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    try {
      return { uid: idOf("-u", user), gid: idOf("-g", user) };
    } catch {
      // There is no such user.
    }
  }
  return undefined;
};

/** A server in a temporary folder on a free port, both gone at the end; undefined where PostgreSQL isn't installed. */
export const startPostgres = async (): Promise<Postgres | undefined> => {
  const bin = programs();
  if (bin === undefined) return undefined;
  const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-postgres-"));
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(join(bin, "initdb"), ["--pgdata", data, "--auth", "trust", "--username", "bench"], {
    ...user,
    cwd: folder,
    stdio: "ignore",
  });
  const port = await freePort();
  const server = spawn(join(bin, "postgres"), ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder], {
    ...user,
    cwd: folder,
    stdio: "ignore",
  });
  const ended = once(server, "exit");
  // Also when the benchmark fails: an immediate shutdown, since nobody waits for it.
  const kill = () => server.kill("SIGQUIT");
  process.once("exit", kill);
  const isReady = () => {
    try {
      execFileSync(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]);
      return true;
    } catch {
      return false;
    }
  };
  for (let tries = 0; !isReady(); tries += 1) {
    if (tries === 200 || server.exitCode !== null) throw new Error(`PostgreSQL does not start in ${data}`);
    await pause(50); // oxlint-disable-line no-await-in-loop -- until it is there
  }
  return {
    url: `postgresql://bench@127.0.0.1:${port}/postgres`,
    version: execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).trim(),
    cpuMicros: () => familyCpuMicros(server.pid ?? 0),
    [Symbol.asyncDispose]: async () => {
      process.off("exit", kill);
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
