import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal } from "#reconcile/journal.ts";

type Entry = { readonly text: string; readonly length: number };
const entry = (text: string, length = text.length): Entry => ({ text, length });

/** A journal whose table and whose keys' rows are in memory. */
const newJournal = () => {
  const table = new Map<number, { key: string; text: string }>();
  const rows = new Map<string, string>();
  const failures: unknown[] = [];
  let refusal: Error | undefined;
  const journal = new Journal<string, Entry>({
    append: async (number, key, { text }) => {
      if (refusal) throw refusal;
      table.set(number, { key, text });
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
  await journal.append("a", "a1", entry("one"));
  await journal.append("a", "a2", entry("two"));
  await journal.append("b", "b1", entry("three"));
  assert.equal(journal.get("a")?.state, "a2");
  assert.deepEqual(
    journal.get("a")?.entries.map(({ text }) => text),
    ["one", "two"],
  );
  assert.equal(rows.size, 0);
  await journal.settle();
  assert.deepEqual([...rows], [["a", "a2"], ["b", "b1"]]); // prettier-ignore
  assert.equal(journal.get("a"), undefined);
  assert.equal(table.size, 0);
});

test("an entry that comes while keys are settled stays for the next time", async () => {
  const { journal, table } = newJournal();
  await journal.append("a", "a1", entry("one"));
  const settled = journal.settle();
  await journal.append("a", "a2", entry("two"));
  await settled;
  assert.deepEqual(
    [...table.values()].map(({ text }) => text),
    ["two"],
  );
});

test("an entry that cannot be kept changes nothing, and what cannot be settled stays", async () => {
  const { journal, table, refuse } = newJournal();
  await journal.append("a", "a1", entry("one"));
  refuse(new Error("disk full"));
  await assert.rejects(journal.append("a", "a2", entry("two")), /disk full/);
  assert.equal(journal.get("a")?.state, "a1");
  await assert.rejects(journal.settle(), /disk full/);
  assert.equal(table.size, 1);
  refuse(undefined);
  await journal.settle();
  assert.equal(table.size, 0);
});

test("a key with many or long entries is full, and a journal that is full settles by itself", async () => {
  const { journal, rows } = newJournal();
  for (let step = 1; step <= 100; step++) await journal.append("a", `a${step}`, entry("x"));
  assert.equal(journal.isFull("a"), true);
  await journal.append("b", "b1", entry("y", 300 << 10));
  assert.equal(journal.isFull("b"), true);
  assert.equal(journal.isFull("c"), false);
  await journal.append("c", "c1", entry("z", 9 << 20));
  await journal.settle();
  assert.deepEqual([...rows.keys()], ["a", "b", "c"]);
});
