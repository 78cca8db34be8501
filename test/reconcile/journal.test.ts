import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Journal } from "#reconcile/journal.ts";

const entry = (key: string, state: string, text = state) => ({ key, state, text, note: text });

/** A journal whose table and whose keys' rows are in memory. */
const newJournal = () => {
  const table = new Map<number, readonly string[]>();
  const rows = new Map<string, string>();
  const failures: unknown[] = [];
  let refusal: Error | undefined;
  const journal = new Journal<string, string>({
    append: async (number, entries) => {
      await turn();
      if (refusal) throw refusal;
      table.set(number, entries);
    },
    settle: async (key) => {
      if (refusal) throw refusal;
      rows.set(key, journal.get(key)?.state ?? "");
      journal.settled(key);
    },
    drop: async (upTo) => {
      for (const number of table.keys()) if (number <= upTo) table.delete(number);
    },
    failed: (error) => void failures.push(error),
  });
  return { journal, table, rows, failures, refuse: (error: Error | undefined) => (refusal = error) };
};

test("a key's state is that of its last entry, until its rows hold it", async () => {
  const { journal, table, rows } = newJournal();
  await journal.append(entry("a", "a1", "one"));
  await journal.append(entry("a", "a2", "two"));
  await journal.append(entry("b", "b1", "three"));
  assert.equal(journal.get("a")?.state, "a2");
  assert.deepEqual(journal.get("a")?.notes, ["one", "two"]);
  assert.equal(rows.size, 0);
  await journal.settle();
  assert.deepEqual(Object.fromEntries(rows), { a: "a2", b: "b1" });
  assert.equal(journal.get("a"), undefined);
  assert.equal(table.size, 0);
});

test("an entry that comes while keys are settled stays for the next time", async () => {
  const { journal, table } = newJournal();
  await journal.append(entry("a", "a1", "one"));
  await Promise.all([journal.settle(), journal.append(entry("a", "a2", "two"))]);
  assert.deepEqual([...table.values()], [["two"]]);
});

test("entries that come while others are being kept are kept together, all before any is heard of", async () => {
  const { journal, table } = newJournal();
  const heard: (string | undefined)[] = [];
  const append = async (key: string) => {
    await journal.append(entry(key, `${key}1`, key));
    heard.push(journal.get("d")?.state);
  };
  await Promise.all(["a", "b", "c", "d"].map(append));
  assert.deepEqual([...table.values()], [["a"], ["b", "c", "d"]]);
  assert.deepEqual(heard, [undefined, "d1", "d1", "d1"]);
});

test("an entry that cannot be kept changes nothing, and what cannot be settled stays", async () => {
  const { journal, table, refuse } = newJournal();
  await journal.append(entry("a", "a1", "one"));
  refuse(new Error("disk full"));
  await assert.rejects(journal.append(entry("a", "a2", "two")), /disk full/);
  assert.equal(journal.get("a")?.state, "a1");
  await assert.rejects(journal.settle(), /disk full/);
  assert.equal(table.size, 1);
  refuse(undefined);
  await journal.settle();
  assert.equal(table.size, 0);
});

test("a key with many or long entries is full, and a journal that is full settles by itself", async () => {
  const { journal, rows } = newJournal();
  for (let step = 1; step <= 100; step++) await journal.append(entry("a", `a${step}`, "x"));
  assert.equal(journal.isFull("a"), true);
  await journal.append(entry("b", "b1", "y".repeat(300 << 10)));
  assert.equal(journal.isFull("b"), true);
  assert.equal(journal.isFull("c"), false);
  await journal.append(entry("c", "c1", "z".repeat(9 << 20)));
  await turn();
  assert.deepEqual([...rows.keys()], ["a", "b", "c"]);
});

test("a journal that cannot be settled is closed all the same, and tells why", async () => {
  const { journal, table, failures, refuse } = newJournal();
  await journal.append(entry("a", "a1"));
  refuse(new Error("disk full"));
  await journal.close();
  assert.match(String(failures), /disk full/);
  assert.equal(table.size, 1);
});

test("a journal that is closed settles once more, and no more by itself", async () => {
  const { journal, table, rows } = newJournal();
  await journal.append(entry("a", "a1", "one"));
  await journal.close();
  assert.deepEqual([...rows.keys()], ["a"]);
  await journal.append(entry("a", "a2", "z".repeat(9 << 20)));
  await turn();
  assert.equal(table.size, 1);
});
