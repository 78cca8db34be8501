/** A cursor over the text of a path or an intrinsic call. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  done(): boolean {
    return this.at >= this.text.length;
  }

  rest(): string {
    return this.text.slice(this.at);
  }

  peek(expected: string): boolean {
    return this.text.startsWith(expected, this.at);
  }

  take(expected: string): boolean {
    if (!this.peek(expected)) return false;
    this.at += expected.length;
    return true;
  }

  /** Matches a sticky pattern here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  spaces(): void {
    while (this.text[this.at] === " " || this.text[this.at] === "\t" || this.text[this.at] === "\n") this.at += 1;
  }

  integer(): number | undefined {
    const digits = this.match(/-?\d+/y);
    return digits === undefined ? undefined : Number(digits);
  }

  number(): number | undefined {
    const digits = this.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    return digits === undefined ? undefined : Number(digits);
  }

  /** A quoted name, either quote, with `\` escaping the next character. */
  quoted(): string {
    const quote = this.text[this.at];
    if (quote !== "'" && quote !== '"') return fail("A quoted name is missing");
    let name = "";
    for (let at = this.at + 1; at < this.text.length; at += 1) {
      const char = this.text[at] ?? "";
      if (char === quote) {
        this.at = at + 1;
        return name;
      }
      if (char === "\\") at += 1;
      name += this.text[at] ?? "";
    }
    return fail("A quoted name does not end");
  }
}

export const fail = (message: string): never => {
  throw new SyntaxError(message);
};
