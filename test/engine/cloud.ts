import { after } from "node:test";
import { connectDocker } from "#engine/docker/connect.ts";
import { openDockerEngine, type DockerEngine, type DockerEngineSettings } from "#engine/docker/docker-engine.ts";
import type { ContainerSpec, TaskSpec } from "#engine/engine.ts";

export const docker = await connectDocker({ dockerHost: process.env["DOCKER_HOST"] });

export const newCloudId = (): string => `test${process.pid}x${process.hrtime.bigint().toString(36)}`;

/** A Docker engine of its own for a test file, without a door; everything it started is removed when the file is done. */
export const openTestEngine = (settings: Partial<DockerEngineSettings> = {}): DockerEngine => {
  const engine = openDockerEngine(docker, {
    cloudId: newCloudId(),
    dataPath: "/tmp",
    bindAddress: "127.0.0.1",
    sandboxesAhead: 0,
    prepareSandboxes: async () => ({ dns: [] }),
    ...settings,
  });
  after(async () => {
    for (const status of await engine.list()) await engine.remove(status.id);
    await engine.close();
  });
  return engine;
};

export const oneContainer = (
  id: string,
  container: Partial<ContainerSpec> & { image: string },
  more: Partial<TaskSpec> = {},
): TaskSpec => ({
  id,
  kind: "test",
  labels: {},
  network: "sandbox",
  containers: [{ name: "main", essential: true, ...container }],
  ...more,
});
