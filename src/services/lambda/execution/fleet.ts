import type { Platform } from "../../service.ts";
import type { CodeStore } from "../code/code-store.ts";
import { throttled } from "../faults.ts";
import type { FunctionName, FunctionVersion } from "../lambda.ts";
import { functionArn } from "../names.ts";
import type { Containers } from "./containers.ts";
import type { newRoleCredentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { Pool } from "./pool.ts";
import { codeStampOf } from "./hot-reload.ts";
import { streamName, variablesOf } from "./variables.ts";

type Parts = {
  platform: Platform;
  containers: Containers;
  code: CodeStore;
  credentialsOf: ReturnType<typeof newRoleCredentials>;
  imageOf: (version: FunctionVersion) => Promise<string>;
};

type Waiter = { resolve(environment: Environment): void; reject(error: unknown): void; isSettled: boolean };

const poolSize = 3;
const parallelStarts = 4;
const freezeAfterMs = 100;
const sweepMs = 50;
/** How long the end of a container may take to be noticed. */
const noticeMs = 200;
const idleLifeMs = 5 * 60_000;
/** How long to wait for an environment that is just about to come back, before another is started. */
const comingBackMs = 10;
/** Memory that all functions together may claim, in parts of what the machine has: most use much less than they claim. */
const overcommit = 2;

const keyOf = (version: FunctionVersion): string => `${functionArn(version, version.version)}@${version.revisionId}`;

/** A dedicated environment is started for one function alone; all others take any of their runtime's pool. */
const isDedicated = ({ packageType, hotReloadPath, ephemeralStorage }: FunctionVersion): boolean =>
  packageType === "Image" || hotReloadPath !== undefined || (ephemeralStorage.Size ?? 512) > 512;

/** All environments: finds one for each invocation, makes more as they are needed, freezes and ends those that are not. */
export class Fleet {
  readonly #parts: Parts;
  readonly #pools = new Map<string, Pool>();
  readonly #bound = new Map<string, Set<Environment>>();
  readonly #idle = new Map<string, Environment[]>();
  readonly #waiters = new Map<string, Waiter[]>();
  readonly #frozen = new WeakMap<Environment, Promise<void>>();
  readonly #sweeper: NodeJS.Timeout;
  #memoryBytes: number | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs).unref();
  }

  /** An environment of this very version, idle or just bound to it. */
  async acquire(version: FunctionVersion): Promise<Environment> {
    const key = keyOf(version);
    for (let idle = this.#idle.get(key)?.pop(); idle; idle = this.#idle.get(key)?.pop()) {
      await this.#thaw(idle);
      if (this.#isFit(idle, version) && (await hasSameCode(idle, version))) return idle;
      this.#parts.containers.end(idle);
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, isSettled: false };
      const waiters = this.#waiters.get(key) ?? [];
      this.#waiters.set(key, waiters);
      waiters.push(waiter);
      const comingBack = [...(this.#bound.get(key) ?? [])].filter(({ phase }) => phase === "finishing").length;
      const grow = () => void this.#grow(version, waiter);
      if (comingBack >= waiters.length) setTimeout(grow, comingBackMs);
      else grow();
    });
  }

  /** An environment's runtime asks for work. */
  idle(environment: Environment): void {
    const { version } = environment;
    if (!version) return;
    if (environment.isRetired || !this.#isFit(environment, version)) return this.#parts.containers.end(environment);
    const key = keyOf(version);
    const waiter = this.#nextWaiter(key);
    if (waiter) return settle(waiter, environment);
    environment.idleSince = this.#parts.platform.now();
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    idle.push(environment);
  }

  dead(environment: Environment): void {
    if (!environment.version) return;
    const key = keyOf(environment.version);
    const bound = this.#bound.get(key);
    bound?.delete(environment);
    if (bound?.size === 0) this.#bound.delete(key);
    const idle = this.#idle.get(key);
    const at = idle?.indexOf(environment) ?? -1;
    if (at >= 0) idle?.splice(at, 1);
    if (idle?.length === 0) this.#idle.delete(key);
  }

  /** Environments of a function, or of one version, take nothing more and end when they are done. */
  retire(fn: FunctionName, version: string | undefined): void {
    for (const environment of this.#all()) {
      const own = environment.version;
      if (own?.name !== fn.name || own.account !== fn.account || own.region !== fn.region) continue;
      if (version !== undefined && own.version !== version) continue;
      environment.isRetired = true;
      if (environment.phase === "idle") this.#parts.containers.end(environment);
    }
  }

  /** Has environments of the version's runtime wait for it. */
  async prepare(version: FunctionVersion): Promise<void> {
    const image = await this.#parts.imageOf(version);
    if (!isDedicated(version)) this.#poolOf(image).fill();
    await this.#parts.credentialsOf(version);
  }

  /** Forgets the pools; what they hold is ended. */
  clear(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.clear();
    for (const waiters of this.#waiters.values())
      for (const waiter of waiters) if (!waiter.isSettled) waiter.reject(new Error("The cloud is stopping."));
  }

  #all(): Environment[] {
    return [...this.#bound.values()].flatMap((environments) => [...environments]);
  }

  #isFit({ isDead, expiresAt }: Environment, { timeoutSeconds }: FunctionVersion): boolean {
    return !isDead && expiresAt > this.#parts.platform.now() + timeoutSeconds * 1000 + 60_000;
  }

  #nextWaiter(key: string): Waiter | undefined {
    const waiters = this.#waiters.get(key);
    let next = waiters?.shift();
    while (next?.isSettled) next = waiters?.shift();
    if (waiters?.length === 0) this.#waiters.delete(key);
    return next;
  }

  async #grow(version: FunctionVersion, waiter: Waiter): Promise<void> {
    if (waiter.isSettled) return;
    try {
      await this.#makeRoom(version);
      const image = await this.#parts.imageOf(version);
      const environment = await (isDedicated(version) ? this.#startDedicated(version, image) : this.#poolOf(image).take());
      if (waiter.isSettled && !isDedicated(version)) return this.#poolOf(image).giveBack(environment);
      this.#register(environment, version);
      if (!isDedicated(version)) await this.#bindTo(environment, version);
      if (!waiter.isSettled) settle(waiter, environment);
    } catch (error) {
      if (!waiter.isSettled) waiter.reject(error);
      waiter.isSettled = true;
    }
  }

  #register(environment: Environment, version: FunctionVersion): void {
    environment.version = version;
    const bound = this.#bound.get(keyOf(version)) ?? new Set();
    this.#bound.set(keyOf(version), bound.add(environment));
  }

  /** Gives a booted environment its code, its limits and what it is to run. */
  async #bindTo(environment: Environment, version: FunctionVersion): Promise<void> {
    const { containers, code } = this.#parts;
    const limited = containers.limit(environment, version);
    try {
      const [variables] = await Promise.all([
        this.#variables(environment, version),
        version.codeDigest === undefined ? undefined : code.place(version.codeDigest, environment.folder),
      ]);
      environment.bind(version, variables);
      await limited.catch((error: unknown) => this.#unlessDead(environment, error));
    } catch (error) {
      limited.catch(() => undefined);
      containers.end(environment);
      throw error;
    }
  }

  /** A runtime that ends at once can't be limited any more; the invocation will hear of its end. */
  async #unlessDead(environment: Environment, error: unknown): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, noticeMs));
    if (!environment.isDead) throw error;
  }

  async #variables(environment: Pick<Environment, "id" | "output"> & { expiresAt: number }, version: FunctionVersion) {
    const { platform, credentialsOf } = this.#parts;
    const [credentials, grants] = await Promise.all([credentialsOf(version), platform.containers.grants(version.region)]);
    const stream = streamName(version, environment.id, platform.now());
    environment.expiresAt = credentials.expiresAt;
    environment.output.bind({ account: version.account, region: version.region, group: version.logGroup, stream });
    return variablesOf({ version, stream, credentials: credentials.variables, grants: grants.environment });
  }

  async #startDedicated(version: FunctionVersion, image: string): Promise<Environment> {
    const { containers, code } = this.#parts;
    if (version.packageType === "Image")
      return containers.start({ image, version, isImage: true, variables: (environment) => this.#variables(environment, version) });
    const codePath = version.hotReloadPath === undefined ? {} : { codePath: version.hotReloadPath };
    const codeStamp = await codeStampOf(version);
    const environment = await containers.start({ image, version, ...codePath });
    environment.codeStamp = codeStamp;
    if (version.codeDigest !== undefined) await code.place(version.codeDigest, environment.folder);
    environment.bind(version, await this.#variables(environment, version));
    return environment;
  }

  #poolOf(image: string): Pool {
    const known = this.#pools.get(image);
    if (known) return known;
    const { containers } = this.#parts;
    const pool = new Pool({
      size: poolSize,
      parallelStarts,
      start: () => containers.start({ image }),
      end: (environment) => containers.end(environment),
    });
    this.#pools.set(image, pool);
    return pool;
  }

  /** Ends idle environments of other functions while there is no memory for one more; throttles when none is left. */
  async #makeRoom({ memoryMb }: FunctionVersion): Promise<void> {
    this.#memoryBytes ??= await this.#parts.containers.memoryBytes();
    const all = this.#all().filter(({ isDead }) => !isDead);
    const claimedMb = all.reduce((sum, { version }) => sum + (version?.memoryMb ?? 0), 0);
    let excessMb = claimedMb + memoryMb - (overcommit * this.#memoryBytes) / 2 ** 20;
    const idle = all.filter(({ phase }) => phase === "idle").toSorted((a, b) => a.idleSince - b.idleSince);
    for (const environment of idle) {
      if (excessMb <= 0) return;
      excessMb -= environment.version?.memoryMb ?? 0;
      this.#parts.containers.end(environment);
    }
    if (excessMb > 0) throw throttled("ConcurrentInvocationLimitExceeded");
  }

  async #thaw(environment: Environment): Promise<void> {
    const frozen = this.#frozen.get(environment);
    if (!frozen) return;
    this.#frozen.delete(environment);
    await frozen;
    await this.#parts.containers.thaw(environment).catch(() => this.#parts.containers.end(environment));
  }

  #sweep(): void {
    const now = this.#parts.platform.now();
    for (const environment of [...this.#idle.values()].flat()) {
      const idleMs = now - environment.idleSince;
      if (idleMs > idleLifeMs) this.#parts.containers.end(environment);
      else if (idleMs > freezeAfterMs && !this.#frozen.has(environment)) this.#freeze(environment);
    }
  }

  #freeze(environment: Environment): void {
    const freezing = this.#parts.containers.freeze(environment).catch((error: unknown) => {
      if (!environment.isDead) this.#parts.platform.log.debug({ error }, "an idle environment could not be frozen");
    });
    this.#frozen.set(environment, freezing);
  }
}

/** An environment that was started before its folder changed runs what is no longer there. */
const hasSameCode = async (environment: Environment, version: FunctionVersion): Promise<boolean> =>
  version.hotReloadPath === undefined || environment.codeStamp === (await codeStampOf(version));

const settle = (waiter: Waiter, environment: Environment): void => {
  waiter.isSettled = true;
  waiter.resolve(environment);
};
