/** The rows of a CSV text that comes in pieces: RFC 4180, with quotes doubled inside quoted cells. Empty lines are left out. */
export async function* csvRows(pieces: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[]> {
  const rows = new CsvRows(delimiter);
  for await (const piece of pieces) yield* rows.feed(piece);
  yield* rows.finish();
}

class CsvRows {
  readonly #delimiter: string;
  #row: string[] = [];
  #cell = "";
  #quoted = false;
  /** A quote inside a quoted cell: the next character tells whether it ends the cell or stands for itself. */
  #quoteSeen = false;
  #started = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *feed(piece: string): Generator<string[]> {
    const text = this.#started ? piece : piece.replace(/^\uFEFF/, "");
    this.#started ||= text !== "";
    for (const char of text) {
      if (this.#quoted) this.#inQuotes(char);
      else if (char === '"' && this.#cell === "") this.#quoted = true;
      else if (char === this.#delimiter) this.#endCell();
      else if (char === "\n") yield* this.#endRow();
      else if (char !== "\r") this.#cell += char;
      if (this.#quoteSeen && char !== '"') yield* this.#afterQuote(char);
    }
  }

  *finish(): Generator<string[]> {
    yield* this.#endRow();
  }

  #inQuotes(char: string): void {
    if (char !== '"') {
      if (!this.#quoteSeen) this.#cell += char;
    } else if (this.#quoteSeen) {
      this.#cell += '"';
      this.#quoteSeen = false;
    } else this.#quoteSeen = true;
  }

  *#afterQuote(char: string): Generator<string[]> {
    this.#quoteSeen = false;
    this.#quoted = false;
    if (char === this.#delimiter) this.#endCell();
    else if (char === "\n") yield* this.#endRow();
    else if (char !== "\r") this.#cell += char;
  }

  #endCell(): void {
    this.#row.push(this.#cell);
    this.#cell = "";
  }

  *#endRow(): Generator<string[]> {
    this.#quoted = false;
    this.#quoteSeen = false;
    if (this.#row.length === 0 && this.#cell === "") return;
    this.#endCell();
    yield this.#row;
    this.#row = [];
  }
}
