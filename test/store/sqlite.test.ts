import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { storeContract, thingMigrations, type ThingTables } from "./contract.ts";
import { killWriter } from "./crash-contract.ts";
import { stores } from "./stores.ts";

const { sqlite } = stores;
if (sqlite) storeContract(sqlite);

describe("a data folder of SQLite", () => {
  const root = mkdtempSync(join(tmpdir(), "tandem-sqlite-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  const folder = () => mkdtempSync(join(root, "data-"));
  const open = (dataPath: string) => openSqliteStore({ dataPath, now: () => Date.now() });

  test("is made when it is missing, and is opened by one at a time in a process", async () => {
    const dataPath = join(folder(), "deep", "data");
    const store = await open(dataPath);
    await assert.rejects(open(dataPath), new RegExp(`in use by process ${process.pid}`));
    await store.close();
    await (await open(dataPath)).close();
  });

  test("is let go of when what is in it is no database", async () => {
    const dataPath = folder();
    writeFileSync(join(dataPath, "tandem.db"), "something else ".repeat(1_000));
    await assert.rejects(open(dataPath), /not a database/);
    rmSync(join(dataPath, "tandem.db"));
    await (await open(dataPath)).close();
  });

  test("is refused while another process has it, naming the process, and free as soon as that is killed", async () => {
    const dataPath = folder();
    const child = spawn(process.execPath, [join(import.meta.dirname, "crash-writer.ts"), "sqlite", "rows", dataPath]);
    await once(child.stdout, "readable");
    await assert.rejects(open(dataPath), new RegExp(`in use by process ${child.pid}`));
    child.kill("SIGKILL");
    await once(child, "close");
    await (await open(dataPath)).close();
  });

  test("keeps no half-written file of a process that was killed", async () => {
    const dataPath = folder();
    await killWriter("sqlite", "blobs", dataPath);
    writeFileSync(join(dataPath, "blobs", "temporary", "stray"), "half");
    const store = await open(dataPath);
    assert.deepEqual(readdirSync(join(dataPath, "blobs", "temporary")), []);
    await store.close();
  });

  test("holds all that was acknowledged when the power fails, whatever became of the sectors written after the last sync", async () => {
    const dataPath = folder();
    const store = await open(dataPath);
    await store.migrate("things", thingMigrations);
    const write = (id: string) => store.transaction<ThingTables, unknown>((tx) => tx.insertInto("things").values({ id, n: 0 }).execute());
    for (const id of ["a", "b", "c"]) await write(id); // oxlint-disable-line no-await-in-loop
    const synced = readFileSync(join(dataPath, "tandem.db-wal"));
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(`later-${index}-${"x".repeat(3_000)}`)));
    const written = readFileSync(join(dataPath, "tandem.db-wal"));
    const database = readFileSync(join(dataPath, "tandem.db"));
    await store.close();
    assert.ok(written.length > synced.length && written.subarray(0, synced.length).equals(synced));
    for (let round = 0; round < 20; round++) {
      const torn = Buffer.from(written);
      for (let sector = synced.length; sector < torn.length; sector += 512) {
        if (randomInt(4) === 0) torn.fill(randomInt(2) === 0 ? 0 : randomBytes(1), sector, Math.min(sector + 512, torn.length));
      }
      const after = folder();
      writeFileSync(join(after, "tandem.db"), database);
      writeFileSync(join(after, "tandem.db-wal"), torn.subarray(0, randomInt(synced.length, torn.length + 1)));
      const again = await open(after); // oxlint-disable-line no-await-in-loop
      const ids = (await again.read<ThingTables>().selectFrom("things").select("id").execute()).map(({ id }) => id); // oxlint-disable-line no-await-in-loop
      assert.deepEqual(ids.slice(0, 3), ["a", "b", "c"]);
      await again.close(); // oxlint-disable-line no-await-in-loop
    }
  });

  test("does not grow its log without end under steady writes", async () => {
    const dataPath = folder();
    const store = await open(dataPath);
    await store.migrate("things", thingMigrations);
    const bulk = "x".repeat(20_000);
    for (let round = 0; round < 120; round++) {
      const write = (index: number) =>
        store.transaction<ThingTables, unknown>((tx) =>
          tx
            .insertInto("things")
            .values({ id: `${round}-${index}-${bulk}`, n: 0 })
            .execute(),
        );
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(Array.from({ length: 40 }, (_, index) => write(index)));
    }
    const logBytes = Number(execFileSync("stat", ["-c", "%s", join(dataPath, "tandem.db-wal")]));
    assert.ok(logBytes < 100 << 20, `the log has ${logBytes} bytes after 200 MB of writes`);
    await store.close();
    assert.equal(existsSync(join(dataPath, "tandem.db-wal")), false);
  });

  const mountable = process.platform === "linux" && process.getuid?.() === 0;
  test(
    "answers with an error when the disk is full, loses nothing acknowledged, and goes on when there is room",
    { skip: !mountable },
    async () => {
      const mount = join(folder(), "small");
      mkdirSync(mount);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", mount], { stdio: "ignore" });
      } catch {
        return; // No right to mount here, as in most containers.
      }
      try {
        const filler = join(mount, "filler");
        writeFileSync(filler, Buffer.alloc(1 << 20));
        const dataPath = join(mount, "data");
        const store = await open(dataPath);
        await store.migrate("things", thingMigrations);
        const acknowledged: string[] = [];
        const write = async (id: string, n = 0) => {
          if (n % 2 === 1) await store.write(store.read<ThingTables>().insertInto("things").values({ id, n }).compile());
          else await store.transaction<ThingTables, unknown>((tx) => tx.insertInto("things").values({ id, n }).execute());
          acknowledged.push(id);
        };
        const full = async () => {
          for (let index = 0; ; index++) {
            // oxlint-disable-next-line no-await-in-loop
            await Promise.all([0, 1, 2, 3].map((n) => write(`${index}-${n}-${"x".repeat(10_000)}`, n)));
          }
        };
        await assert.rejects(full(), /full/);
        await assert.rejects(store.blobs.put(Buffer.alloc(4 << 20)), { code: "ENOSPC" });
        assert.deepEqual(readdirSync(join(dataPath, "blobs", "temporary")), []);
        rmSync(filler);
        await write("after");
        await store.close();
        const again = await open(dataPath);
        const ids = (await again.read<ThingTables>().selectFrom("things").select("id").execute()).map(({ id }) => id);
        assert.deepEqual(
          acknowledged.filter((id) => !ids.includes(id)),
          [],
        );
        await again.close();
      } finally {
        execFileSync("umount", ["-l", mount]);
      }
    },
  );
});
