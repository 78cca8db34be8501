import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fact, RecordedFact } from "#store/outbox.ts";
import type { Store } from "#store/store.ts";
import type { Suite } from "./contract.ts";

const fact = (n: number, topic = "test.happened"): Fact => ({
  topic,
  account: "000000000000",
  region: "us-east-1",
  subject: `thing-${n % 3}`,
  at: Date.now(),
  detail: { n },
});
const append = (store: Store, ...facts: Fact[]) => store.transaction((tx) => store.outbox.append(tx, facts));
const numberOf = ({ detail }: RecordedFact): unknown => (detail as { n: number }).n;

const until = async (condition: () => boolean): Promise<void> => {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > 20_000) throw new Error("It never happened.");
    // oxlint-disable-next-line no-await-in-loop
    await sleep(5);
  }
};

export const outboxContract = ({ store: open, folder, opened }: Suite): void => {
  test("a deliverer gets the facts of its topics, in order, soon", async (context) => {
    const store = await open(context);
    const seen: unknown[] = [];
    using _ = store.outbox.deliver({
      name: "d",
      topics: ["test.happened"],
      deliver: async (facts) => void seen.push(...facts.map(numberOf)),
    });
    for (let n = 0; n < 250; n++) {
      // oxlint-disable-next-line no-await-in-loop
      await append(store, fact(n), fact(n, "test.other"));
    }
    const appended = performance.now();
    await until(() => seen.length === 250);
    assert.ok(performance.now() - appended < 2_000, "woken rather than polled");
    assert.deepEqual(
      seen,
      Array.from({ length: 250 }, (_unused, n) => n),
    );
  });

  test("a deliverer of no particular topic gets all of them", async (context) => {
    const store = await open(context);
    const seen: string[] = [];
    using _ = store.outbox.deliver({
      name: "all",
      topics: [],
      deliver: async (facts) => void seen.push(...facts.map(({ topic }) => topic)),
    });
    await append(store, fact(1, "a.b"), fact(2, "c.d"));
    await until(() => seen.length === 2);
    assert.deepEqual(seen, ["a.b", "c.d"]);
  });

  test("a fact of a transaction that fails never happened", async (context) => {
    const store = await open(context);
    const failing = store.transaction(async (tx) => {
      await store.outbox.append(tx, [fact(1)]);
      throw new Error("no");
    });
    await assert.rejects(failing, /no/);
    assert.deepEqual(await store.outbox.facts({ limit: 10 }), []);
  });

  test("a new name starts at the end", async (context) => {
    const store = await open(context);
    await append(store, fact(1));
    const seen: unknown[] = [];
    using _ = store.outbox.deliver({ name: "new", topics: [], deliver: async (facts) => void seen.push(...facts.map(numberOf)) });
    await append(store, fact(2));
    await until(() => seen.length > 0);
    assert.deepEqual(seen, [2]);
  });

  test("when a deliverer throws, the same facts come again, and nothing overtakes them", async (context) => {
    const store = await open(context);
    const seen: unknown[] = [];
    let failures = 2;
    using _ = store.outbox.deliver({
      name: "d",
      topics: [],
      deliver: async (facts) => {
        if (failures-- > 0) throw new Error("not now");
        seen.push(...facts.map(numberOf));
      },
    });
    await append(store, fact(1));
    await append(store, fact(2));
    await until(() => seen.length === 2);
    assert.deepEqual(seen, [1, 2]);
  });

  test("delivery goes on where it stood when the store is opened again", async (context) => {
    const dataPath = folder();
    const first = await opened.open(dataPath);
    const seen: unknown[] = [];
    const deliver = async (facts: readonly RecordedFact[]) => void seen.push(...facts.map(numberOf));
    const delivery = first.outbox.deliver({ name: "d", topics: [], deliver });
    await append(first, fact(1));
    await until(() => seen.length === 1);
    delivery[Symbol.dispose]();
    await append(first, fact(2));
    await first.close();
    const second = await open(context, { dataPath });
    using _ = second.outbox.deliver({ name: "d", topics: [], deliver });
    await append(second, fact(3));
    await until(() => seen.includes(3));
    assert.deepEqual([...new Set(seen)], [1, 2, 3]);
  });

  test("a topic is wanted once a deliverer was registered for it, and after the store is opened again", async (context) => {
    const dataPath = folder();
    const first = await opened.open(dataPath);
    assert.equal(first.outbox.wanted("test.happened"), false);
    const seen: unknown[] = [];
    const deliver = async (facts: readonly RecordedFact[]) => void seen.push(...facts);
    using _ = first.outbox.deliver({ name: "d", topics: ["test.happened"], deliver });
    assert.equal(first.outbox.wanted("test.happened"), true);
    await append(first, fact(1));
    await until(() => seen.length === 1);
    await first.close();
    const second = await open(context, { dataPath });
    assert.deepEqual([second.outbox.wanted("test.happened"), second.outbox.wanted("test.other")], [true, false]);
    using __ = second.outbox.deliver({ name: "all", topics: [], deliver });
    assert.equal(second.outbox.wanted("test.other"), true);
  });

  test("a disposed delivery delivers no more", async (context) => {
    const store = await open(context);
    const seen: unknown[] = [];
    const delivery = store.outbox.deliver({ name: "d", topics: [], deliver: async (facts) => void seen.push(...facts) });
    delivery[Symbol.dispose]();
    await append(store, fact(1));
    await sleep(30);
    assert.deepEqual(seen, []);
  });

  test("facts and traces are found by what they are about", async (context) => {
    const store = await open(context);
    await append(store, fact(1), fact(2), fact(4, "test.other"));
    assert.deepEqual((await store.outbox.facts({ subject: "thing-1", limit: 10 })).map(numberOf), [1, 4]);
    assert.deepEqual((await store.outbox.facts({ topic: "test.other", limit: 10 })).map(numberOf), [4]);
    const [first, second] = await store.outbox.facts({ limit: 2 });
    assert.deepEqual((await store.outbox.facts({ afterId: first?.id ?? 0, limit: 1 })).map(numberOf), [2]);
    const trace = { factId: first?.id ?? 0, deliverer: "d", target: "t", outcome: "no match: suffix .jpg", at: 5 };
    await store.outbox.trace(trace);
    await store.outbox.trace({ ...trace, factId: second?.id ?? 0 });
    assert.deepEqual(await store.outbox.traces({ subject: "thing-1", limit: 10 }), [trace]);
    assert.deepEqual(await store.outbox.traces({ factId: trace.factId, limit: 10 }), [trace]);
  });
};
