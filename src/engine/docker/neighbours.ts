import type Docker from "dockerode";
import { label } from "./labels.ts";
import { networkName } from "./network.ts";

/** An address is looked up again after this long: it may have passed from a container of one cloud to another's. */
const freshMs = 500;

/** Finds whose container an address on the machine's network belongs to, among all clouds of the machine. */
export class Neighbours {
  readonly #docker: Docker;
  #last: ReadonlyMap<string, string> = new Map();
  #known: { at: number; clouds: Promise<ReadonlyMap<string, string>> } | undefined;

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** While the engine does not answer, what it said last; fails when that does not tell. */
  async cloudOf(address: string): Promise<string | undefined> {
    try {
      return await this.#ask(address);
    } catch (error) {
      const cloudId = this.#last.get(address);
      if (cloudId === undefined) throw error;
      return cloudId;
    }
  }

  async #ask(address: string): Promise<string | undefined> {
    const asked = performance.now();
    const current = this.#known;
    const found = current && asked - current.at < freshMs ? (await current.clouds).get(address) : undefined;
    if (found !== undefined) return found;
    // Absent may only mean new. Those that ask while the engine is being asked share its answer.
    if (this.#known === current || !this.#known) this.#known = { at: asked, clouds: this.#read() };
    return (await this.#known.clouds).get(address);
  }

  async #read(): Promise<ReadonlyMap<string, string>> {
    const sandboxes = await this.#docker.listContainers({ filters: JSON.stringify({ label: [`${label.role}=sandbox`] }) });
    this.#last = new Map(
      sandboxes.map((sandbox) => [sandbox.NetworkSettings.Networks[networkName]?.IPAddress ?? "", sandbox.Labels[label.cloud] ?? ""]),
    );
    return this.#last;
  }
}
