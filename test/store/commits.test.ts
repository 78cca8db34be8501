import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { Commits } from "#store/sqlite/commits.ts";
import { Connection } from "#store/sqlite/connection.ts";
import { queriesOn } from "#store/sqlite/dialect.ts";

describe("grouped commits", () => {
  const root = mkdtempSync(join(tmpdir(), "tandem-commits-"));
  let path = "";
  let files = 0;
  before(() => {
    path = join(root, "commits");
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** A disk whose syncs end when the test says so. */
  const openWithSlowDisk = () => {
    const writer = new Connection(new DatabaseSync(`${path}-${++files}`));
    writer.database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE rows (id TEXT PRIMARY KEY)");
    const reader = new Connection(new DatabaseSync(`${path}-${files}`, { readOnly: true }));
    const syncs: PromiseWithResolvers<void>[] = [];
    const sync = () => {
      const ending = Promise.withResolvers<void>();
      syncs.push(ending);
      return ending.promise;
    };
    const commits = new Commits(writer, reader, { sync, onCommit: () => undefined });
    const visible = async () =>
      (await sql<{ id: string }>`SELECT id FROM rows ORDER BY id`.execute(queriesOn(reader))).rows.map(({ id }) => id);
    const acknowledged: string[] = [];
    const insert = (id: string) =>
      commits.run(async (tx) => {
        await sql`INSERT INTO rows VALUES (${id})`.execute(tx);
        return id;
      });
    const insertAndNote = async (id: string) => void acknowledged.push(String(await insert(id)));
    return { commits, syncs, visible, acknowledged, insert, insertAndNote };
  };

  test("acknowledges, and shows to readers, only what a sync has covered; the next sync covers all that came meanwhile", async () => {
    const { syncs, visible, acknowledged, insertAndNote } = openWithSlowDisk();
    const all = ["a", "b", "c"].map(insertAndNote);
    await sleep(1);
    all.push(insertAndNote("d"), insertAndNote("e"));
    await sleep(1);
    assert.deepEqual([syncs.length, acknowledged, await visible()], [1, [], []]);
    syncs[0]?.resolve();
    await sleep(1);
    const firstGroup = [...acknowledged];
    assert.deepEqual(await visible(), firstGroup);
    assert.ok(firstGroup.length >= 1 && firstGroup.length <= 3, firstGroup.join());
    assert.equal(syncs.length, 2);
    syncs[1]?.resolve();
    await Promise.all(all);
    assert.deepEqual(acknowledged, ["a", "b", "c", "d", "e"]);
    assert.deepEqual(await visible(), ["a", "b", "c", "d", "e"]);
  });

  test("a sync that fails acknowledges nothing, then or later, and readers stay with what is durable", async () => {
    const { syncs, visible, insert } = openWithSlowDisk();
    const first = insert("a");
    await sleep(1);
    syncs[0]?.resolve();
    await first;
    const second = insert("b");
    const third = insert("c");
    await sleep(1);
    syncs[1]?.reject(new Error("EIO"));
    await assert.rejects(second, /failed to keep/);
    await assert.rejects(third, /failed to keep/);
    await assert.rejects(insert("d"), /failed to keep/);
    assert.deepEqual(await visible(), ["a"]);
    assert.equal(syncs.length, 2);
  });

  test("a pause lets what is open finish first and holds back what comes, which goes on afterwards", async () => {
    const { commits, syncs, acknowledged, insertAndNote } = openWithSlowDisk();
    const before = insertAndNote("before");
    let during: Promise<void> | undefined;
    const pause = commits.pausedFor(async () => {
      assert.deepEqual(acknowledged, ["before"]);
      during = insertAndNote("during");
      await sleep(5);
      assert.equal(syncs.length, 1);
    });
    await sleep(1);
    syncs[0]?.resolve();
    await before;
    await pause;
    await sleep(1);
    syncs[1]?.resolve();
    await during;
    assert.deepEqual(acknowledged, ["before", "during"]);
  });

  test("closing waits for what was asked for and refuses the rest", async () => {
    const { commits, syncs, acknowledged, insert, insertAndNote } = openWithSlowDisk();
    const asked = insertAndNote("a");
    const closing = commits.close();
    await assert.rejects(insert("late"), /closed/);
    await sleep(1);
    syncs[0]?.resolve();
    await closing;
    await asked;
    assert.deepEqual(acknowledged, ["a"]);
  });
});
