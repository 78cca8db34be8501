import type Docker from "dockerode";
import type { PortMapping, TaskSpec } from "../engine.ts";
import { ensureNetwork } from "./network.ts";
import { createSandbox, reapSandboxes, removeSandbox, SandboxPool, type Sandbox, type SandboxSettings } from "./sandboxes.ts";

/** The network that a task's containers join: a sandbox's, or the machine's own. */
export type Joined = { sandboxId: string | undefined; address: string | undefined; ports: readonly Required<PortMapping>[] };

type Settings = { cloudId: string; bindAddress: string; sandboxesAhead: number; prepareSandboxes: () => Promise<SandboxSettings> };

const joinedTo = (sandbox: Sandbox): Joined => ({ sandboxId: sandbox.id, address: sandbox.address, ports: sandbox.ports });

/** A sandbox of the pool fits every task that wants nothing of its network but to be on it. */
const fitsPool = (task: TaskSpec): boolean =>
  task.network === "sandbox" && (task.ports ?? []).length === 0 && Object.keys(task.hosts ?? {}).length === 0;

/** Gives each task its network. */
export class TaskNetworks {
  readonly #docker: Docker;
  readonly #settings: Settings;
  readonly #pool: SandboxPool;
  #ready: Promise<SandboxSettings> | undefined;

  constructor(docker: Docker, settings: Settings) {
    this.#docker = docker;
    this.#settings = settings;
    this.#pool = new SandboxPool(
      settings.sandboxesAhead,
      () => this.#make(undefined),
      (id) => removeSandbox(docker, id),
    );
  }

  async join(task: TaskSpec): Promise<Joined> {
    if (task.network === "host") return { sandboxId: undefined, address: undefined, ports: [] };
    await this.#prepare();
    return joinedTo(await (fitsPool(task) ? this.#pool.claim() : this.#make(task)));
  }

  async warmUp(): Promise<void> {
    await this.#prepare();
    await this.#pool.filled();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #make(task: TaskSpec | undefined): Promise<Sandbox> {
    const { cloudId, bindAddress } = this.#settings;
    const prepared = await this.#prepare();
    return createSandbox(this.#docker, { ...prepared, cloudId, bindAddress, ...(task ? { task } : {}) });
  }

  /** Once; again when it failed. */
  #prepare(): Promise<SandboxSettings> {
    this.#ready ??= this.#setUp().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #setUp(): Promise<SandboxSettings> {
    await Promise.all([ensureNetwork(this.#docker), reapSandboxes(this.#docker, this.#settings.cloudId)]);
    return this.#settings.prepareSandboxes();
  }
}
