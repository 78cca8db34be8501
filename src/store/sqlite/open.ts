import { chmodSync, closeSync, fdatasync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { Kysely, Transaction } from "kysely";
import type { Store } from "../store.ts";
import { FileBlobs } from "./blobs.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Commits } from "./commits.ts";
import { Connection } from "./connection.ts";
import { queriesOn } from "./dialect.ts";
import { syncFolder } from "./folders.ts";
import { lockFolder } from "./lock.ts";
import { createMigrations, migrate } from "./migrate.ts";
import { outboxLimits, SqliteOutbox } from "./outbox.ts";
import { storeMigrations } from "./schema.ts";

const hourMs = 3_600_000;
const maxLogBytes = 64 << 20;

export type SqliteStoreOptions = {
  /** The folder of all that is durable. Made when it is missing; one process at a time. */
  dataPath: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How long a blob that nobody holds is kept. An hour unless told. */
  blobGraceMs?: number;
  /** Told of what fails where no caller waits: checkpoints, deliveries, collection. A process warning unless given. */
  report?: (error: unknown) => void;
};

/** Opens the store in a data folder: SQLite for the rows, files for the blobs. */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  mkdirSync(options.dataPath, { recursive: true, mode: 0o700 });
  const lock = lockFolder(options.dataPath);
  try {
    return await openLocked(options, lock);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
};

const openLocked = async (options: SqliteStoreOptions, lock: Disposable): Promise<Store> => {
  const { dataPath, now, blobGraceMs = hourMs, report = warn } = options;
  const path = join(dataPath, "tandem.db");
  const writer = new Connection(openWriter(path));
  const reader = new Connection(new DatabaseSync(path, { readOnly: true }));
  // Only the log is ever opened beside SQLite: closing a second handle of the database itself would drop SQLite's locks on it.
  const log = openSync(`${path}-wal`, "r");
  await syncFolder(dataPath);
  await syncFolder(dirname(dataPath));

  const checkpoints = new Checkpoints({ path, writer, commits: () => commits, report });
  const commits = new Commits(writer, reader, {
    sync: () => syncData(log),
    onCommit: () => {
      checkpoints.look();
      return outbox.onCommit();
    },
  });
  const queries = queriesOn(reader);
  const rows: Pick<Store, "read" | "transaction" | "write" | "migrate"> = {
    read: <Tables>() => queries as Kysely<Tables>,
    transaction: <Tables, Result>(work: (tx: Transaction<Tables>) => Promise<Result>) =>
      commits.run((tx) => work(tx as Transaction<Tables>)) as Promise<Result>,
    write: (statement) => commits.write(statement),
    migrate: async (series, migrations) => {
      await migrate({ writer, commits, now }, series, migrations);
      reader.forgetStatements();
      writer.forgetStatements();
    },
  };
  const outbox = new SqliteOutbox({ rows, now, limits: outboxLimits, report });
  await rows.migrate("store", storeMigrations);
  await outbox.load();
  const blobs = new FileBlobs({ dataPath, now, graceMs: blobGraceMs, rows });
  const upkeep = startUpkeep({ outbox, blobs, report });
  let closing: Promise<void> | undefined;
  const close = async () => {
    upkeep[Symbol.dispose]();
    outbox.close();
    await commits.close();
    await checkpoints.close();
    closeSync(log);
    reader.database.close();
    writer.database.close();
    lock[Symbol.dispose]();
  };
  return { ...rows, blobs, outbox, close: () => (closing ??= close()) };
};

/** Every hour, what nobody needs any more goes. */
const startUpkeep = ({ outbox, blobs, report }: { outbox: SqliteOutbox; blobs: FileBlobs; report(error: unknown): void }): Disposable => {
  const timer = setInterval(() => {
    outbox.prune().catch(report);
    blobs.collect().catch(report);
  }, hourMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

const syncData = promisify(fdatasync);

/** NORMAL: SQLite itself syncs around checkpoints only; commits are synced here, in groups. */
const openWriter = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  // Sessions' keys and functions' variables are in it, and the data folder may be one that the user made. SQLite gives the log its database's mode.
  chmodSync(path, 0o600);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${maxLogBytes};
    PRAGMA cache_size = -16384;
  `);
  createMigrations({ database });
  return database;
};

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));
