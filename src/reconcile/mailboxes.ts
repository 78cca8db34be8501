type Mail<Letter, State> = { letter: Letter; resolve(state: State | undefined): void; reject(error: unknown): void };
type Open<Letter, State> = { mail: Mail<Letter, State>[]; state: State | undefined };

export type MailboxOwner<Letter, State> = {
  /** What is stored of a key; nothing if there is no such thing. */
  open(key: string): Promise<State | undefined>;
  /** Takes all letters that have come, in one commit; what it resolves with is durable. */
  take(state: State, letters: readonly Letter[]): Promise<State>;
  /** Whether there is something to do without a letter. */
  isDue(state: State): boolean;
  /** Told of what is put away. */
  closed(key: string, state: State | undefined): void;
  /** Told of a key whose letters could not be taken: it is to be looked at again. */
  failed(key: string, error: unknown): void;
};

/**
 * Durable executions, each with a mailbox that is emptied into one commit after the other: many things that happen at once to one execution share a
 * commit, and many executions share a sync. What has no mail is in the store alone.
 */
export class Mailboxes<Letter, State> {
  readonly #owner: MailboxOwner<Letter, State>;
  readonly #open = new Map<string, Open<Letter, State>>();
  #closed = false;

  constructor(owner: MailboxOwner<Letter, State>) {
    this.#owner = owner;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether letters of a key are being taken right now. */
  has(key: string): boolean {
    return this.#open.has(key);
  }

  /** Resolves with the state when the letter's effect is durable; with nothing if there is no such key. */
  post(key: string, letter: Letter): Promise<State | undefined> {
    if (this.#closed) return Promise.reject(stopping());
    return new Promise((resolve, reject) => {
      const mail = { letter, resolve, reject };
      const open = this.#open.get(key);
      if (open) open.mail.push(mail);
      else void this.#run(key, this.#hold(key, [mail]));
    });
  }

  /** Makes the first commit of a new key, which is held meanwhile: a sweep that finds its row must not take it up a second time. */
  async begin(key: string, commit: () => Promise<State | undefined>): Promise<State | undefined> {
    const open = this.#hold(key, []);
    try {
      open.state = await commit();
      return open.state;
    } finally {
      // Without a commit, what has come meanwhile is for whoever has the key already.
      void this.#run(key, open);
    }
  }

  close(): void {
    this.#closed = true;
  }

  #hold(key: string, mail: Mail<Letter, State>[]): Open<Letter, State> {
    const open: Open<Letter, State> = { mail, state: undefined };
    this.#open.set(key, open);
    return open;
  }

  async #run(key: string, open: Open<Letter, State>): Promise<void> {
    const owner = this.#owner;
    const batch: Mail<Letter, State>[] = [];
    try {
      open.state ??= await owner.open(key);
      while (open.mail.length > 0 || (open.state !== undefined && owner.isDue(open.state))) {
        if (this.#closed) break;
        batch.push(...open.mail.splice(0));
        const letters = batch.map(({ letter }) => letter);
        // oxlint-disable-next-line no-await-in-loop -- one commit after the other
        if (open.state !== undefined) open.state = await owner.take(open.state, letters);
        for (const { resolve } of batch.splice(0)) resolve(open.state);
      }
      this.#open.delete(key);
      for (const { reject } of open.mail) reject(stopping());
      owner.closed(key, open.state);
    } catch (error) {
      this.#open.delete(key);
      for (const { reject } of [...batch, ...open.mail]) reject(error);
      if (!this.#closed) owner.failed(key, error);
    }
  }
}

const stopping = () => new Error("The cloud is stopping.");
