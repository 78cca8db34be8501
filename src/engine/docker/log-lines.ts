import type { LogLine, LogPosition } from "../engine.ts";
import type { Frame } from "./frames.ts";

/** AWS cuts a log event at 256 KiB; a line without an end is cut there too, so that it can't fill the memory. */
const maxLineBytes = 256 * 1024;

/** `2026-11-21T07:36:28.530607009Z` in whole microseconds. */
export const parseMicroseconds = (text: string): number => {
  const seconds = Date.parse(`${text.slice(0, 19)}Z`);
  const fraction = /^\.(\d+)/.exec(text.slice(19))?.[1] ?? "0";
  return seconds * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
};

/** A position's time as Docker's `since` wants it; undefined for the start. */
export const sinceOf = (position: LogPosition): string | undefined =>
  position.timestamp > 0
    ? `${Math.floor(position.timestamp / 1_000_000)}.${String(position.timestamp % 1_000_000).padStart(6, "0")}000`
    : undefined;

/**
 * Turns frames of `timestamp text` into lines with positions. Docker can be asked for lines since a time but not after a line, times
 * repeat, and stdout and stderr are stamped a moment before they are written, so the later stamp may come first. A position therefore
 * counts lines from an anchor in the middle of a silence, where no order is in doubt.
 */
export class LineReader {
  #anchor: number;
  #lines: number;
  #latest: number;
  #skip = 0;
  readonly #partial = new Map<Frame["stream"], { timestamp: number; parts: Buffer[]; bytes: number }>();

  constructor(since: LogPosition) {
    this.#anchor = since.timestamp;
    this.#lines = since.lines;
    this.#latest = since.timestamp;
  }

  get position(): LogPosition {
    return { timestamp: this.#anchor, lines: this.#lines };
  }

  /** Call before each read from `position`: what was already given will come again. */
  rewind(): void {
    this.#skip = this.#lines;
    this.#partial.clear();
  }

  *read(frame: Frame): Generator<LogLine> {
    const space = frame.bytes.indexOf(32);
    const timestamp = parseMicroseconds(frame.bytes.toString("latin1", 0, Math.max(space, 0)));
    if (Number.isNaN(timestamp)) return;
    const text = frame.bytes.subarray(space + 1);
    const open = this.#partial.get(frame.stream);
    const started = open?.timestamp ?? timestamp;
    const parts = [...(open?.parts ?? []), text];
    const bytes = (open?.bytes ?? 0) + text.length;
    if (text.at(-1) !== 10 && bytes < maxLineBytes) {
      this.#partial.set(frame.stream, { timestamp: started, parts, bytes });
      return;
    }
    this.#partial.delete(frame.stream);
    yield* this.#give(started, frame.stream, Buffer.concat(parts));
  }

  /** The last words of a container that ended in the middle of a line. */
  *end(): Generator<LogLine> {
    for (const [stream, { timestamp, parts }] of this.#partial) yield* this.#give(timestamp, stream, Buffer.concat(parts));
    this.#partial.clear();
  }

  *#give(timestamp: number, stream: Frame["stream"], bytes: Buffer): Generator<LogLine> {
    if (this.#skip > 0) {
      this.#skip -= 1;
      this.#latest = Math.max(this.#latest, timestamp);
      return;
    }
    this.#advance(timestamp);
    const text = bytes.toString("utf8").replace(/\r?\n$/, "");
    yield { timestamp: Math.floor(timestamp / 1000), stream, text, position: this.position };
  }

  #advance(timestamp: number): void {
    // The longer the count, the smaller the silence that will do.
    const silence = this.#lines < 1_000 ? 50_000 : this.#lines < 10_000 ? 5_000 : 200;
    if (timestamp - this.#latest >= silence) {
      this.#anchor = timestamp - Math.floor(silence / 2);
      this.#lines = 0;
    }
    this.#latest = Math.max(this.#latest, timestamp);
    this.#lines += 1;
  }
}
