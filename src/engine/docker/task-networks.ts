import type Docker from "dockerode";
import type { PortMapping, TaskSpec } from "../engine.ts";
import { Neighbours } from "./neighbours.ts";
import { ensureNetwork, gatewayAddress, type TaskNetwork } from "./network.ts";
import { createSandbox, reapSandboxes, removeSandbox, SandboxPool, type Sandbox, type SandboxSettings } from "./sandboxes.ts";

/** The network that a task's containers join: a sandbox's, or the machine's own. */
export type Joined = { sandboxId: string | undefined; address: string | undefined; ports: readonly Required<PortMapping>[] };

type Settings = {
  cloudId: string;
  bindAddress: string;
  sandboxesAhead: number;
  prepareSandboxes: (network: TaskNetwork) => Promise<SandboxSettings>;
};

const joinedTo = (sandbox: Sandbox): Joined => ({ sandboxId: sandbox.id, address: sandbox.address, ports: sandbox.ports });

/** A sandbox of the pool fits every task that wants nothing of its network but to be on it. */
const fitsPool = (task: TaskSpec): boolean =>
  task.network === "sandbox" && (task.ports ?? []).length === 0 && Object.keys(task.hosts ?? {}).length === 0;

/** Gives each task its network. */
export class TaskNetworks {
  readonly #docker: Docker;
  readonly #settings: Settings;
  readonly #pool: SandboxPool;
  readonly #network: TaskNetwork;
  /** The addresses of the sandboxes that this process made and has not removed, by sandbox. */
  readonly #own = new Map<string, string>();
  #ready: Promise<SandboxSettings> | undefined;

  constructor(docker: Docker, settings: Settings) {
    this.#docker = docker;
    this.#settings = settings;
    const neighbours = new Neighbours(docker);
    // Our own are known without asking the engine.
    const isOwn = (address: string): boolean => this.#own.values().some((own) => own === address);
    this.#network = {
      gateway: gatewayAddress,
      cloudOf: async (address) => (isOwn(address) ? settings.cloudId : neighbours.cloudOf(address)),
    };
    this.#pool = new SandboxPool(
      settings.sandboxesAhead,
      () => this.#make(undefined),
      (id) => this.remove(id),
    );
  }

  async join(task: TaskSpec): Promise<Joined> {
    if (task.network === "host") return { sandboxId: undefined, address: undefined, ports: [] };
    await this.#prepare();
    return joinedTo(await (fitsPool(task) ? this.#pool.claim() : this.#make(task)));
  }

  async remove(sandboxId: string): Promise<void> {
    this.#own.delete(sandboxId);
    await removeSandbox(this.#docker, sandboxId);
  }

  async network(): Promise<TaskNetwork> {
    await this.#prepare();
    return this.#network;
  }

  /** Takes over the networks of tasks that ran before this process began, and removes sandboxes that no task is on. */
  async adopt(joined: readonly Joined[]): Promise<void> {
    for (const { sandboxId, address } of joined) if (sandboxId !== undefined && address !== undefined) this.#own.set(sandboxId, address);
    if (joined.length > 0) await this.#prepare();
    else await reapSandboxes(this.#docker, this.#settings.cloudId);
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
    const sandbox = await createSandbox(this.#docker, { ...prepared, cloudId, bindAddress, ...(task ? { task } : {}) });
    if (sandbox.address !== undefined) this.#own.set(sandbox.id, sandbox.address);
    return sandbox;
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
    return this.#settings.prepareSandboxes(this.#network);
  }
}
