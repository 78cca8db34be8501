import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { Mailboxes } from "#reconcile/mailboxes.ts";

type State = { taken: number[]; due?: boolean };

/** Executions in memory, with the sizes of the batches that were taken. */
const newOwner = (stored: Map<string, State>) => {
  const batches: number[] = [];
  const failures: string[] = [];
  const owner = {
    open: async (key: string) => stored.get(key),
    take: async (state: State, letters: readonly number[]) => {
      batches.push(letters.length);
      await turn();
      if (letters.includes(-1)) throw new Error("refused");
      return { taken: [...state.taken, ...letters] };
    },
    isDue: ({ due = false }: State) => due,
    closed: (key: string, state: State | undefined) => void (state && stored.set(key, state)),
    failed: (key: string) => void failures.push(key),
  };
  return { owner, batches, failures };
};

test("letters that come while a commit is under way share the next one, in their order", async () => {
  const stored = new Map<string, State>([["a", { taken: [] }]]);
  const { owner, batches } = newOwner(stored);
  const boxes = new Mailboxes<number, State>(owner);
  const states = await Promise.all([1, 2, 3, 4].map((letter) => boxes.post("a", letter)));
  assert.deepEqual(states.at(-1)?.taken, [1, 2, 3, 4]);
  assert.ok(batches.length <= 2, `${batches.length} commits`);
  await turn();
  assert.equal(boxes.has("a"), false);
  assert.deepEqual(stored.get("a")?.taken, [1, 2, 3, 4]);
});

test("a letter for what does not exist resolves with nothing", async () => {
  const boxes = new Mailboxes<number, State>(newOwner(new Map()).owner);
  assert.equal(await boxes.post("none", 1), undefined);
});

test("a failure rejects what waited, is told, and leaves the key open for what comes later", async () => {
  const stored = new Map<string, State>([["a", { taken: [] }]]);
  const { owner, failures } = newOwner(stored);
  const boxes = new Mailboxes<number, State>(owner);
  await assert.rejects(boxes.post("a", -1), /refused/);
  assert.deepEqual(failures, ["a"]);
  assert.deepEqual((await boxes.post("a", 5))?.taken, [5]);
});

test("what is told to a key that is just beginning waits for its first commit", async () => {
  const boxes = new Mailboxes<number, State>(newOwner(new Map()).owner);
  let commit: (() => void) | undefined;
  const committed = new Promise<void>((resolve) => (commit = resolve));
  const begun = boxes.begin("a", async () => {
    await committed;
    return { taken: [0] };
  });
  const told = boxes.post("a", 1);
  commit?.();
  assert.deepEqual((await begun)?.taken, [0]);
  assert.deepEqual((await told)?.taken, [0, 1]);
});

test("a beginning that is refused leaves what came meanwhile to whoever has the key", async () => {
  const boxes = new Mailboxes<number, State>(newOwner(new Map([["a", { taken: [9] }]])).owner);
  const begun = boxes.begin("a", async () => undefined);
  const told = boxes.post("a", 1);
  assert.equal(await begun, undefined);
  assert.deepEqual((await told)?.taken, [9, 1]);
});

test("what is due is taken without a letter", async () => {
  const { owner, batches } = newOwner(new Map([["a", { taken: [], due: true }]]));
  await new Mailboxes<number, State>(owner).post("a", 1);
  assert.deepEqual(batches, [1]);
  const due = newOwner(new Map());
  const boxes = new Mailboxes<number, State>(due.owner);
  await boxes.begin("b", async () => ({ taken: [], due: true }));
  await turn();
  assert.deepEqual(due.batches, [0]);
});

test("after its end, nothing is taken any more", async () => {
  const boxes = new Mailboxes<number, State>(newOwner(new Map([["a", { taken: [] }]])).owner);
  boxes.close();
  await assert.rejects(boxes.post("a", 1), /stopping/);
});
