import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import type { Store } from "#store/store.ts";
import { blobsContract } from "./blobs-contract.ts";
import { crashContract } from "./crash-contract.ts";
import { outboxContract } from "./outbox-contract.ts";
import { rowsContract } from "./rows-contract.ts";

/** One implementation under test. `kind` names it to the processes that crash tests start. */
export type Opened = { kind: string; open(dataPath: string, clock?: Clock): Promise<Store> };

export type Clock = { now: number };

export type Suite = {
  opened: Opened;
  /** A new empty folder, removed after the tests. */
  folder(): string;
  /** Opens a store in a new folder, or in `dataPath`, and closes it after the test. */
  store(context: { after(close: () => Promise<void>): void }, options?: { dataPath?: string; clock?: Clock }): Promise<Store>;
};

export type ThingTables = { things: { id: string; n: number } };

export const thingMigrations = [
  { name: "0001_things", statements: ["CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT NOT NULL)"] },
] as const;

/** What every store does, whatever is under it. */
export const storeContract = (opened: Opened): void => {
  describe(`the ${opened.kind} store`, () => {
    const root = mkdtempSync(join(tmpdir(), "tandem-store-"));
    after(() => rmSync(root, { recursive: true, force: true }));
    const folder = () => mkdtempSync(join(root, "data-"));
    const store: Suite["store"] = async (context, { dataPath = folder(), clock } = {}) => {
      const made = await opened.open(dataPath, clock);
      context.after(() => made.close());
      return made;
    };
    for (const contract of [rowsContract, blobsContract, outboxContract, crashContract]) contract({ opened, folder, store });
  });
};
