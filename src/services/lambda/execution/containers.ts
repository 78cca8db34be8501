import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { EngineError } from "#engine/engine.ts";
import type { Engine, TaskSpec, TaskStatus } from "#engine/engine.ts";
import type { Platform } from "../../service.ts";
import type { FunctionVersion } from "../lambda.ts";
import { Environment } from "./environment.ts";
import type { EnvironmentEvents } from "./environment.ts";
import type { LogWriter } from "./log-writer.ts";
import { Output } from "./output.ts";
import { newRuntimeApi } from "./runtime-api.ts";

/** What a container is started with; without a version it may become any function of its runtime. */
export type Start = {
  image: string;
  version?: FunctionVersion;
  /** Absent: the environment asks for them when it has booted. */
  variables?: (environment: Environment) => Promise<Record<string, string>>;
  /** The folder that is its code; its own empty one unless told. */
  codePath?: string;
  isImage?: boolean;
};

type Parts = { platform: Platform; folder: string; writer: LogWriter; events: EnvironmentEvents };

const mib = 2 ** 20;
/** AWS gives one core for each 1,769 MB. */
const memoryMbACore = 1_769;
const bootMs = 30_000;
const unknownAddressMs = 10_000;
const container = "function";

const limitsFor = ({ memoryMb }: Pick<FunctionVersion, "memoryMb">) => ({
  memoryBytes: memoryMb * mib,
  cpuUnits: Math.max(2, Math.round((memoryMb / memoryMbACore) * 1024)),
  pids: 1024,
});

/** Starts and ends the containers of environments, and knows which environment calls from which address. */
export class Containers {
  readonly #parts: Parts;
  readonly #environments = new Map<string, Environment>();
  readonly #following = new Map<string, AbortController>();
  readonly #addresses = new Map<string, Environment>();
  readonly #strangers = new Map<string, ((environment: Environment) => void)[]>();
  readonly #removals = new Set<Promise<void>>();
  #opened: Promise<{ engine: Engine; server: Server; address: string; watch: Disposable }> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async start(start: Start): Promise<Environment> {
    const { platform, folder, writer, events } = this.#parts;
    const { engine, address } = await this.#open();
    const id = platform.newId().replaceAll("-", "");
    const environment = new Environment({
      id,
      folder: join(folder, id, "task"),
      output: new Output(writer, platform.now),
      events: { idle: events.idle, dead: (dead) => (this.end(dead), events.dead(dead)) },
      now: platform.now,
    });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await mkdir(environment.folder, { recursive: true });
    this.#environments.set(id, environment);
    try {
      const variables = await start.variables?.(environment);
      if (start.version && variables) environment.bind(start.version, variables);
      const { mounts } = await platform.containers.grants(start.version?.region ?? "us-east-1");
      const status = await engine.run(specOf(environment, start, { address, mounts, variables: variables ?? {} }));
      this.#know(environment, status.address);
      this.#follow(engine, environment);
      this.#look(environment, status);
      await booted(environment);
      return environment;
    } catch (error) {
      this.end(environment);
      throw error;
    }
  }

  /** The environment that calls from an address; one that was only just started may call before its address is known. */
  find(address: string): Promise<Environment | undefined> {
    const known = this.#addresses.get(address);
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => {
      const waiting = this.#strangers.get(address) ?? [];
      const timer = setTimeout(() => {
        this.#strangers.delete(address);
        resolve(undefined);
      }, unknownAddressMs).unref();
      waiting.push((environment) => (clearTimeout(timer), resolve(environment)));
      this.#strangers.set(address, waiting);
    });
  }

  /** Removes the container and everything of it. */
  end(environment: Environment): void {
    if (!this.#environments.delete(environment.id)) return;
    environment.exited(undefined);
    this.#following.get(environment.id)?.abort();
    this.#following.delete(environment.id);
    const removal = this.#remove(environment).catch((error: unknown) =>
      this.#parts.platform.log.warn({ error, environment: environment.id }, "an environment could not be removed"),
    );
    this.#removals.add(removal);
    void removal.finally(() => this.#removals.delete(removal));
  }

  async freeze(environment: Environment): Promise<void> {
    await (await this.#open()).engine.freeze(environment.id);
  }

  async thaw(environment: Environment): Promise<void> {
    await (await this.#open()).engine.thaw(environment.id);
  }

  async limit(environment: Environment, version: FunctionVersion): Promise<void> {
    await (await this.#open()).engine.resize(environment.id, container, limitsFor(version));
  }

  async memoryBytes(): Promise<number> {
    return (await (await this.#open()).engine.capacity()).memoryBytes;
  }

  /** Removes what a process that died has left behind. */
  async reap(): Promise<void> {
    const engine = await this.#parts.platform.engine();
    const left = (await engine.list()).filter(({ kind }) => kind === "function");
    await Promise.all(left.map(({ id }) => engine.remove(id)));
    await rm(this.#parts.folder, { recursive: true, force: true });
  }

  /** Ends all environments and waits until their containers are gone. */
  async clear(): Promise<void> {
    for (const environment of this.#environments.values()) this.end(environment);
    await Promise.all(this.#removals);
  }

  async close(): Promise<void> {
    await this.clear();
    const opened = await this.#opened?.catch(() => undefined);
    opened?.watch[Symbol.dispose]();
    opened?.server.closeAllConnections();
    opened?.server.close();
  }

  #open() {
    return (this.#opened ??= this.#connect().catch((error: unknown) => ((this.#opened = undefined), Promise.reject(error))));
  }

  async #connect() {
    const engine = await this.#parts.platform.engine();
    const host = await this.#parts.platform.containers.bridgeAddress();
    const server = newRuntimeApi((address) => this.find(address));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
    const watch = engine.watch((id) => {
      const environment = this.#environments.get(id);
      if (environment?.address !== undefined)
        void engine.inspect(id).then(
          (status) => this.#look(environment, status),
          () => undefined,
        );
    });
    return { engine, server, address: `${host}:${(server.address() as AddressInfo).port}`, watch };
  }

  #know(environment: Environment, address: string | undefined): void {
    if (address === undefined) return;
    environment.address = address;
    this.#addresses.set(address, environment);
    for (const tell of this.#strangers.get(address) ?? []) tell(environment);
    this.#strangers.delete(address);
  }

  #look(environment: Environment, status: TaskStatus | undefined): void {
    const [only] = status?.containers ?? [];
    if (!only || only.state === "exited") environment.exited(only?.exitCode);
  }

  #follow(engine: Engine, environment: Environment): void {
    const abort = new AbortController();
    const { signal } = abort;
    this.#following.set(environment.id, abort);
    const follow = async () => {
      for await (const line of engine.logs(environment.id, container, { follow: true, signal })) environment.output.line(line);
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) this.#parts.platform.log.warn({ error, environment: environment.id }, "output can't be followed");
    });
  }

  async #remove(environment: Environment): Promise<void> {
    const { engine } = await this.#open();
    await environment.output.close();
    await engine.remove(environment.id);
    if (environment.address !== undefined && this.#addresses.get(environment.address) === environment)
      this.#addresses.delete(environment.address);
    await rm(join(this.#parts.folder, environment.id), { recursive: true, force: true });
  }
}

const booted = async (environment: Environment): Promise<void> => {
  const timer = setTimeout(() => environment.exited(undefined), bootMs);
  await environment.booted();
  clearTimeout(timer);
  if (environment.isDead)
    throw new EngineError("StartFailed", `the environment ended before it took code: ${environment.output.lastLines()}`);
};

type Surroundings = {
  address: string;
  mounts: readonly { source: string; target: string; readOnly: true }[];
  variables: Record<string, string>;
};

const specOf = ({ id, folder }: Environment, start: Start, { address, mounts, variables }: Surroundings): TaskSpec => ({
  id,
  kind: "function",
  labels: start.version ? { function: start.version.name } : {},
  network: "sandbox",
  containers: [
    {
      name: container,
      image: start.image,
      essential: true,
      environment: { ...variables, AWS_LAMBDA_RUNTIME_API: address },
      user: "993:990",
      limits: limitsFor(start.version ?? { memoryMb: 256 }),
      mounts: [...(start.isImage ? [] : [{ source: start.codePath ?? folder, target: "/var/task", readOnly: true }]), ...mounts],
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      temporaryBytes: (start.version?.ephemeralStorage.Size ?? 512) * mib,
      ...(start.version?.imageConfig?.EntryPoint?.length ? { entryPoint: start.version.imageConfig.EntryPoint } : {}),
      ...(start.version?.imageConfig?.Command?.length ? { command: start.version.imageConfig.Command } : {}),
      ...(start.version?.imageConfig?.WorkingDirectory ? { workingDirectory: start.version.imageConfig.WorkingDirectory } : {}),
    },
  ],
});
