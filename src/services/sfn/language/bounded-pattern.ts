import { createContext, Script } from "node:vm";
import { runtimeFailure } from "./state-failure.ts";

/** A match takes microseconds; one that takes longer than this goes through its possibilities one by one, and may for hours. */
const longestMs = 200;
const mostMatches = 10_000;
/** Steps that are over at once, so that no watch is needed. */
const harmless = 1_000_000;

/** Patterns are matched where V8 ends what lasts too long. The room is empty but while a match is under way. */
const room = createContext({ __proto__: null });
const matches = new Script(`(() => {
  const found = [];
  for (;;) {
    const match = pattern.exec(text);
    found.push(match);
    if (match === null || match[0] === "" || found.length === most) return found;
  }
})()`);

/** A regular expression whose matching is cut off with an error: what users write may not hold up everybody else. */
export class BoundedPattern extends RegExp {
  /** What was found in the text at hand, by where the search began: one watch serves all matches. */
  readonly #found = new Map<number, RegExpExecArray | null>();
  #text: string | undefined;

  override exec(text: string): RegExpExecArray | null {
    if (isHarmless(this.source, text.length)) return super.exec(text);
    if (!this.global) return this.#search(text, 0)[0] ?? null;
    const from = this.lastIndex;
    if (text !== this.#text) this.#found.clear();
    this.#text = text;
    if (!this.#found.has(from)) this.#remember(this.#search(text, from), from);
    const match = this.#found.get(from) ?? null;
    this.lastIndex = match ? match.index + match[0].length : 0;
    return match;
  }

  #remember(found: readonly (RegExpExecArray | null)[], from: number): void {
    let begin = from;
    for (const match of found) {
      this.#found.set(begin, match);
      begin = match ? match.index + match[0].length : begin;
    }
  }

  #search(text: string, from: number): (RegExpExecArray | null)[] {
    // A plain one: `exec` of this very class would come back here.
    const pattern = new RegExp(this.source, this.flags);
    pattern.lastIndex = from;
    Object.assign(room, { pattern, text, most: pattern.global ? mostMatches : 1 });
    try {
      return matches.runInContext(room, { timeout: longestMs }) as (RegExpExecArray | null)[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      throw runtimeFailure(`The regular expression /${this.source}/ takes too long`);
    } finally {
      Object.assign(room, { pattern: undefined, text: undefined });
    }
  }
}

/** At worst, each loop may begin at each character, and each optional part be there or not; a loop within a loop knows no bound. */
const isHarmless = (source: string, length: number): boolean => {
  if (/\)[*+{]/.test(source)) return false;
  const loops = source.match(/[*+{]/g)?.length ?? 0;
  const options = source.match(/[?|]/g)?.length ?? 0;
  return length ** (loops + 1) * 2 ** options <= harmless;
};
