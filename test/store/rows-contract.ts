import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { sql, type Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import { thingMigrations, type Suite, type ThingTables } from "./contract.ts";

export const rowsContract = ({ store: open }: Suite): void => {
  const withThings = async (context: Parameters<Suite["store"]>[0]): Promise<Store> => {
    const store = await open(context);
    await store.migrate("things", thingMigrations);
    return store;
  };
  const insert = (store: Store, id: string, n = 0) =>
    store.transaction<ThingTables, unknown>((tx) => tx.insertInto("things").values({ id, n }).execute());
  const ids = async (store: Store): Promise<string[]> =>
    (await store.read<ThingTables>().selectFrom("things").select("id").orderBy("id").execute()).map(({ id }) => id);

  test("reads what a transaction wrote, as soon as it resolves", async (context) => {
    const store = await withThings(context);
    await insert(store, "a", 1);
    assert.deepEqual(await store.read<ThingTables>().selectFrom("things").selectAll().execute(), [{ id: "a", n: 1 }]);
  });

  test("answers with what the transaction's work returned", async (context) => {
    const store = await withThings(context);
    assert.equal(await store.transaction(async () => "done"), "done");
  });

  test("rolls back a transaction whose work throws, and keeps its neighbours", async (context) => {
    const store = await withThings(context);
    const failing = store.transaction<ThingTables, void>(async (tx) => {
      await tx.insertInto("things").values({ id: "b", n: 0 }).execute();
      throw new Error("changed my mind");
    });
    const outcomes = await Promise.allSettled([insert(store, "a"), failing, insert(store, "c")]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    await assert.rejects(failing, /changed my mind/);
    assert.deepEqual(await ids(store), ["a", "c"]);
  });

  test("rejects a broken constraint with the database's error, alone among many", async (context) => {
    const store = await withThings(context);
    const outcomes = await Promise.allSettled(["a", "b", "a", "c"].map((id) => insert(store, id)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await ids(store), ["a", "b", "c"]);
  });

  test("writes single statements in turn with transactions, and refuses a broken one alone", async (context) => {
    const store = await withThings(context);
    const add = (id: string) => store.write(store.read<ThingTables>().insertInto("things").values({ id, n: 0 }).compile());
    const outcomes = await Promise.allSettled([add("a"), insert(store, "b"), add("a"), insert(store, "b"), add("c")]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "rejected", "fulfilled"],
    );
    assert.deepEqual(await ids(store), ["a", "b", "c"]);
    await assert.rejects(add("a"));
    await store.transaction(() => assert.rejects(add("d"), /inside a transaction/));
    assert.deepEqual(await ids(store), ["a", "b", "c"]);
  });

  test("runs concurrent transactions as if one after the other", async (context) => {
    const store = await withThings(context);
    await insert(store, "counter");
    const increment = () =>
      store.transaction<ThingTables, void>(async (tx) => {
        const { n } = await tx.selectFrom("things").select("n").where("id", "=", "counter").executeTakeFirstOrThrow();
        await tx
          .updateTable("things")
          .set({ n: n + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 500 }, increment));
    assert.deepEqual(await store.read<ThingTables>().selectFrom("things").select("n").execute(), [{ n: 500 }]);
  });

  test("shows readers nothing of a transaction that is still running", async (context) => {
    const store = await withThings(context);
    let seen: string[] | undefined;
    await store.transaction<ThingTables, void>(async (tx) => {
      await tx.insertInto("things").values({ id: "a", n: 0 }).execute();
      seen = await ids(store);
    });
    assert.deepEqual(seen, []);
    assert.deepEqual(await ids(store), ["a"]);
  });

  test("lets timers and requests run during a long queue of transactions", async (context) => {
    const store = await withThings(context);
    let turns = 0;
    let finished = false;
    const counting = (async () => {
      while (!finished) {
        turns++;
        // oxlint-disable-next-line no-await-in-loop
        await nextTurn();
      }
    })();
    await Promise.all(Array.from({ length: 3_000 }, (_, index) => insert(store, `k${index}`)));
    finished = true;
    await counting;
    assert.ok(turns >= 3, `${turns} turns`);
  });

  test("refuses a query of a transaction that has ended", async (context) => {
    const store = await withThings(context);
    const stray = await store.transaction<ThingTables, { tx: Transaction<ThingTables> }>(async (tx) => ({ tx }));
    await assert.rejects(stray.tx.insertInto("things").values({ id: "late", n: 0 }).execute(), /has ended/);
    assert.deepEqual(await ids(store), []);
  });

  test("refuses a transaction inside a transaction at once, but not one after it", async (context) => {
    const store = await withThings(context);
    let later: Promise<unknown> | undefined;
    await store.transaction(async () => {
      await assert.rejects(insert(store, "a"), /inside a transaction/);
      later = nextTurn().then(() => insert(store, "b"));
    });
    await later;
    assert.deepEqual(await ids(store), ["b"]);
  });

  test("refuses to write, or to begin a transaction, on the side of readers", async (context) => {
    const store = await withThings(context);
    const read = store.read<ThingTables>();
    await assert.rejects(read.insertInto("things").values({ id: "a", n: 0 }).execute());
    await assert.rejects(
      read.transaction().execute(async () => {}),
      /store\.transaction/,
    );
  });

  test("keeps text, numbers, doubles, booleans as numbers, bytes and nulls", async (context) => {
    type Tables = { kinds: { t: string | null; i: number | null; d: number | null; b: Uint8Array | null } };
    const store = await open(context);
    await store.migrate("kinds", [{ name: "0001", statements: ["CREATE TABLE kinds (t TEXT, i BIGINT, d DOUBLE PRECISION, b BLOB)"] }]);
    const row = { t: "grüß\u0000 🙂", i: Number.MAX_SAFE_INTEGER, d: 0.1, b: Uint8Array.of(0, 255) };
    const nothing = { t: null, i: null, d: null, b: null };
    await store.transaction<Tables, unknown>((tx) => tx.insertInto("kinds").values([row, nothing]).execute());
    assert.deepEqual(await store.read<Tables>().selectFrom("kinds").selectAll().execute(), [row, nothing]);
    const asked = await sql<{ yes: number }>`SELECT ${true} AS yes`.execute(store.read());
    assert.equal(Number(asked.rows[0]?.yes), 1);
  });

  test("counts the rows that an update changed, and returns those asked for", async (context) => {
    const store = await withThings(context);
    await Promise.all(["a", "b", "c"].map((id) => insert(store, id)));
    const [updated, deleted] = await store.transaction<ThingTables, [bigint, { id: string }[]]>(async (tx) => [
      (await tx.updateTable("things").set({ n: 2 }).where("id", "<", "c").executeTakeFirstOrThrow()).numUpdatedRows,
      await tx.deleteFrom("things").where("n", "=", 2).returning("id").execute(),
    ]);
    assert.equal(updated, 2n);
    assert.deepEqual(deleted.map(({ id }) => id).toSorted(), ["a", "b"]);
  });

  test("applies migrations once, in order, each series for itself, and later ones later", async (context) => {
    const store = await withThings(context);
    await store.migrate("things", thingMigrations);
    await store.migrate("other", [{ name: "0001_things", statements: ["CREATE TABLE others (id TEXT)"] }]);
    await insert(store, "a", 7);
    assert.deepEqual(await store.read<ThingTables>().selectFrom("things").selectAll().execute(), [{ id: "a", n: 7 }]);
    const next = { name: "0002_more", statements: ["ALTER TABLE things ADD COLUMN more TEXT", "UPDATE things SET more = 'm'"] };
    await store.migrate("things", [...thingMigrations, next]);
    assert.deepEqual(await store.read<ThingTables>().selectFrom("things").selectAll().execute(), [{ id: "a", n: 7, more: "m" }]);
  });

  test("refuses a series that knows less than what was applied: the data is from a newer version", async (context) => {
    const store = await withThings(context);
    await assert.rejects(store.migrate("things", []), /newer version, whose things has 0001_things/);
  });

  test("leaves nothing of a migration that fails, and says which statement it was", async (context) => {
    const store = await open(context);
    const broken = { name: "0001_bad", statements: ["CREATE TABLE good (id TEXT)", "CREATE TABLE good (id TEXT)"] };
    await assert.rejects(store.migrate("series", [broken]), /series 0001_bad.*CREATE TABLE good/s);
    await store.migrate("series", [{ name: "0001_bad", statements: ["CREATE TABLE good (id TEXT)"] }]);
  });

  test("finishes what was asked for before it closes", async (context) => {
    const store = await withThings(context);
    const many = Promise.all(Array.from({ length: 100 }, (_, index) => insert(store, `k${index}`)));
    await store.close();
    await many;
    await assert.rejects(insert(store, "late"), /closed/);
  });
};
