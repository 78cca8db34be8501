import type Docker from "dockerode";
import { EngineError, type PortMapping, type TaskSpec } from "../engine.ts";
import { asking, statusOf, unless } from "./docker-fault.ts";
import { label } from "./labels.ts";
import { hasDied, markProcess } from "./process-mark.ts";
import { gatewayAddress, networkName } from "./network.ts";

/** A running container that does nothing but hold a network namespace. */
export type Sandbox = { id: string; address: string | undefined; ports: readonly Required<PortMapping>[] };

/** What the cloud gives to every sandbox; without name servers of its own it has the engine's. */
export type SandboxSettings = { dns: readonly string[] };

type Wanted = SandboxSettings & { cloudId: string; bindAddress: string; task?: TaskSpec };

/** The first is made for it; the second is there when the first was not built, and can sleep as well. */
const images: readonly { name: string; command?: string[] }[] = [
  { name: "tandem/sandbox" },
  { name: "debian:bookworm-slim", command: ["sleep", "infinity"] },
];

const networkOptions = ({ task, bindAddress, dns }: Wanted): Docker.HostConfig => {
  if (task?.network === "none") return { NetworkMode: "none" };
  const hosts = Object.entries({ "host.docker.internal": gatewayAddress, ...task?.hosts });
  return {
    NetworkMode: networkName,
    ExtraHosts: hosts.map(([name, address]) => `${name}:${address}`),
    ...(dns.length > 0 ? { Dns: [...dns] } : {}),
    PortBindings: Object.fromEntries(
      (task?.ports ?? []).map((port) => [
        `${port.containerPort}/${port.protocol}`,
        [{ HostIp: bindAddress, HostPort: String(port.hostPort ?? 0) }],
      ]),
    ),
  };
};

const sandboxOptions = (wanted: Wanted): Docker.ContainerCreateOptions => ({
  ExposedPorts: Object.fromEntries((wanted.task?.ports ?? []).map((port) => [`${port.containerPort}/${port.protocol}`, {}])),
  Labels: {
    [label.cloud]: wanted.cloudId,
    [label.role]: "sandbox",
    [label.process]: markProcess(),
    ...(wanted.task ? { [label.task]: wanted.task.id, [label.kind]: wanted.task.kind } : {}),
  },
  HostConfig: {
    ...networkOptions(wanted),
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    ReadonlyRootfs: true,
    PidsLimit: 16,
    LogConfig: { Type: "none", Config: {} },
  },
});

const createFromFirst = async (docker: Docker, options: Docker.ContainerCreateOptions): Promise<Docker.Container> => {
  for (const image of images) {
    try {
      return await docker.createContainer({ ...options, Image: image.name, ...(image.command ? { Cmd: image.command } : {}) });
    } catch (error) {
      if (statusOf(error) !== 404) await asking("StartFailed", Promise.reject(error));
    }
  }
  throw new EngineError(
    "ImageNotFound",
    `No image for network sandboxes: none of ${images.map((image) => image.name).join(", ")} is there.`,
  );
};

const publishedPorts = (inspected: Docker.ContainerInspectInfo): Required<PortMapping>[] =>
  Object.entries(inspected.NetworkSettings.Ports ?? {}).flatMap(([key, bindings]) => {
    const [port, protocol] = key.split("/");
    const hostPort = Number(bindings?.[0]?.HostPort);
    return hostPort ? [{ containerPort: Number(port), hostPort, protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const) }] : [];
  });

/** @throws EngineError code `StartFailed`, for example when a published port is taken */
export const createSandbox = async (docker: Docker, wanted: Wanted): Promise<Sandbox> => {
  const container = await createFromFirst(docker, sandboxOptions(wanted));
  try {
    await container.start();
    return await readSandbox(docker, container.id);
  } catch (error) {
    await removeSandbox(docker, container.id).catch(() => undefined);
    return asking("StartFailed", Promise.reject(error));
  }
};

const readSandbox = async (docker: Docker, id: string): Promise<Sandbox> => {
  const inspected = await docker.getContainer(id).inspect();
  const address = inspected.NetworkSettings.Networks[networkName]?.IPAddress;
  return { id, address: address || undefined, ports: publishedPorts(inspected) };
};

export const removeSandbox = async (docker: Docker, id: string): Promise<void> => {
  await unless([404, 409], docker.getContainer(id).remove({ force: true, v: true }));
};

/**
 * Removes sandboxes that no task's container refers to and no process will claim: those that this cloud had made before it died, and those of
 * any cloud whose process is dead, since it may never come back. Call it before making any.
 */
export const reapSandboxes = async (docker: Docker, cloudId: string): Promise<number> => {
  const all = await asking("Unavailable", docker.listContainers({ all: true, filters: JSON.stringify({ label: [label.cloud] }) }));
  const used = new Set(all.map((container) => container.Labels[label.sandbox]));
  const left = all.filter(
    ({ Id, Labels }) =>
      Labels[label.role] === "sandbox" && !used.has(Id) && (Labels[label.cloud] === cloudId || hasDied(Labels[label.process] ?? "")),
  );
  await Promise.all(left.map((container) => removeSandbox(docker, container.Id)));
  return left.length;
};

/** The pool is filled when no task has claimed from it for so long. */
const refillDelayMs = 250;

/** Sandboxes started ahead of the tasks that will claim them, because starting one takes longer than all the rest of a task's start. */
export class SandboxPool {
  readonly #create: () => Promise<Sandbox>;
  readonly #remove: (id: string) => Promise<void>;
  readonly #size: number;
  readonly #free: Sandbox[] = [];
  #making: Promise<void> | undefined;
  #refill: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(size: number, create: () => Promise<Sandbox>, remove: (id: string) => Promise<void>) {
    this.#size = size;
    this.#create = create;
    this.#remove = remove;
  }

  /** A sandbox made ahead, or a new one; what was taken is made again behind it. */
  async claim(): Promise<Sandbox> {
    const sandbox = this.#free.shift() ?? (await this.#create());
    // Later: making one now would take the processor from the very task that has just claimed its own.
    clearTimeout(this.#refill);
    this.#refill = setTimeout(() => this.fill(), refillDelayMs).unref();
    return sandbox;
  }

  /** Makes what is missing, one at a time so that tasks which are starting now are not slowed down by those to come. */
  fill(): void {
    this.#making ??= this.#fill().finally(() => {
      this.#making = undefined;
    });
  }

  /** Resolves when the pool is full, or can't be filled now. */
  async filled(): Promise<void> {
    this.fill();
    await this.#making;
  }

  async #fill(): Promise<void> {
    while (!this.#closed && this.#free.length < this.#size) {
      try {
        this.#free.push(await this.#create());
      } catch {
        // The next claim makes its own and hears the reason.
        return;
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refill);
    await this.#making;
    await Promise.all(this.#free.splice(0).map((sandbox) => this.#remove(sandbox.id)));
  }
}
