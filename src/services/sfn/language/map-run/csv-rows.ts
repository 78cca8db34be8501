import type { Batched } from "./batched.ts";
import { checkItemLength } from "./reader-failure.ts";

/**
 * The rows of a delimited text that comes in pieces, by Step Functions' rules: quotes and newlines inside quoted cells, a quote doubled
 * anywhere for one, a backslash before itself, a quote or the delimiter (any other is dropped). Empty lines are left out.
 * https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
 */
export async function* csvRows(pieces: AsyncIterable<string>, delimiter: string): Batched<string[]> {
  const rows = new CsvRows(delimiter);
  for await (const piece of pieces) yield rows.feed(piece);
  yield rows.finish();
}

const codes = { newline: 10, quote: 34, backslash: 92 } as const;

class CsvRows {
  readonly #delimiter: string;
  readonly #delimiterCode: number;
  #row: string[] = [];
  #rowLength = 0;
  #cell = "";
  /** Whether the cell has begun, be it with nothing but its quotes. */
  #begun = false;
  #quoted = false;
  /** How much of the cell was quoted, -1 for no quotes: a carriage return up to there is data. */
  #quotedLength = -1;
  /** A quote that the next character may double: in a quoted cell it ends the quotes, elsewhere it stands for itself. */
  #quoteSeen = false;
  #escaped = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
  }

  *feed(piece: string): Generator<string[]> {
    let at = 0;
    while (at < piece.length) {
      if (this.#quoteSeen || this.#escaped) {
        if (this.#settle(piece.charAt(at))) at += 1;
        continue;
      }
      const end = this.#endOfPlain(piece, at);
      if (end > at) this.#append(piece.slice(at, end));
      if (end < piece.length) yield* this.#mark(piece.charAt(end));
      at = end + 1;
    }
  }

  *finish(): Generator<string[]> {
    yield* this.#endRow();
  }

  /** Where plain text ends that begins at a place. */
  #endOfPlain(piece: string, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (code === codes.quote || code === codes.backslash) return at;
      if (!this.#quoted && (code === this.#delimiterCode || code === codes.newline)) return at;
    }
    return piece.length;
  }

  /** What a character means that follows a quote or a backslash; false leaves it to be read like the rest. */
  #settle(char: string): boolean {
    if (this.#escaped) {
      this.#escaped = false;
      if (char !== '"' && char !== "\\" && char !== this.#delimiter) return false;
      this.#append(char);
      return true;
    }
    this.#quoteSeen = false;
    if (char === '"') {
      if (this.#quoted) this.#append('"');
      return true;
    }
    if (this.#quoted) {
      this.#quoted = false;
      this.#quotedLength = this.#cell.length;
    }
    return false;
  }

  *#mark(char: string): Generator<string[]> {
    if (char === "\n") yield* this.#endRow();
    else if (char === this.#delimiter) this.#endCell();
    else if (char === "\\") this.#escaped = true;
    else if (this.#quoted) this.#quoteSeen = true;
    else if (this.#begun) {
      this.#append('"');
      this.#quoteSeen = true;
    } else {
      this.#begun = true;
      this.#quoted = true;
    }
  }

  #append(text: string): void {
    this.#begun = true;
    this.#cell += text;
    checkItemLength(this.#rowLength + this.#cell.length);
  }

  #endCell(): void {
    this.#row.push(this.#cell);
    this.#rowLength += this.#cell.length;
    this.#cell = "";
    this.#begun = false;
    this.#quotedLength = -1;
  }

  *#endRow(): Generator<string[]> {
    if (this.#quoted) this.#quotedLength = this.#cell.length;
    this.#quoted = false;
    this.#quoteSeen = false;
    this.#escaped = false;
    if (this.#cell.endsWith("\r") && this.#cell.length > this.#quotedLength) this.#cell = this.#cell.slice(0, -1);
    const blank = this.#row.length === 0 && this.#cell === "" && this.#quotedLength === -1;
    this.#endCell();
    if (!blank) yield this.#row;
    this.#row = [];
    this.#rowLength = 0;
  }
}
