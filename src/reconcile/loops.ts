/** A loop compares what is wanted with what is, for one key at a time, and takes the steps that close the gap. */
export type Loop = {
  name: string;
  /** Takes idempotent steps for one key. A number means: look again in so many milliseconds. It may throw: the key then backs off. */
  reconcile(key: string): Promise<number | void>;
  /** Every key there is, for the start and the slow sweep that makes events a mere hint. */
  keys(): Promise<Iterable<string>>;
  /** How many keys at a time; 16 unless told. */
  concurrency?: number;
  sweepMs?: number;
};

/** Says that a key is to be looked at; many hints before the look are one. */
export type LoopHandle = { enqueue(key: string): void };

/**
 * Thrown by a loop that knows when to come back.
 * @public
 */
export class Retry extends Error {
  readonly afterMs: number;

  constructor(afterMs: number, cause?: unknown) {
    super("look again later", { cause });
    this.name = "Retry";
    this.afterMs = afterMs;
  }
}

type OnError = (error: unknown, loop: string, key: string) => void;

const defaults = { concurrency: 16, sweepMs: 180_000, firstBackoffMs: 100, lastBackoffMs: 30_000 };

/** Runs all loops of a cloud: a key never twice at once, errors back off by key, all keys at start and at every sweep. */
export class Loops {
  private readonly runners: LoopRunner[] = [];
  private readonly onError: OnError;
  private readonly stop = new AbortController();

  constructor(onError: OnError) {
    this.onError = onError;
  }

  /** Aborts when the loops are to end: a step that takes its time watches it, and is taken up again after the next start. */
  get closing(): AbortSignal {
    return this.stop.signal;
  }

  add(loop: Loop): LoopHandle {
    const runner = new LoopRunner(loop, this.onError);
    this.runners.push(runner);
    runner.sweep();
    return runner;
  }

  /** Stops looking and waits for the steps under way. */
  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.runners.map((runner) => runner.close()));
  }
}

class LoopRunner implements LoopHandle {
  private readonly loop: Loop;
  private readonly onError: OnError;
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly failures = new Map<string, number>();
  private readonly sweeper: NodeJS.Timeout;
  private closed = false;

  constructor(loop: Loop, onError: OnError) {
    this.loop = loop;
    this.onError = onError;
    this.sweeper = setInterval(() => this.sweep(), loop.sweepMs ?? defaults.sweepMs).unref();
  }

  enqueue(key: string): void {
    if (this.closed) return;
    this.waiting.add(key);
    this.startNext();
  }

  sweep(): void {
    const enqueueAll = async () => {
      for (const key of await this.loop.keys()) this.enqueue(key);
    };
    enqueueAll().catch((error: unknown) => this.onError(error, this.loop.name, "*"));
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeper);
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.waiting.clear();
    await Promise.all(this.running.values());
  }

  private startNext(): void {
    for (const key of this.waiting) {
      if (this.running.size >= (this.loop.concurrency ?? defaults.concurrency)) return;
      if (this.running.has(key)) continue;
      this.waiting.delete(key);
      this.running.set(key, this.run(key));
    }
  }

  private async run(key: string): Promise<void> {
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    try {
      const again = await this.loop.reconcile(key);
      this.failures.delete(key);
      if (typeof again === "number") this.later(key, again);
    } catch (error) {
      this.later(key, error instanceof Retry ? error.afterMs : this.backOff(key));
      if (!(error instanceof Retry)) this.onError(error, this.loop.name, key);
    } finally {
      this.running.delete(key);
      this.startNext();
    }
  }

  private later(key: string, afterMs: number): void {
    if (this.closed) return;
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => this.enqueue(key), afterMs).unref());
  }

  private backOff(key: string): number {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    return Math.min(defaults.firstBackoffMs * 2 ** (failures - 1), defaults.lastBackoffMs);
  }
}
