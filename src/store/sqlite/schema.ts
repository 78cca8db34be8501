import type { Generated } from "kysely";
import type { Migration } from "../store.ts";

/** The store's own tables. */
export const storeMigrations: readonly Migration[] = [
  {
    name: "0001_store",
    statements: [
      "CREATE TABLE blob_holds (digest TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (digest, owner)) WITHOUT ROWID",
      `CREATE TABLE facts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        subject TEXT NOT NULL,
        at BIGINT NOT NULL,
        detail TEXT NOT NULL
      )`,
      "CREATE INDEX facts_by_subject ON facts (subject)",
      "CREATE TABLE positions (deliverer TEXT PRIMARY KEY, fact_id BIGINT NOT NULL) WITHOUT ROWID",
      `CREATE TABLE traces (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        fact_id BIGINT NOT NULL,
        deliverer TEXT NOT NULL,
        target TEXT NOT NULL,
        outcome TEXT NOT NULL,
        at BIGINT NOT NULL
      )`,
      "CREATE INDEX traces_by_fact ON traces (fact_id)",
    ],
  },
  {
    name: "0002_outbox_topics",
    statements: ["CREATE TABLE outbox_topics (topic TEXT PRIMARY KEY) WITHOUT ROWID"],
  },
];

export type StoreTables = {
  facts: { id: Generated<number>; topic: string; account: string; region: string; subject: string; at: number; detail: string };
  positions: { deliverer: string; fact_id: number };
  /** Topics that a deliverer was ever registered for; that of a deliverer of all is `*`. */
  outbox_topics: { topic: string };
  traces: { id: Generated<number>; fact_id: number; deliverer: string; target: string; outcome: string; at: number };
};
