import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, QueryResult, Transaction } from "kysely";
import type { Connection } from "./connection.ts";
import { transactionOn } from "./dialect.ts";

const workLimitMs = 10_000;
const turnLimitMs = 8;

type Work = (tx: Transaction<unknown>) => Promise<unknown>;
type Told = { resolve(result: unknown): void; reject(error: unknown): void };
type Waiting = Told & { work: Work | CompiledQuery };
type Done = Told & { result: unknown };

type Around = {
  /** Forces what was committed onto the disk. */
  sync(): Promise<void>;
  /** Called as a group commits; what it answers with is called when the group is durable. */
  onCommit(): (() => void) | undefined;
};

/**
 * One writer. Transactions run one after the other, each in a savepoint of a transaction that stays open while the group before it is being
 * synced; then they commit together, share one sync, and are acknowledged. So a lone transaction waits for nobody, and many share everything.
 * Readers are kept at the last durable state during a sync: nobody sees what a power failure could take back.
 */
export class Commits {
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #around: Around;
  readonly #inside = new AsyncLocalStorage<TransactionConnection>();
  readonly #queue: Waiting[] = [];
  #group: Done[] = [];
  #running = false;
  #syncing = false;
  #broken: unknown;
  #closed = false;
  #paused: (() => void) | undefined;
  #closing: (() => void) | undefined;

  constructor(writer: Connection, reader: Connection, around: Around) {
    this.#writer = writer;
    this.#reader = reader;
    this.#around = around;
  }

  run(work: Work): Promise<unknown> {
    return this.#enqueue(work);
  }

  /** Runs one statement as a transaction of its own. */
  write(statement: CompiledQuery): Promise<void> {
    return this.#enqueue(statement) as Promise<void>;
  }

  #enqueue(work: Waiting["work"]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error("The store is closed."));
    if (this.#inside.getStore()?.over === false)
      return Promise.reject(new Error("A transaction inside a transaction would wait for itself."));
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, resolve, reject });
      void this.#pump();
    });
  }

  /** Runs `quiet` while no transaction is open and no reader is held back; transactions that arrive meanwhile wait. */
  async pausedFor<Result>(quiet: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((resolve) => {
      this.#paused = resolve;
      this.#settle();
    });
    try {
      return await quiet();
    } finally {
      this.#paused = undefined;
      void this.#pump();
    }
  }

  /** Takes no more, and resolves when all that was asked for is durable or refused. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#isIdle() && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#closing = resolve;
    });
  }

  async #pump(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let turnBegan = performance.now();
    while (!this.#paused) {
      const next = this.#queue.shift();
      if (!next) break;
      const { work } = next;
      if (typeof work !== "function") this.#writeOne(work, next);
      // oxlint-disable-next-line no-await-in-loop -- one writer: transactions run one after the other
      else await this.#runOne(work, next);
      if (performance.now() - turnBegan < turnLimitMs) continue;
      this.#commit();
      // oxlint-disable-next-line no-await-in-loop -- lets requests and timers in between
      await nextTurn();
      turnBegan = performance.now();
    }
    this.#running = false;
    this.#commit();
    this.#settle();
  }

  /** SQLite itself undoes a statement that fails, and nothing else: it needs no savepoint. */
  #writeOne(statement: CompiledQuery, { resolve, reject }: Told): void {
    const { database } = this.#writer;
    if (this.#broken !== undefined) return reject(this.#broken);
    try {
      if (!database.isTransaction) database.exec("BEGIN IMMEDIATE");
      this.#writer.execute(statement);
      this.#group.push({ result: undefined, resolve, reject });
    } catch (error) {
      reject(error);
      if (!database.isTransaction) this.#refuseGroup(error);
    }
  }

  async #runOne(work: Work, { resolve, reject }: Told): Promise<void> {
    const { database } = this.#writer;
    const connection = new TransactionConnection(this.#writer);
    if (this.#broken !== undefined) return reject(this.#broken);
    try {
      database.exec(database.isTransaction ? "SAVEPOINT work" : "BEGIN IMMEDIATE; SAVEPOINT work");
      const result = await withinLimit(this.#inside.run(connection, work, transactionOn(connection)));
      connection.over = true;
      database.exec("RELEASE work");
      this.#group.push({ result, resolve, reject });
    } catch (error) {
      connection.over = true;
      reject(error);
      this.#undo(error);
    }
  }

  /** SQLite itself may have rolled everything back, as when the disk is full: those who shared the transaction then hear of it. */
  #undo(error: unknown): void {
    const { database } = this.#writer;
    try {
      database.exec("ROLLBACK TO work; RELEASE work");
    } catch {
      if (database.isTransaction) database.exec("ROLLBACK");
      this.#refuseGroup(error);
    }
  }

  #commit(): void {
    if (this.#syncing || !this.#writer.database.isTransaction) return;
    const group = this.#group;
    if (group.length === 0) {
      this.#writer.database.exec("ROLLBACK");
      return;
    }
    if (this.#broken !== undefined) {
      this.#writer.database.exec("ROLLBACK");
      this.#refuseGroup(this.#broken);
      return;
    }
    try {
      this.#reader.database.exec("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
      this.#writer.database.exec("COMMIT");
    } catch (error) {
      for (const { database } of [this.#writer, this.#reader]) if (database.isTransaction) database.exec("ROLLBACK");
      this.#refuseGroup(error);
      return;
    }
    this.#group = [];
    this.#syncing = true;
    void this.#acknowledge(group, this.#around.onCommit());
  }

  async #acknowledge(group: readonly Done[], onDurable: (() => void) | undefined): Promise<void> {
    try {
      await this.#around.sync();
    } catch (error) {
      // What a failed sync has written is unknown, and syncing again would report success: nothing may be acknowledged any more.
      this.#broken = new Error("The disk failed to keep what was written. Restart to go on from what it did keep.", { cause: error });
    }
    this.#syncing = false;
    if (this.#broken === undefined) {
      this.#reader.database.exec("COMMIT");
      onDurable?.();
      for (const { resolve, result } of group) resolve(result);
    } else for (const { reject } of group) reject(this.#broken);
    if (!this.#running) this.#commit();
    this.#settle();
  }

  #refuseGroup(error: unknown): void {
    const group = this.#group;
    this.#group = [];
    for (const { reject } of group) reject(error);
  }

  #isIdle(): boolean {
    return !this.#running && !this.#syncing && this.#group.length === 0;
  }

  #settle(): void {
    if (!this.#isIdle()) return;
    this.#paused?.();
    if (this.#queue.length === 0) this.#closing?.();
  }
}

/** Refuses queries of a transaction that has ended: they would land in somebody else's. */
class TransactionConnection implements DatabaseConnection {
  readonly #connection: Connection;
  over = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.over) return Promise.reject(new Error("This transaction has ended: a query of it was not awaited."));
    return this.#connection.executeQuery<Row>(query);
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>();
  }
}

const withinLimit = async (work: Promise<unknown>): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`A transaction took more than ${workLimitMs} ms: it awaits something other than its queries, or another transaction.`),
      );
    }, workLimitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
