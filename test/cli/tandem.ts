import { execFile } from "node:child_process";
import { join } from "node:path";

export type Ended = { code: number; stdout: string; stderr: string };

/** Runs the command line to its end, as a user's shell does. Never rejects: the exit code is part of the answer. */
export const tandem = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment };
    const child = execFile(
      join(import.meta.dirname, "../../bin/tandem"),
      [...args],
      { env, maxBuffer: 32 << 20 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end();
  });

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
