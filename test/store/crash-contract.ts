import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Suite, ThingTables } from "./contract.ts";

/** Starts a process that writes and prints what is acknowledged, and kills it -9 after a while. Answers with the lines. */
export const killWriter = async (kind: string, job: string, dataPath: string): Promise<string[]> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "crash-writer.ts"), kind, job, dataPath], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = text(child.stdout);
  await once(child.stdout, "readable");
  await sleep(randomInt(20, 300));
  child.kill("SIGKILL");
  await once(child, "close");
  return (await output).split("\n").slice(0, -1);
};

export const crashContract = ({ opened, folder, store: open }: Suite): void => {
  test("everything acknowledged is there after kill -9, each transaction whole, and the store opens again by itself", async (context) => {
    const dataPath = folder();
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      // oxlint-disable-next-line no-await-in-loop -- crash after crash in the same folder
      acknowledged.push(...(await killWriter(opened.kind, "rows", dataPath)));
    }
    assert.ok(acknowledged.length > 100, `only ${acknowledged.length} acknowledged`);
    const store = await open(context, { dataPath });
    const rows = await store.read<ThingTables>().selectFrom("things").selectAll().execute();
    const ids = new Set(rows.map(({ id }) => id));
    assert.deepEqual(
      acknowledged.filter((id) => !ids.has(id)),
      [],
    );
    const halves = rows.filter(({ id }) => !ids.has(id.endsWith("+") ? id.slice(0, -1) : `${id}+`));
    assert.deepEqual(halves, [], "a transaction of two rows is there with both or none");
    const facts = await store.outbox.facts({ limit: 1_000_000 });
    const told = new Set(facts.map(({ subject }) => subject));
    assert.deepEqual(
      [...ids].filter((id) => !id.endsWith("+") && !told.has(id)),
      [],
      "each has its fact",
    );
  });

  test("every blob acknowledged is whole after kill -9, and nothing is left of the others", async (context) => {
    const dataPath = folder();
    const clock = { now: Date.now() };
    const acknowledged = new Set(await killWriter(opened.kind, "blobs", dataPath));
    for (const line of await killWriter(opened.kind, "blobs", dataPath)) acknowledged.add(line);
    assert.ok(acknowledged.size > 3, `only ${acknowledged.size} acknowledged`);
    const store = await open(context, { dataPath, clock });
    for (const digest of acknowledged) {
      // oxlint-disable-next-line no-await-in-loop
      const again = await store.blobs.put(store.blobs.open(digest));
      assert.equal(again.digest, digest);
    }
    clock.now += 7_200_000;
    const removed = await store.blobs.collect();
    assert.ok(removed <= 16, `${removed} blobs were stored and not yet held`);
    for (const digest of acknowledged) {
      // oxlint-disable-next-line no-await-in-loop
      assert.notEqual(await store.blobs.size(digest), undefined);
    }
  });
};
