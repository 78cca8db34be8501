import { Worker } from "node:worker_threads";
import type { Connection } from "./connection.ts";
import type { Commits } from "./commits.ts";

const pageBytes = 4096;
const passiveBytes = 4 << 20;
const restartBytes = 16 << 20;
const groupsBetweenLooks = 16;

type Round = "PASSIVE" | "RESTART";

/**
 * Moves pages from the log into the database in a thread with a connection of its own, so that its reads, writes and syncs never hold up a
 * request. PASSIVE lets transactions go on; only a log that still grew large is caught up with while transactions (not readers) wait.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #writer: Connection;
  readonly #commits: () => Commits;
  readonly #report: (error: unknown) => void;
  #worker: Worker | undefined;
  #groups = 0;
  #round: Promise<void> | undefined;

  constructor(options: { path: string; writer: Connection; commits: () => Commits; report: (error: unknown) => void }) {
    this.#path = options.path;
    this.#writer = options.writer;
    this.#commits = options.commits;
    this.#report = options.report;
  }

  /** To be called right after a COMMIT, while no transaction is open: looks at the size of the log now and then. */
  look(): void {
    if (this.#round || ++this.#groups < groupsBetweenLooks) return;
    this.#groups = 0;
    this.#round = this.#checkpointIfLarge()
      .catch(this.#report)
      .finally(() => {
        this.#round = undefined;
      });
  }

  async close(): Promise<void> {
    await this.#round;
    await this.#worker?.terminate();
  }

  async #checkpointIfLarge(): Promise<void> {
    const row = this.#writer.database.prepare("PRAGMA wal_checkpoint(NOOP)").get();
    if ((Number(row?.["log"]) - Number(row?.["checkpointed"])) * pageBytes < passiveBytes) return;
    const logPages = await this.#run("PASSIVE");
    if (logPages * pageBytes >= restartBytes) await this.#commits().pausedFor(() => this.#run("RESTART"));
  }

  /** Answers with how many pages the log holds. */
  #run(round: Round): Promise<number> {
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const answered = new Promise<number>((resolve, reject) => {
      const failed = (error: unknown) => {
        this.#worker = undefined;
        reject(error);
      };
      worker.once("error", failed);
      worker.once("message", (answer: number | string) => {
        worker.off("error", failed);
        if (typeof answer === "number") resolve(answer);
        else reject(new Error(`Checkpoint: ${answer}`));
      });
      worker.postMessage(round);
    });
    return answered.finally(() => worker.unref());
  }

  #start(): Worker {
    const worker = new Worker(checkpointer, { eval: true, workerData: this.#path, name: "checkpoints" });
    worker.unref();
    return worker;
  }
}

// As text, so that it starts the same from sources and from a bundle, and at once.
const checkpointer = `
const { DatabaseSync } = require("node:sqlite");
const { parentPort, workerData } = require("node:worker_threads");
const database = new DatabaseSync(workerData, { timeout: 1000 });
database.exec("PRAGMA synchronous=FULL");
parentPort.on("message", (round) => {
  try {
    parentPort.postMessage(database.prepare("PRAGMA wal_checkpoint(" + round + ")").get().log);
  } catch (error) {
    parentPort.postMessage(error.message);
  }
});
`;
