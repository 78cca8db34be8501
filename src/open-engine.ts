import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "#config";
import type { DockerEngine, DockerEngineSettings } from "#engine/docker/docker-engine.ts";
import type { Log } from "#wire/context.ts";

/** Connects to the engine when a task is first wanted. */
export type EngineOpener = { open(): Promise<DockerEngine>; close(): Promise<void> };

type Parts = { log: Log; prepareSandboxes: DockerEngineSettings["prepareSandboxes"] };

/** Sandboxes that wait for tasks: one being claimed and one to follow it. */
const sandboxesAhead = 2;

export const newEngineOpener = (config: Config, parts: Parts): EngineOpener => {
  let opening: Promise<DockerEngine> | undefined;
  return {
    open: () => (opening ??= openDocker(config, parts).catch((error: unknown) => ((opening = undefined), Promise.reject(error)))),
    close: async () => (await opening)?.close(),
  };
};

const openDocker = async (config: Config, { log, prepareSandboxes }: Parts): Promise<DockerEngine> => {
  const { dataPath, host, dockerHost, homePath, runtimePath } = config;
  const { connectDocker } = await import("#engine/docker/connect.ts");
  const { openDockerEngine } = await import("#engine/docker/docker-engine.ts");
  const engine = openDockerEngine(await connectDocker({ dockerHost, homePath, runtimePath }), {
    cloudId: await readCloudId(dataPath),
    dataPath,
    bindAddress: host,
    sandboxesAhead,
    prepareSandboxes,
  });
  engine.adopt().catch((error: unknown) => log.warn({ error }, "what ran before the start could not all be taken over"));
  return engine;
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
