import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "#config";
import type { Engine } from "#engine/engine.ts";

/** Connects to the engine when a task is first wanted. */
export type EngineOpener = { open(): Promise<Engine>; close(): Promise<void> };

/** Sandboxes that wait for tasks: one being claimed and one to follow it. */
const sandboxesAhead = 2;

export const newEngineOpener = (config: Config): EngineOpener => {
  let opening: Promise<Engine> | undefined;
  return {
    open: () => (opening ??= openDocker(config).catch((error: unknown) => ((opening = undefined), Promise.reject(error)))),
    close: async () => (await opening)?.close(),
  };
};

const openDocker = async ({ dataPath, host, dockerHost, homePath, runtimePath }: Config): Promise<Engine> => {
  const { connectDocker } = await import("#engine/docker/connect.ts");
  const { openDockerEngine } = await import("#engine/docker/docker-engine.ts");
  return openDockerEngine(await connectDocker({ dockerHost, homePath, runtimePath }), {
    cloudId: await readCloudId(dataPath),
    dataPath,
    bindAddress: host,
    sandboxesAhead,
    prepareSandboxes: async () => ({ dns: [], labels: {} }),
  });
};

/** The cloud's own id, made with its data folder: by it a restart finds its containers. */
export const readCloudId = async (dataPath: string): Promise<string> => {
  const path = join(dataPath, "cloud-id");
  const known = await readFile(path, "utf8").catch(() => "");
  if (known !== "") return known.trim();
  const id = randomUUID().slice(0, 8);
  await writeFile(path, `${id}\n`);
  return id;
};
