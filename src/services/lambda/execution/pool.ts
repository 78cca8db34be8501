import type { Environment } from "./environment.ts";

type Waiting = { resolve(environment: Environment): void; reject(error: unknown): void };

type Settings = {
  /** How many booted environments wait for code. */
  size: number;
  parallelStarts: number;
  start: () => Promise<Environment>;
  end: (environment: Environment) => void;
};

/** A refill waits a moment: it would take time from the function that has just been given its environment. */
const refillAfterMs = 150;

/** Environments of one runtime that have booted and have no code yet. */
export class Pool {
  readonly #settings: Settings;
  readonly #free: Environment[] = [];
  readonly #waiting: Waiting[] = [];
  #starting = 0;
  #refill: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  take(): Promise<Environment> {
    for (let ready = this.#free.shift(); ready; ready = this.#free.shift()) {
      if (ready.isDead) continue;
      clearTimeout(this.#refill);
      this.#refill = setTimeout(() => this.fill(), refillAfterMs).unref();
      return Promise.resolve(ready);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.fill();
    });
  }

  /** Takes an environment that was not needed after all. */
  giveBack(environment: Environment): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(environment);
    else if (this.#free.length < this.#settings.size && !this.#closed) this.#free.push(environment);
    else this.#settings.end(environment);
  }

  fill(): void {
    const wanted = this.#waiting.length + Math.max(0, this.#settings.size - this.#free.length);
    while (!this.#closed && this.#starting < Math.min(wanted, this.#settings.parallelStarts)) void this.#startOne();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#refill);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error("The cloud is stopping."));
    for (const environment of this.#free.splice(0)) this.#settings.end(environment);
  }

  async #startOne(): Promise<void> {
    this.#starting += 1;
    try {
      this.giveBack(await this.#settings.start());
      this.#starting -= 1;
      this.fill();
    } catch (error) {
      this.#starting -= 1;
      // Only those who wait try again: an image that can't start would be started for ever.
      this.#waiting.shift()?.reject(error);
      if (this.#waiting.length > 0) this.fill();
    }
  }
}
