import { closeSync, fsync, openSync } from "node:fs";
import { promisify } from "node:util";

const sync = promisify(fsync);

/** Makes the names in a folder durable: those created, renamed and removed. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = openSync(path, "r");
  try {
    await sync(folder);
  } finally {
    closeSync(folder);
  }
};
