import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Keeps a second process out of a data folder. The lock is SQLite's own on an empty database: the operating system drops it however the
 * process ends, so `kill -9` leaves nothing to clean. The pid beside it only makes the error tell more.
 */
export const lockFolder = (dataPath: string): Disposable => {
  const pidPath = join(dataPath, "pid");
  const lock = new DatabaseSync(join(dataPath, "lock"), { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new Error(`${dataPath} is in use by process ${pidIn(pidPath)}. Stop it, or choose another data folder.`, { cause: error });
  }
  writeFileSync(pidPath, `${process.pid}\n`);
  return { [Symbol.dispose]: () => lock.close() };
};

const sqliteBusy = 5;
const isBusy = (error: unknown): boolean => error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;

const pidIn = (path: string): string => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "(unknown)";
  }
};
