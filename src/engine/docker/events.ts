import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import type Docker from "dockerode";
import { pause } from "../pause.ts";
import { label } from "./labels.ts";

const changes = ["create", "start", "die", "oom", "health_status", "pause", "unpause", "destroy"];
const retryMs = [100, 200, 500, 1_000, 2_000];

type Watching = { docker: Docker; cloudId: string; changed: (taskId: string) => void; everyTask: () => Promise<readonly string[]> };

const readEvents = async ({ docker, cloudId, changed }: Watching, connected: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  const filters = JSON.stringify({ type: ["container"], event: changes, label: [`${label.cloud}=${cloudId}`] });
  const source = (await docker.getEvents({ filters } as Docker.GetEventsOptions)) as Readable;
  const stop = (): void => {
    source.destroy();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    await connected();
    for await (const line of createInterface({ input: source })) {
      const event = JSON.parse(line) as { Actor?: { Attributes?: Record<string, string> } };
      const taskId = event.Actor?.Attributes?.[label.task];
      if (taskId !== undefined) changed(taskId);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
};

/** Docker's events for this cloud. Whenever the stream opens each task is told as changed, since events may have been missed. */
export const watchTasks = (watching: Watching): Disposable => {
  const stopped = new AbortController();
  const watch = async (): Promise<void> => {
    let failures = 0;
    const connected = async (): Promise<void> => {
      for (const taskId of await watching.everyTask()) watching.changed(taskId);
      failures = 0;
    };
    while (!stopped.signal.aborted) {
      await readEvents(watching, connected, stopped.signal).catch(() => undefined);
      await pause(retryMs[Math.min(failures, retryMs.length - 1)] ?? 0, stopped.signal);
      failures += 1;
    }
  };
  void watch();
  return { [Symbol.dispose]: () => stopped.abort() };
};
