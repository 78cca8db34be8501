import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { pruneFacts, pruneTraces } from "#store/sqlite/prune.ts";
import type { Store } from "#store/store.ts";

describe("pruning the outbox", () => {
  const root = mkdtempSync(join(tmpdir(), "tandem-prune-"));
  after(() => rmSync(root, { recursive: true, force: true }));

  const withFacts = async (count: number): Promise<Store> => {
    const store = await openSqliteStore({ dataPath: mkdtempSync(join(root, "data-")), now: () => Date.now() });
    const facts = Array.from({ length: count }, (_, at) => ({ topic: "t", account: "a", region: "r", subject: "s", at, detail: null }));
    await store.transaction((tx) => store.outbox.append(tx, facts));
    return store;
  };
  const times = async (store: Store) => (await store.outbox.facts({ limit: 10_000 })).map(({ at }) => at);

  test("removes what is old and leaves what is young", async () => {
    const store = await withFacts(2_500);
    await pruneFacts(store, { before: 2_400, maxFacts: 10_000 });
    assert.deepEqual([(await times(store)).length, (await times(store))[0]], [100, 2_400]);
    await store.close();
  });

  test("leaves what a deliverer has yet to pass, unless there are too many", async () => {
    const store = await withFacts(10);
    using _ = store.outbox.deliver({
      name: "slow",
      topics: [],
      deliver: async () => {
        throw new Error("not now");
      },
    });
    await store.transaction((tx) =>
      store.outbox.append(
        tx,
        [20, 21, 22].map((at) => ({ topic: "t", account: "a", region: "r", subject: "s", at, detail: null })),
      ),
    );
    await sleep(5);
    await pruneFacts(store, { before: 1_000, maxFacts: 1_000 });
    assert.deepEqual(await times(store), [20, 21, 22]);
    await pruneFacts(store, { before: 1_000, maxFacts: 2 });
    assert.deepEqual(await times(store), [21, 22]);
    await store.close();
  });

  test("ids go on growing after all facts were removed", async () => {
    const store = await withFacts(3);
    await pruneFacts(store, { before: 1_000, maxFacts: 1_000 });
    assert.deepEqual(await times(store), []);
    await store.transaction((tx) =>
      store.outbox.append(tx, [{ topic: "t", account: "a", region: "r", subject: "s", at: 9, detail: null }]),
    );
    assert.deepEqual(
      (await store.outbox.facts({ limit: 10 })).map(({ id }) => id),
      [4],
    );
    await store.close();
  });

  test("keeps the youngest traces", async () => {
    const store = await withFacts(0);
    const traces = Array.from({ length: 30 }, (_, at) => ({ factId: 1, deliverer: "d", target: "t", outcome: "delivered", at }));
    await Promise.all(traces.map((trace) => store.outbox.trace(trace)));
    await pruneTraces(store, 5);
    assert.deepEqual(
      (await store.outbox.traces({ limit: 100 })).map(({ at }) => at),
      [29, 28, 27, 26, 25],
    );
    await store.close();
  });
});
