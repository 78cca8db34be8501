import { randomBytes, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { Store } from "#store/store.ts";
import { thingMigrations, type ThingTables } from "./contract.ts";
import { stores } from "./stores.ts";

/** Writes until it is killed, eight at once, and prints a line for each acknowledgement. */
const [kind = "", job, dataPath = ""] = process.argv.slice(2);

const acknowledge = (line: string): void => void process.stdout.write(`${line}\n`);

const detail = "d".repeat(10_000);

const writeRows = async (store: Store): Promise<void> => {
  const id = randomUUID();
  await store.transaction<ThingTables, void>(async (tx) => {
    await tx.insertInto("things").values({ id, n: 1 }).execute();
    await tx
      .insertInto("things")
      .values({ id: `${id}+`, n: 2 })
      .execute();
    // Long, so that checkpoints and a log that begins anew fall into the time until the kill.
    await store.outbox.append(tx, [{ topic: "t", account: "a", region: "r", subject: id, at: 0, detail }]);
  });
  acknowledge(id);
};

const writeBlob = async (store: Store): Promise<void> => {
  const bytes = randomBytes(300_000);
  const { digest } = await store.blobs.put(Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]));
  await store.transaction((tx) => store.blobs.hold(tx, digest, "writer"));
  acknowledge(digest);
};

const store = await stores[kind]?.open(dataPath);
if (!store) throw new Error(`No store of the kind ${kind}`);
await store.migrate("things", thingMigrations);
const write = job === "rows" ? writeRows : writeBlob;
for (let writer = 0; writer < 8; writer++) {
  void (async () => {
    // oxlint-disable-next-line no-await-in-loop
    while (true) await write(store);
  })();
}
