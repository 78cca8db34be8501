import type { Kysely, Transaction } from "kysely";
import type { Deliverer, DeliveryTrace, Fact, Outbox, RecordedFact } from "../outbox.ts";
import { prepare } from "../statement.ts";
import type { Statement } from "../statement.ts";
import type { Store } from "../store.ts";
import { Delivery, wantedTopics } from "./delivery.ts";
import { toFact, toRow } from "./fact-rows.ts";
import { pruneFacts, pruneTraces } from "./prune.ts";
import type { StoreTables } from "./schema.ts";

const dayMs = 86_400_000;
const rowsAnInsert = 100;

export type OutboxLimits = { keepMs: number; maxFacts: number; maxTraces: number };
export const outboxLimits: OutboxLimits = { keepMs: dayMs, maxFacts: 1_000_000, maxTraces: 100_000 };

type Rows = Pick<Store, "read" | "transaction">;

/** Facts as rows. Their ids grow in the order of commits, since one writer commits them. */
export class SqliteOutbox implements Outbox {
  readonly #rows: Rows;
  readonly #now: () => number;
  readonly #limits: OutboxLimits;
  readonly #report: (error: unknown) => void;
  readonly #deliveries = new Set<Delivery>();
  readonly #wanted = new Set<string>();
  #appended = false;
  /** Most changes leave one fact, and compiling its insert would cost more than carrying it out. */
  readonly #insertOne: Statement<never>;

  constructor(options: { rows: Rows; now: () => number; limits: OutboxLimits; report: (error: unknown) => void }) {
    this.#rows = options.rows;
    this.#now = options.now;
    this.#limits = options.limits;
    this.#report = options.report;
    const any = toRow({ topic: "", account: "", region: "", subject: "", at: 0, detail: null });
    this.#insertOne = prepare(this.#rows.read<StoreTables>().insertInto("facts").values(any));
  }

  /** Reads what is durable about deliverers. To be called once, before anything else. */
  async load(): Promise<void> {
    const rows = await this.#read().selectFrom("outbox_topics").select("topic").execute();
    for (const { topic } of rows) this.#wanted.add(topic);
  }

  wanted(topic: string): boolean {
    return this.#wanted.has(topic) || this.#wanted.has("*");
  }

  async append<Tables>(tx: Transaction<Tables>, facts: readonly Fact[]): Promise<void> {
    if (facts.length === 0) return;
    const mine = tx as unknown as Transaction<StoreTables>;
    for (let index = 0; index < facts.length; index += rowsAnInsert) {
      const rows = facts.slice(index, index + rowsAnInsert).map(toRow);
      // oxlint-disable no-await-in-loop -- one transaction, one statement after the other
      const [only] = rows;
      if (only && rows.length === 1) await this.#insertOne(mine as unknown as Kysely<never>, ...Object.values(only));
      else await mine.insertInto("facts").values(rows).execute();
      // oxlint-enable no-await-in-loop
    }
    this.#appended = true;
  }

  /** To be called as a group commits: answers with what to do when it is durable. */
  onCommit(): (() => void) | undefined {
    if (!this.#appended) return undefined;
    this.#appended = false;
    return () => {
      for (const delivery of this.#deliveries) delivery.wake();
    };
  }

  deliver(deliverer: Deliverer): Disposable {
    for (const topic of wantedTopics(deliverer)) this.#wanted.add(topic);
    const delivery = new Delivery(deliverer, this.#rows, this.#report);
    this.#deliveries.add(delivery);
    return {
      [Symbol.dispose]: () => {
        this.#deliveries.delete(delivery);
        delivery.stop();
      },
    };
  }

  async trace(trace: DeliveryTrace): Promise<void> {
    const { factId: fact_id, deliverer, target, outcome, at } = trace;
    await this.#rows.transaction<StoreTables, unknown>((tx) =>
      tx.insertInto("traces").values({ fact_id, deliverer, target, outcome, at }).execute(),
    );
  }

  async traces(query: { subject?: string; factId?: number; limit: number }): Promise<DeliveryTrace[]> {
    const { subject, factId, limit } = query;
    const rows = await this.#read()
      .selectFrom("traces")
      .selectAll()
      .$if(factId !== undefined, (select) => select.where("fact_id", "=", factId ?? 0))
      .$if(subject !== undefined, (select) =>
        select.where("fact_id", "in", (facts) =>
          facts
            .selectFrom("facts")
            .select("facts.id")
            .where("subject", "=", subject ?? ""),
        ),
      )
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ fact_id, deliverer, target, outcome, at }) => ({ factId: fact_id, deliverer, target, outcome, at }));
  }

  async facts(query: { afterId?: number; topic?: string; subject?: string; limit: number }): Promise<RecordedFact[]> {
    const { afterId = 0, topic, subject, limit } = query;
    const rows = await this.#read()
      .selectFrom("facts")
      .selectAll()
      .where("id", ">", afterId)
      .$if(topic !== undefined, (select) => select.where("topic", "=", topic ?? ""))
      .$if(subject !== undefined, (select) => select.where("subject", "=", subject ?? ""))
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(toFact);
  }

  /** Removes facts that are old and that every deliverer has passed, and whatever is beyond the limits. */
  async prune(): Promise<void> {
    for (const delivery of this.#deliveries) await delivery.keepPosition(); // oxlint-disable-line no-await-in-loop
    await pruneFacts(this.#rows, { before: this.#now() - this.#limits.keepMs, maxFacts: this.#limits.maxFacts });
    await pruneTraces(this.#rows, this.#limits.maxTraces);
  }

  close(): void {
    for (const delivery of this.#deliveries) delivery.stop();
    this.#deliveries.clear();
  }

  #read(): Kysely<StoreTables> {
    return this.#rows.read<StoreTables>();
  }
}
