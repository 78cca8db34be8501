import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "#config";
import type { DockerEngineSettings } from "#engine/docker/docker-engine.ts";
import type { TaskNetwork } from "#engine/docker/network.ts";
import { EngineError, type Engine } from "#engine/engine.ts";
import type { Log } from "#wire/context.ts";

/** Connects to the engine when a task is first wanted. */
export type EngineOpener = {
  open(): Promise<Engine>;
  /** The network on which containers reach this process. */
  network(): Promise<TaskNetwork>;
  close(): Promise<void>;
};

type Parts = { log: Log; prepareSandboxes: DockerEngineSettings["prepareSandboxes"] };

/** Sandboxes that wait for tasks: one being claimed and one to follow it. */
const sandboxesAhead = 2;

type Opened = { engine: Engine; network: () => Promise<TaskNetwork> };

export const newEngineOpener = (config: Config, parts: Parts): EngineOpener => {
  let opening: Promise<Opened> | undefined;
  const openChosen = (): Promise<Opened> => (config.engine === "memory" ? openMemory(config) : openDocker(config, parts));
  const opened = () => (opening ??= openChosen().catch((error: unknown) => ((opening = undefined), Promise.reject(error))));
  return {
    open: async () => (await opened()).engine,
    network: async () => (await opened()).network(),
    close: async () => (await opening)?.engine.close(),
  };
};

/** Tasks that are only simulated, and forgotten with the process. */
const openMemory = async ({ dataPath }: Config): Promise<Opened> => {
  const { openMemoryEngine } = await import("#engine/memory/memory-engine.ts");
  const { SimulatedMachine } = await import("#engine/memory/simulated-machine.ts");
  return {
    engine: openMemoryEngine(new SimulatedMachine(), await readCloudId(dataPath)),
    network: () => Promise.reject(new EngineError("Unavailable", "Simulated containers have no network.")),
  };
};

const openDocker = async (config: Config, { log, prepareSandboxes }: Parts): Promise<Opened> => {
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
  return { engine, network: () => engine.network() };
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
