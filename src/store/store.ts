import type { CompiledQuery, Kysely, Transaction } from "kysely";
import type { Blobs } from "./blobs.ts";
import type { Outbox } from "./outbox.ts";

/**
 * All durable state: rows, the bytes they name, and the facts that changes leave behind. SQLite and PostgreSQL implement it behind one
 * contract suite; nothing in it knows which.
 */
export type Store = {
  /** The rows as last committed; `Tables` are the caller's own. Never inside a transaction: use the `tx` you were given there. */
  read<Tables>(): Kysely<Tables>;
  /**
   * Runs `work` in one serializable transaction and resolves when it is durable: synced together with whatever else committed meanwhile.
   * `work` awaits nothing but its own queries: others wait for it. An error rolls back and is thrown on.
   */
  transaction<Tables, Result>(work: (tx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Runs one statement that only writes, as a transaction of its own, and resolves when it is durable: a third of what a transaction costs. */
  write(statement: CompiledQuery): Promise<void>;
  /** Applies what of `migrations` is new, in order, once; each service has its own series. */
  migrate(series: string, migrations: readonly Migration[]): Promise<void>;
  readonly blobs: Blobs;
  readonly outbox: Outbox;
  close(): Promise<void>;
};

/** One numbered step of a service's schema: statements that SQLite and PostgreSQL both understand. Released ones never change. */
export type Migration = {
  /** `0001_queues` */
  name: string;
  /** Column types are TEXT, BIGINT, DOUBLE PRECISION and BLOB (BYTEA is put in its place where needed). */
  statements: readonly string[];
};
