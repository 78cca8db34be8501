import type { Transaction } from "kysely";
import type { Store } from "../store.ts";
import type { StoreTables } from "./schema.ts";

/** Few enough that removing them never holds up a request. */
const rowsAStep = 1_000;

type Step = (tx: Transaction<StoreTables>) => Promise<number>;

/** Removes the oldest facts, up to the first that is young or that a deliverer has yet to pass; but those beyond `maxFacts` in any case. */
export const pruneFacts = (rows: Pick<Store, "transaction">, { before, maxFacts }: { before: number; maxFacts: number }): Promise<void> =>
  inSteps(rows, async (tx) => {
    const { passed } = await tx
      .selectFrom("positions")
      .select((row) => row.fn.min("fact_id").as("passed"))
      .executeTakeFirstOrThrow();
    const { last } = await tx
      .selectFrom("facts")
      .select((row) => row.fn.max("id").as("last"))
      .executeTakeFirstOrThrow();
    const oldest = await tx.selectFrom("facts").select(["id", "at"]).orderBy("id").limit(rowsAStep).execute();
    const firstKept = oldest.findIndex(({ id, at }) => id > Number(last) - maxFacts && (at >= before || id > Number(passed ?? last)));
    const removable = firstKept === -1 ? oldest : oldest.slice(0, firstKept);
    await tx
      .deleteFrom("facts")
      .where("id", "<=", removable.at(-1)?.id ?? 0)
      .execute();
    return removable.length;
  });

/** Removes the oldest traces beyond `maxTraces`. */
export const pruneTraces = (rows: Pick<Store, "transaction">, maxTraces: number): Promise<void> =>
  inSteps(rows, async (tx) => {
    const { first, last } = await tx
      .selectFrom("traces")
      .select((row) => [row.fn.min("id").as("first"), row.fn.max("id").as("last")])
      .executeTakeFirstOrThrow();
    const excess = Number(last ?? 0) - Number(first ?? 0) + 1 - maxTraces;
    if (last === null || excess <= 0) return 0;
    const count = Math.min(excess, rowsAStep);
    await tx
      .deleteFrom("traces")
      .where("id", "<", Number(first) + count)
      .execute();
    return count;
  });

const inSteps = async ({ transaction }: Pick<Store, "transaction">, step: Step): Promise<void> => {
  // oxlint-disable-next-line no-await-in-loop -- a step at a time, so that others come in between
  while ((await transaction(step)) === rowsAStep);
};
