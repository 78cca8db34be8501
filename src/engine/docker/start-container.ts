import type Docker from "dockerode";
import { EngineError, type ContainerSpec, type TaskSpec } from "../engine.ts";
import { containerOptions } from "./container-options.ts";
import { engineError, statusOf, wordsOf } from "./docker-fault.ts";
import { label } from "./labels.ts";
import type { Joined } from "./task-networks.ts";
import { parsePorts } from "./task-status.ts";

type Start = { docker: Docker; cloudId: string; task: TaskSpec; joined: Joined };

/** Docker's words when the sandbox died before a container could join it. */
export const isSandboxGone = (error: unknown): boolean =>
  error instanceof EngineError && /cannot join network of a non running container|No such container: [0-9a-f]{64}/.test(error.message);

const createContainer = async ({ docker, cloudId, task, joined }: Start, container: ContainerSpec): Promise<Docker.Container> => {
  const options = containerOptions(task, container, { cloudId, joined });
  try {
    return await docker.createContainer(options);
  } catch (error) {
    // Created before a crash, or by the call before this one.
    if (statusOf(error) === 409 && wordsOf(error).includes("is already in use")) return docker.getContainer(options.name ?? "");
    const missing = statusOf(error) === 404 && /No such image/i.test(wordsOf(error));
    throw engineError(error, missing ? "ImageNotFound" : "StartFailed");
  }
};

/** Creates and starts one container of a task; one that was created already is started. */
export const startContainer = async (start: Start, container: ContainerSpec): Promise<Docker.Container> => {
  const created = await createContainer(start, container);
  try {
    await created.start();
  } catch (error) {
    // 304: it runs.
    if (statusOf(error) !== 304) throw engineError(error, "StartFailed");
  }
  return created;
};

/** The network that the task's existing containers have joined. */
export const joinedOf = (labels: Readonly<Record<string, string>>): Joined => ({
  sandboxId: labels[label.sandbox] || undefined,
  address: labels[label.address] || undefined,
  ports: parsePorts(labels[label.ports]),
});
