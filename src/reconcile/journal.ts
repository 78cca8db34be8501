export type Unsettled<State, Note> = {
  /** The state after the last entry. */
  readonly state: State;
  /** What came with the entries, in their order. */
  readonly notes: readonly Note[];
};

export type JournalOwner = {
  /** Appends entries, each a JSON text, to the journal's table under a number; resolves when they are durable. One call after the other. */
  append(number: number, entries: readonly string[]): Promise<void>;
  /** Has the rows of a key written, and `settled` called; in turn with whatever else is written of the key. */
  settle(key: string): Promise<unknown>;
  /** Drops the entries up to a number, those under it too. */
  drop(upTo: number): Promise<unknown>;
  /** Told when settling failed: it is tried again. */
  failed(error: unknown): void;
};

type Open<State, Note> = { state: State; notes: Note[]; length: number };
type Entry<State, Note> = { key: string; state: State; text: string; note: Note };
type Waiting<State, Note> = Entry<State, Note> & { resolve(): void; reject(error: unknown): void };

const maxEntriesAtOnce = 256;
/** Characters of all entries at which their keys are settled: how long a start after a crash takes to read them. */
const maxLength = 8 << 20;
/** The same of one key, and its entries: larger rows would take long to read a page of. */
const maxKeyLength = 256 << 10;
const maxKeyEntries = 100;
const settleAfterMs = 10_000;

/**
 * What durable executions change step by step, appended to one table and kept in memory; written into rows of their own many steps at a time. Entries of
 * all keys that come while others are being synced are one row, at the end of the table, where a step's own rows would be pages all over the database.
 */
export class Journal<State, Note> {
  readonly #owner: JournalOwner;
  readonly #open = new Map<string, Open<State, Note>>();
  readonly #waiting: Waiting<State, Note>[] = [];
  #isAppending = false;
  /** Entries of the last batch, and of the last two in the mean. */
  #last = 0;
  #usual = 0;
  #isNextTurn = false;
  #number = 0;
  #durable = 0;
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<void> | undefined;
  #closed = false;

  constructor(owner: JournalOwner) {
    this.#owner = owner;
  }

  /** What is known of a key whose rows are behind. */
  get(key: string): Unsettled<State, Note> | undefined {
    return this.#open.get(key);
  }

  all(): Iterable<[string, Unsettled<State, Note>]> {
    return this.#open;
  }

  /** Whether the next step of a key is to be written into its rows. */
  isFull(key: string): boolean {
    const open = this.#open.get(key);
    return open !== undefined && (open.length > maxKeyLength || open.notes.length >= maxKeyEntries);
  }

  /** Appends what led to a state, as a JSON text. The state is the key's when this resolves; `note` is kept for the rows to take over. */
  append(entry: Entry<State, Note>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...entry, resolve, reject });
      this.#appendSoon();
    });
  }

  /** The rows of a key hold all that its entries do, or there is no such key any more. */
  settled(key: string): void {
    this.#open.delete(key);
  }

  /** Settles all keys, and drops what has been appended before. */
  settle(): Promise<void> {
    const before = this.#settling;
    const settling = this.#settleAll(before).finally(() => {
      if (this.#settling === settling) this.#settling = undefined;
    });
    this.#settling = settling;
    return settling;
  }

  /** Settles all keys for the last time: what cannot be, and what is appended from now on, stays for the next process. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.settle().catch((error: unknown) => this.#owner.failed(error));
  }

  /**
   * Those who were heard of together go on together: half of them are synced while the others are still at it. The first alone would be a sync of its own,
   * with nothing to do while the rest of them is synced. Who comes alone waits for nobody.
   */
  #appendSoon(): void {
    if (this.#isAppending) return;
    if (this.#waiting.length >= this.#usual) void this.#appendAll();
    else if (!this.#isNextTurn) {
      this.#isNextTurn = true;
      setImmediate(() => {
        this.#isNextTurn = false;
        if (!this.#isAppending) void this.#appendAll();
      });
    }
  }

  async #appendAll(): Promise<void> {
    this.#isAppending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxEntriesAtOnce);
      const number = (this.#number += 1);
      this.#usual = (this.#last + batch.length) / 2;
      this.#last = batch.length;
      try {
        // oxlint-disable-next-line no-await-in-loop -- what comes meanwhile is the next batch
        await this.#owner.append(
          number,
          batch.map(({ text }) => text),
        );
        this.#durable = number;
        for (const each of batch) this.#keep(each);
        for (const { resolve } of batch) resolve();
        if (this.#length > maxLength) this.#begin();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isAppending = false;
  }

  #keep({ key, state, text: { length }, note }: Waiting<State, Note>): void {
    const open = this.#open.get(key);
    if (open) {
      open.state = state;
      open.notes.push(note);
      open.length += length;
    } else this.#open.set(key, { state, notes: [note], length });
    this.#length += length;
    this.#beginLater();
  }

  #beginLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#settling) this.#beginLater();
      else this.#begin();
    }, settleAfterMs).unref();
  }

  #begin(): void {
    if (this.#closed || this.#settling) return;
    this.settle().catch((error: unknown) => this.#owner.failed(error));
  }

  async #settleAll(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {});
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const upTo = this.#durable;
    const length = this.#length;
    this.#length = 0;
    try {
      await Promise.all(Array.from(this.#open.keys(), (key) => this.#owner.settle(key)));
      await this.#owner.drop(upTo);
    } catch (error) {
      this.#length += length;
      this.#beginLater();
      throw error;
    }
  }
}
