import type { Kysely } from "kysely";
import type { Deliverer } from "../outbox.ts";
import type { Store } from "../store.ts";
import { toFact } from "./fact-rows.ts";
import type { StoreTables } from "./schema.ts";

const batchSize = 100;
const pollMs = 5_000;
const firstBackoffMs = 100;
const maxBackoffMs = 30_000;

type Rows = Pick<Store, "read" | "transaction">;

/**
 * Hands facts to one deliverer, in order, from where it last stood. It is woken when facts become durable; the slow poll beside it means
 * that nothing depends on the waking.
 */
export class Delivery {
  readonly #deliverer: Deliverer;
  readonly #rows: Rows;
  readonly #report: (error: unknown) => void;
  #stopped = false;
  #woken = false;
  #waitsForFacts = false;
  #rouse: (() => void) | undefined;
  #position = 0;
  #keptPosition = 0;

  constructor(deliverer: Deliverer, rows: Rows, report: (error: unknown) => void) {
    this.#deliverer = deliverer;
    this.#rows = rows;
    this.#report = report;
    void this.#run();
  }

  wake(): void {
    this.#woken = true;
    if (this.#waitsForFacts) this.#rouse?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#rouse?.();
  }

  /** Writes down how far this deliverer came past facts that are not its own. */
  async keepPosition(): Promise<void> {
    const position = this.#position;
    if (position === this.#keptPosition) return;
    await this.#rows.transaction<StoreTables, unknown>((tx) =>
      tx.updateTable("positions").set({ fact_id: position }).where("deliverer", "=", this.#deliverer.name).execute(),
    );
    this.#keptPosition = position;
  }

  async #run(): Promise<void> {
    let backoffMs = 0;
    let started = false;
    /* oxlint-disable no-await-in-loop -- in order: one batch after the other */
    while (!this.#stopped) {
      try {
        if (!started) await this.#start();
        started = true;
        this.#woken = false;
        if (await this.#deliverBatch()) backoffMs = 0;
        else await this.#waitForFacts();
      } catch (error) {
        if (this.#stopped) return;
        this.#report(new Error(`Delivery to ${this.#deliverer.name} failed; it comes again.`, { cause: error }));
        backoffMs = Math.min(backoffMs === 0 ? firstBackoffMs : backoffMs * 2, maxBackoffMs);
        await this.#sleep(backoffMs);
      }
    }
    /* oxlint-enable no-await-in-loop */
  }

  /** Finds the position, or begins at the end: in a transaction, so that facts of later ones count as new. */
  async #start(): Promise<void> {
    const deliverer = this.#deliverer.name;
    const wanted = wantedTopics(this.#deliverer).map((topic) => ({ topic }));
    this.#position = await this.#rows.transaction<StoreTables, number>(async (tx) => {
      await tx
        .insertInto("outbox_topics")
        .values(wanted)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const known = await tx.selectFrom("positions").select("fact_id").where("deliverer", "=", deliverer).executeTakeFirst();
      if (known) return known.fact_id;
      const fact_id = await lastId(tx);
      await tx.insertInto("positions").values({ deliverer, fact_id }).execute();
      return fact_id;
    });
    this.#keptPosition = this.#position;
  }

  async #deliverBatch(): Promise<boolean> {
    const read = this.#rows.read<StoreTables>();
    const end = await lastId(read);
    if (end <= this.#position) return false;
    const { topics } = this.#deliverer;
    const rows = await read
      .selectFrom("facts")
      .selectAll()
      .where("id", ">", this.#position)
      .$if(topics.length > 0, (select) => select.where("topic", "in", topics))
      .orderBy("id")
      .limit(batchSize)
      .execute();
    if (this.#stopped) return false;
    if (rows.length > 0) await this.#deliverer.deliver(rows.map(toFact));
    this.#position = rows.length < batchSize ? Math.max(end, rows.at(-1)?.id ?? 0) : (rows.at(-1)?.id ?? end);
    if (rows.length > 0) await this.keepPosition();
    return true;
  }

  async #waitForFacts(): Promise<void> {
    if (this.#woken) return;
    this.#waitsForFacts = true;
    await this.#sleep(pollMs);
    this.#waitsForFacts = false;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#rouse = undefined;
  }
}

/** As they are kept, to be known before the deliverer is registered again after a restart. */
export const wantedTopics = ({ topics }: Deliverer): readonly string[] => (topics.length > 0 ? topics : ["*"]);

const lastId = async (rows: Kysely<StoreTables>): Promise<number> => {
  const { last } = await rows
    .selectFrom("facts")
    .select((row) => row.fn.max("id").as("last"))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
};
