import { openSqliteStore } from "#store/sqlite/open.ts";
import type { Opened } from "./contract.ts";

/** The stores that the contract is run against, by kind. */
export const stores: Readonly<Record<string, Opened>> = {
  sqlite: {
    kind: "sqlite",
    open: (dataPath, clock) => openSqliteStore({ dataPath, now: () => clock?.now ?? Date.now(), report: () => {} }),
  },
};
