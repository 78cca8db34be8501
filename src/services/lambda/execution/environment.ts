import type { FunctionVersion } from "../lambda.ts";
import { limits } from "../limits.ts";
import type { Output } from "./output.ts";
import type { Ending } from "./outcomes.ts";

export type Invocation = {
  requestId: string;
  payload: Buffer;
  invokedArn: string;
  clientContext: string | undefined;
  traceId: string;
};

/** What the runtime is given when it asks for its next invocation. */
export type Delivery = Invocation & { deadline: number };

/** What a runtime client tells of itself beside a result: whether it wrote output, and how much memory it took. */
export type Remarks = { output: "none" | "marked" | undefined; maxMemoryBytes: number | undefined };

export type Run = { ending: Ending; durationMs: number; initMs: number | undefined; remarks: Remarks };

type Phase = "starting" | "unbound" | "initialising" | "idle" | "busy" | "finishing" | "dead";

type Current = {
  invocation: Invocation;
  version: FunctionVersion;
  deliveredAt: number | undefined;
  timer: NodeJS.Timeout | undefined;
  resolve: (run: Run) => void;
};

export type EnvironmentEvents = {
  /** The runtime asks for work and there is none. */
  idle(environment: Environment): void;
  dead(environment: Environment): void;
};

/** How long a runtime may take to come back for more before it counts as stuck. */
const comeBackMs = 2_000;
const silent: Remarks = { output: undefined, maxMemoryBytes: undefined };

/** One isolated sandbox, from the start of its container to its end, as its runtime's calls show it. */
export class Environment {
  readonly id: string;
  readonly folder: string;
  readonly output: Output;
  address: string | undefined;
  version: FunctionVersion | undefined;
  /** What its folder looked like, when that is a folder of the user's. */
  codeStamp: string | undefined;
  /** When its credentials end. */
  expiresAt = Number.MAX_SAFE_INTEGER;
  idleSince = 0;
  isRetired = false;
  phase: Phase = "starting";
  readonly #events: EnvironmentEvents;
  readonly #now: () => number;
  #giveVariables: ((variables: Record<string, string>) => void) | undefined;
  #variables: Record<string, string> | undefined;
  #giveWork: ((delivery: Delivery) => void) | undefined;
  #current: Current | undefined;
  #boundAt = 0;
  #initMs: number | undefined;
  #wasReported = false;
  #comeBack: NodeJS.Timeout | undefined;
  #whenUnbound: (() => void) | undefined;
  #initFailure: Buffer | undefined;
  #exitCode: number | undefined;

  constructor({
    id,
    folder,
    output,
    events,
    now,
  }: {
    id: string;
    folder: string;
    output: Output;
    events: EnvironmentEvents;
    now: () => number;
  }) {
    this.id = id;
    this.folder = folder;
    this.output = output;
    this.#events = events;
    this.#now = now;
  }

  /** The most memory that its runtime has told of. */
  maxMemoryBytes: number | undefined;

  noteMemory(bytes: number | undefined): void {
    if (bytes !== undefined) this.maxMemoryBytes = Math.max(bytes, this.maxMemoryBytes ?? 0);
  }

  /** Resolves when the runtime has booted and waits for its code. */
  booted(): Promise<void> {
    return this.phase === "starting" ? new Promise((resolve) => (this.#whenUnbound = resolve)) : Promise.resolve();
  }

  get isDead(): boolean {
    return this.phase === "dead";
  }

  /** The code is in place: the runtime may begin with it. */
  bind(version: FunctionVersion, variables: Record<string, string>): void {
    this.version = version;
    this.phase = "initialising";
    this.#boundAt = performance.now();
    this.#variables = variables;
    this.#giveVariables?.(variables);
    this.#giveVariables = undefined;
  }

  /** Gives the invocation to the runtime as soon as it asks. */
  run(invocation: Invocation, version: FunctionVersion): Promise<Run> {
    return new Promise((resolve) => {
      this.#current = { invocation, version, deliveredAt: undefined, timer: undefined, resolve };
      // Its init may have failed before there was an invocation to tell.
      if (this.#initFailure) return this.#end({ kind: "init-failed", payload: this.#initFailure });
      if (this.isDead) return this.#end(this.#initMs === undefined ? { kind: "exited", exitCode: this.#exitCode } : { kind: "missed" });
      if (this.phase === "initialising") {
        const limitMs = limits.initMs + version.timeoutSeconds * 1000;
        this.#current.timer = setTimeout(() => this.#end({ kind: "timed-out" }), limitMs);
      }
      if (this.#giveWork) this.#deliver(this.#giveWork);
    });
  }

  askedForVariables(give: (variables: Record<string, string>) => void): void {
    if (this.#variables) return give(this.#variables);
    this.#giveVariables = give;
    if (this.phase === "starting") this.phase = "unbound";
    this.#whenUnbound?.();
  }

  askedForWork(give: (delivery: Delivery) => void): void {
    clearTimeout(this.#comeBack);
    if (this.phase === "initialising") this.#initMs = performance.now() - this.#boundAt;
    this.#giveWork = give;
    // The runtime may ask for more while its last answer is still on its way.
    if (this.#current?.deliveredAt !== undefined) return;
    if (this.#current) return this.#deliver(give);
    this.#rest();
  }

  #rest(): void {
    if (this.isDead) return;
    clearTimeout(this.#comeBack);
    this.phase = "idle";
    this.#events.idle(this);
  }

  /** The runtime's connection went away while it waited. */
  stoppedAsking(): void {
    this.#giveWork = undefined;
  }

  answered(requestId: string, ending: Ending, remarks: Remarks): boolean {
    if (this.#current?.invocation.requestId !== requestId || this.#current.deliveredAt === undefined) return false;
    this.phase = "finishing";
    this.#comeBack = setTimeout(() => this.exited(undefined), comeBackMs);
    this.#end(ending, remarks);
    if (this.#giveWork) this.#rest();
    return true;
  }

  initFailed(payload: Buffer): void {
    this.#initFailure = payload;
    this.#end({ kind: "init-failed", payload });
  }

  /** The container has ended, or is to be taken for ended. */
  exited(exitCode: number | undefined): void {
    if (this.isDead) return;
    this.phase = "dead";
    this.#exitCode = exitCode;
    clearTimeout(this.#comeBack);
    this.#whenUnbound?.();
    const isNew = this.#current?.deliveredAt === undefined && this.#initMs !== undefined;
    this.#end(isNew ? { kind: "missed" } : { kind: "exited", exitCode });
    this.#events.dead(this);
  }

  #deliver(give: (delivery: Delivery) => void): void {
    const current = this.#current;
    if (!current) return;
    clearTimeout(current.timer);
    this.#giveWork = undefined;
    this.phase = "busy";
    current.deliveredAt = performance.now();
    const timeoutMs = current.version.timeoutSeconds * 1000;
    current.timer = setTimeout(() => this.#end({ kind: "timed-out" }), timeoutMs);
    give({ ...current.invocation, deadline: this.#now() + timeoutMs });
  }

  #end(ending: Ending, remarks: Remarks = silent): void {
    const current = this.#current;
    if (!current) return;
    clearTimeout(current.timer);
    this.#current = undefined;
    const initMs = this.#wasReported ? undefined : this.#initMs;
    this.#wasReported = true;
    const durationMs = current.deliveredAt === undefined ? performance.now() - this.#boundAt : performance.now() - current.deliveredAt;
    current.resolve({ ending, durationMs, initMs, remarks });
  }
}
