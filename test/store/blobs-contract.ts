import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { Readable } from "node:stream";
import type { Store } from "#store/store.ts";
import type { Clock, Suite } from "./contract.ts";

const hourMs = 3_600_000;

export const blobsContract = ({ store: open }: Suite): void => {
  const hold = (store: Store, digest: string, owner: string) => store.transaction((tx) => store.blobs.hold(tx, digest, owner));
  const release = (store: Store, digest: string, owner: string) => store.transaction((tx) => store.blobs.release(tx, digest, owner));

  test("a blob is named by the hash of its bytes, with further hashes when asked", async (context) => {
    const { blobs } = await open(context);
    const stored = await blobs.put(Buffer.from("hello"), { hashes: ["md5", "crc32"] });
    assert.deepEqual(stored, {
      digest: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
      sizeBytes: 5,
      hashes: { md5: "5d41402abc4b2a76b9719d911017c592", crc32: "3610a686" },
    });
    assert.equal(await blobs.size(stored.digest), 5);
    assert.equal(readFileSync(blobs.path(stored.digest), "utf8"), "hello");
  });

  test("a large stream in odd pieces comes back whole, and in ranges", async (context) => {
    const { blobs } = await open(context);
    const bytes = randomBytes(3_000_001);
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 900_000), bytes.subarray(900_000, 900_007), bytes.subarray(900_007)];
    const { digest, sizeBytes } = await blobs.put(Readable.from(pieces, { objectMode: false }));
    assert.equal(digest, createHash("sha256").update(bytes).digest("hex"));
    assert.equal(sizeBytes, bytes.length);
    assert.ok(bytes.equals(await buffer(blobs.open(digest))));
    assert.ok(bytes.subarray(10, 900_011).equals(await buffer(blobs.open(digest, { start: 10, end: 900_010 }))));
  });

  test("an empty blob is a blob", async (context) => {
    const { blobs } = await open(context);
    const { digest, sizeBytes } = await blobs.put(Readable.from([]));
    assert.equal(sizeBytes, 0);
    assert.equal((await buffer(blobs.open(digest))).length, 0);
  });

  test("the same bytes put many times at once are kept once", async (context) => {
    const { blobs } = await open(context);
    const puts = await Promise.all(Array.from({ length: 20 }, () => blobs.put(Buffer.from("same"))));
    assert.equal(new Set(puts.map(({ digest }) => digest)).size, 1);
  });

  test("a stream that fails rejects the put and leaves nothing", async (context) => {
    const clock: Clock = { now: Date.now() };
    const { blobs } = await open(context, { clock });
    const failing = async function* () {
      yield Buffer.alloc(1_000_000);
      throw new Error("the client went away");
    };
    await assert.rejects(blobs.put(failing()), /the client went away/);
    clock.now += 2 * hourMs;
    assert.equal(await blobs.collect(), 0);
  });

  test("a blob that is not there has no size and cannot be opened or held", async (context) => {
    const store = await open(context);
    const missing = "0".repeat(64);
    assert.equal(await store.blobs.size(missing), undefined);
    assert.throws(() => store.blobs.open(missing));
    await assert.rejects(hold(store, missing, "s3:object:1"), /No blob/);
  });

  test("a digest that is a path is refused", async (context) => {
    const { blobs } = await open(context);
    for (const digest of ["../../../etc/passwd", "", "A".repeat(64), `${"0".repeat(64)}/..`]) {
      assert.throws(() => blobs.path(digest), /digest/);
    }
  });

  test("what is held stays, what nobody holds goes after the grace time", async (context) => {
    const clock: Clock = { now: Date.now() };
    const store = await open(context, { clock });
    const kept = await store.blobs.put(Buffer.from("kept"));
    const shared = await store.blobs.put(Buffer.from("shared"));
    const loose = await store.blobs.put(Buffer.from("loose"));
    await hold(store, kept.digest, "a");
    await hold(store, shared.digest, "a");
    await hold(store, shared.digest, "a");
    await hold(store, shared.digest, "b");
    await release(store, shared.digest, "a");
    assert.equal(await store.blobs.collect(), 0);
    clock.now += 2 * hourMs;
    assert.equal(await store.blobs.collect(), 1);
    assert.equal(await store.blobs.size(loose.digest), undefined);
    await release(store, shared.digest, "b");
    assert.equal(await store.blobs.collect(), 1);
    assert.equal(await store.blobs.size(kept.digest), 4);
  });

  test("putting the same bytes again renews their grace time", async (context) => {
    const clock: Clock = { now: Date.now() };
    const { blobs } = await open(context, { clock });
    const { digest } = await blobs.put(Buffer.from("again"));
    clock.now += 2 * hourMs;
    await blobs.put(Buffer.from("again"));
    assert.equal(await blobs.collect(), 0);
    assert.equal(await blobs.size(digest), 5);
  });

  test("collecting beside puts and holds of the same bytes never takes what is held", async (context) => {
    const clock: Clock = { now: Date.now() };
    const store = await open(context, { clock });
    for (let round = 0; round < 20; round++) {
      const content = Buffer.from(`round ${round % 3}`);
      clock.now += 2 * hourMs;
      // oxlint-disable-next-line no-await-in-loop -- round after round
      const [digest] = await Promise.all([
        store.blobs.put(content).then(async (stored) => {
          await hold(store, stored.digest, "me");
          return stored.digest;
        }),
        store.blobs.collect(),
        store.blobs.collect(),
      ]);
      // oxlint-disable-next-line no-await-in-loop
      assert.ok(content.equals(await buffer(store.blobs.open(digest))));
      // oxlint-disable-next-line no-await-in-loop
      await release(store, digest, "me");
    }
  });
};
