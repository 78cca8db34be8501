export type Unsettled<State, Entry> = {
  /** The state after the last entry. */
  readonly state: State;
  readonly entries: readonly Entry[];
};

export type JournalOwner<Entry> = {
  /** Appends an entry to the journal's table; resolves when it is durable. Called in the order of the numbers, and durable in that order. */
  append(number: number, key: string, entry: Entry): Promise<void>;
  /** Has the rows of a key written, and `settled` called; in turn with whatever else is written of the key. */
  settle(key: string): Promise<unknown>;
  /** Drops the entries up to a number, this one too. */
  drop(upTo: number): Promise<unknown>;
  /** Told when settling failed: it is tried again. */
  failed(error: unknown): void;
};

type Open<State, Entry> = { state: State; entries: Entry[]; length: number };

/** Characters of all entries at which their keys are settled: how long a start after a crash takes to read them. */
const maxLength = 8 << 20;
/** The same of one key, and its entries: larger rows would take long to read a page of. */
const maxKeyLength = 256 << 10;
const maxKeyEntries = 100;
const settleAfterMs = 10_000;

/**
 * What durable executions change step by step, appended to one table and kept in memory; written into rows of their own many steps at a time. An append
 * touches the end of one table, where a step's rows would be pages all over the database.
 */
export class Journal<State, Entry extends { readonly length: number }> {
  readonly #owner: JournalOwner<Entry>;
  readonly #open = new Map<string, Open<State, Entry>>();
  #number = 0;
  #durable = 0;
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<void> | undefined;

  constructor(owner: JournalOwner<Entry>) {
    this.#owner = owner;
  }

  /** What is known of a key whose rows are behind. */
  get(key: string): Unsettled<State, Entry> | undefined {
    return this.#open.get(key);
  }

  all(): Iterable<[string, Unsettled<State, Entry>]> {
    return this.#open;
  }

  /** Whether the next step of a key is to be written into its rows. */
  isFull(key: string): boolean {
    const open = this.#open.get(key);
    return open !== undefined && (open.length > maxKeyLength || open.entries.length >= maxKeyEntries);
  }

  /** Appends what led to a state, which is the key's when this resolves. */
  async append(key: string, state: State, entry: Entry): Promise<void> {
    const number = (this.#number += 1);
    await this.#owner.append(number, key, entry);
    this.#durable = number;
    const open = this.#open.get(key);
    if (open) {
      open.state = state;
      open.entries.push(entry);
      open.length += entry.length;
    } else this.#open.set(key, { state, entries: [entry], length: entry.length });
    this.#length += entry.length;
    if (this.#length > maxLength) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), settleAfterMs).unref();
  }

  /** The rows of a key hold all that its entries do, or there is no such key any more. */
  settled(key: string): void {
    this.#open.delete(key);
  }

  /** Settles all keys, and drops what has been appended so far. */
  settle(): Promise<void> {
    return (this.#settling ??= this.#settleAll().finally(() => (this.#settling = undefined)));
  }

  #begin(): void {
    this.settle().catch((error: unknown) => this.#owner.failed(error));
  }

  async #settleAll(): Promise<void> {
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
      this.#timer ??= setTimeout(() => this.#begin(), settleAfterMs).unref();
      throw error;
    }
  }
}
