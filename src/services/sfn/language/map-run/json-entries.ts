import { exceedsBytes, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { Batched } from "./batched.ts";
import { checkItemLength, itemReaderFailed, nonIterable } from "./reader-failure.ts";

/** An element of an array, or a member of an object with its name. */
export type JsonEntry = { readonly key?: string; readonly value: Json };

/** The entries of the array or object that a JSON Pointer names in a text that comes in pieces; only the entry at hand is kept. */
export async function* jsonEntries(pieces: AsyncIterable<string>, pointer = ""): Batched<JsonEntry> {
  const scan = new EntryScan(pointer);
  for await (const piece of pieces) {
    yield scan.feed(piece);
    if (scan.done) return;
  }
  scan.finish();
}

/** The value of a JSON text, of an item's length at most. */
export const parseItem = (text: string): Json => {
  if (exceedsBytes(text, limits.readerItemBytes)) checkItemLength(Buffer.byteLength(text));
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw invalid();
  }
};

const invalid = () => itemReaderFailed("The object is not valid JSON.");

const partsOf = (pointer: string): string[] => {
  if ((pointer !== "" && !pointer.startsWith("/")) || pointer.length >= limits.itemsPointerLength) {
    throw itemReaderFailed(`The ItemsPointer '${pointer.slice(0, 100)}' is not a JSON Pointer.`);
  }
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
};

const codes = { quote: 34, comma: 44, colon: 58, bracket: 91, backslash: 92, closingBracket: 93, brace: 123, closingBrace: 125 } as const;

/** Follows the pointer from container to container, then cuts the text of the last one at its commas. */
class EntryScan {
  readonly #pointer: string;
  readonly #parts: readonly string[];
  #inString = false;
  #escaped = false;
  /** Containers entered on the way, and the kind of the last; the text and the depth are within its present entry. */
  #entered = 0;
  #kind = "";
  #depth = 0;
  #text = "";
  #keeping = false;
  #index = 0;
  /** Whether the pointer leads into the present entry. */
  #leads = false;
  #closed = false;
  #passed = 0;

  constructor(pointer: string) {
    this.#pointer = pointer;
    this.#parts = partsOf(pointer);
  }

  /** What follows the container is looked at only where that is the end of the text: a pointer stops the reading. */
  get done(): boolean {
    return this.#closed && this.#parts.length > 0;
  }

  *feed(piece: string): Generator<JsonEntry> {
    let from = 0;
    for (let at = 0; at < piece.length && !this.#closed; at += 1) {
      if (!this.#isBoundary(piece.charCodeAt(at))) continue;
      this.#take(piece.slice(from, at));
      from = at + 1;
      yield* this.#mark(piece.charAt(at));
    }
    if (!this.#closed) this.#take(piece.slice(from));
    else if (!this.done && /\S/.test(piece.slice(from))) throw invalid();
    if (!this.#arrived) this.#passed += piece.length;
    if (this.#passed > limits.itemsPointerReach && this.#parts.length > 0) throw this.#lost();
  }

  finish(): void {
    if (!this.#closed) throw invalid();
  }

  get #arrived(): boolean {
    return this.#entered > this.#parts.length;
  }

  /** Whether a character stands between entries, or between a name and its value on the way; strings and inner containers are passed over. */
  #isBoundary(code: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inString) {
      this.#inString = code !== codes.quote;
      this.#escaped = code === codes.backslash;
    } else if (code === codes.quote) this.#inString = true;
    else if (code === codes.comma) return this.#depth === 0;
    else if (code === codes.colon) return this.#depth === 0 && this.#keeping && !this.#arrived;
    else if (code === codes.brace || code === codes.bracket) {
      if (this.#depth === 0 && (this.#entered === 0 || this.#leads)) return true;
      this.#depth += 1;
    } else if (code === codes.closingBrace || code === codes.closingBracket) {
      if (this.#depth === 0) return true;
      this.#depth -= 1;
    }
    return false;
  }

  *#mark(char: string): Generator<JsonEntry> {
    if (char === "{" || char === "[") this.#enter(char);
    else if (char === ":") this.#endName();
    else if (char === ",") yield* this.#endEntry();
    else yield* this.#close(char);
  }

  #take(text: string): void {
    if (this.#entered === 0 && /\S/.test(text)) throw nonIterable();
    if (!this.#keeping) return;
    this.#text += text;
    checkItemLength(this.#text.length);
  }

  #enter(kind: string): void {
    this.#entered += 1;
    this.#kind = kind;
    this.#index = 0;
    this.#beginEntry();
  }

  #beginEntry(): void {
    this.#text = "";
    this.#keeping = this.#arrived || this.#kind === "{";
    this.#leads = !this.#arrived && this.#kind === "[" && this.#parts[this.#entered - 1] === String(this.#index);
  }

  #endName(): void {
    this.#leads = parseItem(this.#text) === this.#parts[this.#entered - 1];
    this.#keeping = false;
  }

  *#endEntry(): Generator<JsonEntry> {
    if (this.#leads || this.#entered === 0) throw nonIterable();
    if (this.#arrived) yield this.#entry();
    this.#index += 1;
    this.#beginEntry();
  }

  *#close(char: string): Generator<JsonEntry> {
    if (this.#leads || this.#entered === 0) throw nonIterable();
    if (char !== (this.#kind === "{" ? "}" : "]")) throw invalid();
    if (!this.#arrived) throw this.#lost();
    if (this.#index > 0 || this.#text.trim() !== "") yield this.#entry();
    this.#closed = true;
  }

  #entry(): JsonEntry {
    if (this.#kind === "[") return { value: parseItem(this.#text) };
    const [member, ...others] = Object.entries(parseItem(`{${this.#text}}`) as JsonObject);
    if (member === undefined || others.length > 0) throw invalid();
    return { key: member[0], value: member[1] };
  }

  #lost() {
    return itemReaderFailed(`The ItemsPointer '${this.#pointer}' does not lead to a value.`);
  }
}
