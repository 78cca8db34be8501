import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { ExecResult } from "../engine.ts";
import { asking } from "./docker-fault.ts";
import { readFrames } from "./frames.ts";

const maxOutputBytes = 1024 * 1024;

/** Runs a command and keeps the first MiB of each of its streams; the rest is read and dropped so that it does not block. */
export const execute = async (container: Docker.Container, command: readonly string[]): Promise<ExecResult> => {
  const exec = await asking("NotFound", container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: false }));
  const source: Duplex = await asking("StartFailed", exec.start({ hijack: true, stdin: false, Tty: false }));
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const sizes = { stdout: 0, stderr: 0 };
  for await (const { stream, bytes } of readFrames(source, false)) {
    const room = maxOutputBytes - sizes[stream];
    if (room > 0) kept[stream].push(bytes.subarray(0, room));
    sizes[stream] += Math.min(bytes.length, Math.max(room, 0));
  }
  const { ExitCode } = await asking("NotFound", exec.inspect());
  return { exitCode: ExitCode ?? -1, stdout: Buffer.concat(kept.stdout), stderr: Buffer.concat(kept.stderr) };
};
