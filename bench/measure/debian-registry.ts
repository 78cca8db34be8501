import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const folder = join(import.meta.dirname, "../../node_modules/.cache/tandem/docker-registry");
const program = join(folder, "usr/bin/docker-registry");

/** Debian's package, unpacked for the benchmarks alone: nothing is installed, no service started. */
const unpack = (): boolean => {
  if (existsSync(program)) return true;
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("apt-get", ["download", "docker-registry"], { cwd: folder, stdio: "ignore" });
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb")) ?? "";
    execFileSync("dpkg-deb", ["-x", archive, "."], { cwd: folder, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** The reference registry in a process of its own; undefined where its package can't be had. */
export const startDebianRegistry = async (dataPath: string): Promise<(Disposable & { endpoint: string }) | undefined> => {
  if (!unpack()) return undefined;
  const port = await freePort();
  const config = join(dataPath, "config.yml");
  mkdirSync(dataPath, { recursive: true });
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${dataPath}/store }, delete: { enabled: true } }\nhttp: { addr: "127.0.0.1:${port}" }\n`,
  );
  const child = spawn(program, ["serve", config], { stdio: "ignore" });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(`${endpoint}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await pause(50);
  }
  return { endpoint, [Symbol.dispose]: () => void child.kill("SIGKILL") };
};
