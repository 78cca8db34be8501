import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { concurrently, measureRounds, spreadOf } from "./measure/rounds.ts";
import { printMeasured, spread } from "./measure/table.ts";

/** Durable commits of one row with an index, and blobs: the store's against bare SQLite that syncs each, and against the disk's own floor. */
type Tables = { things: { id: number; name: string; value: string } };
const createThings = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL)";
const createIndex = "CREATE INDEX things_by_name ON things (name)";
const value = "v".repeat(200);
const rounds = 7;

const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));
const store = await openSqliteStore({ dataPath: join(folder, "store"), now: () => Date.now() });
await store.migrate("bench", [{ name: "0001", statements: [createThings, createIndex] }]);

const bare = new DatabaseSync(join(folder, "bare.db"));
bare.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${createThings}; ${createIndex}`);
const bareInsert = bare.prepare("INSERT INTO things (name, value) VALUES (?, ?)");

const floor = openSync(join(folder, "floor"), "w");
const page = Buffer.alloc(4096);

let made = 0;
const name = () => `thing-${(made++ * 7_919) % 1_000_003}`;
const insert = () =>
  store.transaction<Tables, unknown>((tx) =>
    tx
      .insertInto("things")
      .values({ name: name(), value } as Tables["things"])
      .execute(),
  );
const readOne = (id: number) => store.read<Tables>().selectFrom("things").selectAll().where("id", "=", id).executeTakeFirst();

const bareName = "bare node:sqlite, synchronous=FULL";
const rows = await measureRounds(
  [
    {
      name: "floor: write 4 KiB, fdatasync",
      round: async () => {
        for (let index = 0; index < 500; index++) {
          writeSync(floor, page, 0, page.length, (index % 64) * page.length);
          fdatasyncSync(floor);
        }
        return 500;
      },
    },
    {
      name: bareName,
      round: async () => {
        for (let index = 0; index < 500; index++) bareInsert.run(name(), value);
        return 500;
      },
    },
    { name: "store, one after the other", round: () => concurrently(1, 500, insert) },
    { name: "store, 8 at once", round: () => concurrently(8, 2_000, insert) },
    { name: "store, 64 at once", round: () => concurrently(64, 10_000, insert) },
    { name: "store, 512 at once", round: () => concurrently(512, 20_000, insert) },
  ],
  rounds,
);
console.log("Commits of one row, each durable when it is acknowledged\n");
printMeasured(rows, bareName);

const selectOne = bare.prepare("SELECT * FROM things WHERE id = ?");
const reads = await measureRounds(
  [
    {
      name: "bare node:sqlite",
      round: async () => {
        for (let index = 1; index <= 5_000; index++) selectOne.get(index % 500);
        return 5_000;
      },
    },
    { name: "store, by Kysely", round: () => concurrently(1, 5_000, (index) => readOne(index % 500)) },
  ],
  rounds,
);
console.log("\nReads of one row by its key\n");
printMeasured(reads, "bare node:sqlite");

let blobs = 0;
const blob = (bytes: number) => () => {
  const content = Buffer.alloc(bytes);
  content.writeDoubleLE(blobs++);
  return store.blobs.put(content);
};
const puts = await measureRounds(
  [
    { name: "1 KiB, one after the other", round: () => concurrently(1, 100, blob(1 << 10)) },
    { name: "1 KiB, 64 at once", round: () => concurrently(64, 1_000, blob(1 << 10)) },
    { name: "8 MiB, 4 at once", round: () => concurrently(4, 8, blob(8 << 20)) },
  ],
  3,
);
console.log("\nBlobs put, each durable\n");
printMeasured(puts, "1 KiB, one after the other");

const waitsMs: number[] = [];
const arrivals = new Map<number, () => void>();
using _ = store.outbox.deliver({
  name: "bench",
  topics: [],
  deliver: async (facts) => {
    for (const { at } of facts) arrivals.get(at)?.();
  },
});
for (let at = 1; at <= 500; at++) {
  const arrived = new Promise<void>((resolve) => arrivals.set(at, resolve));
  const began = performance.now();
  // oxlint-disable-next-line no-await-in-loop -- one fact at a time
  await store.transaction((tx) => store.outbox.append(tx, [{ topic: "t", account: "a", region: "r", subject: "s", at, detail: {} }]));
  // oxlint-disable-next-line no-await-in-loop
  await arrived;
  waitsMs.push(performance.now() - began);
}
console.log(`\nFrom appending a fact to its deliverer, durable between: ${spread(spreadOf(waitsMs), 2)} ms`);

await store.close();
bare.close();
closeSync(floor);
rmSync(folder, { recursive: true });
