import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const venv = join(import.meta.dirname, "../../node_modules/.cache/tandem/moto");

/** The program of the peer that most tests use today, installed for the benchmarks alone; undefined where it can't be had. */
export const motoServer = async (): Promise<string | undefined> => {
  const program = join(venv, "bin/moto_server");
  if (existsSync(program)) return program;
  try {
    execFileSync("python3", ["-m", "venv", venv], { stdio: "ignore" });
    execFileSync(join(venv, "bin/pip"), ["install", "--quiet", "moto[server]"], { stdio: "ignore" });
    return program;
  } catch {
    return undefined;
  }
};
