import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { LogLine, LogPosition } from "../engine.ts";
import { pause } from "../pause.ts";
import { statusOf } from "./docker-fault.ts";
import { readFrames } from "./frames.ts";
import { LineReader, sinceOf } from "./log-lines.ts";
import type { Inspected } from "./task-status.ts";

type Following = { since?: LogPosition; follow: boolean; signal?: AbortSignal };

const retryMs = 250;

/** What became of the container: `unknown` while Docker does not answer, undefined when it is gone. */
const lookAt = async (container: Docker.Container): Promise<Inspected | "unknown" | undefined> => {
  try {
    return await container.inspect();
  } catch (error) {
    return statusOf(error) === 404 ? undefined : "unknown";
  }
};

/** Asks by hand: Docker's client reads an answer that is not followed into memory first. */
const openLog = (container: Docker.Container, since: string | undefined, follow: boolean): Promise<Readable> =>
  new Promise((resolve, reject) => {
    const options = { stdout: true, stderr: true, timestamps: true, follow, ...(since === undefined ? {} : { since }) };
    const request = { path: `/containers/${container.id}/logs?`, method: "GET", isStream: true, options };
    container.modem.dial(
      { ...request, statusCodes: { 200: true, 404: "no such container", 500: "server error" } },
      (error: unknown, data: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error(String(error)));
        else resolve(data as Readable);
      },
    );
  });

type Reading = { follow: boolean; terminal: boolean; signal: AbortSignal | undefined };

async function* readOnce(container: Docker.Container, lines: LineReader, { follow, terminal, signal }: Reading): AsyncGenerator<LogLine> {
  lines.rewind();
  const source = await openLog(container, sinceOf(lines.position), follow);
  const stop = (): void => {
    source.destroy();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for await (const frame of readFrames(source, terminal)) yield* lines.read(frame);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** Every line once and in order, whatever happens to the connection, until the container has ended or is gone. */
export async function* followLogs(container: Docker.Container, { since, follow, signal }: Following): AsyncGenerator<LogLine> {
  const lines = new LineReader(since ?? { timestamp: 0, lines: 0 });
  const aborted = (): boolean => signal?.aborted ?? false;
  while (!aborted()) {
    const seen = await lookAt(container);
    if (seen === undefined) return;
    if (seen === "unknown" || seen.State.Status === "created") {
      if (seen !== "unknown" && (!follow || seen.State.Error)) return;
      await pause(retryMs, signal);
      continue;
    }
    // A stream may also end because the connection did, so the end of a container is told by its state, and then read once more.
    const last = !follow || !seen.State.Running;
    try {
      yield* readOnce(container, lines, { follow: !last, terminal: seen.Config.Tty, signal });
    } catch (error) {
      if (aborted() || statusOf(error) === 404) return;
      await pause(retryMs, signal);
      continue;
    }
    if (last) {
      yield* lines.end();
      return;
    }
  }
}
