import type { LogLine } from "#engine/engine.ts";
import { limits } from "../limits.ts";
import type { LogTarget, LogWriter } from "./log-writer.ts";

/** Our runtime clients write this line behind the output of an invocation, so that its end is known. */
const marker = "\u0001tandem:end ";

/** Runtimes that write no marker get this long for their last lines. */
const graceMs = 30;
/** A marker that was promised but does not come: the output is taken for complete. */
const markerMs = 1_000;

type Finish = { requestId: string; lines: string[]; done: (tail: string) => void; timer: NodeJS.Timeout };

/**
 * The output of one environment, put in order: START, what the function wrote, END, REPORT. Output arrives by another way than results do, so
 * the end of an invocation waits for its marker, and the next START for that end.
 */
export class Output {
  readonly #writer: LogWriter;
  readonly #now: () => number;
  #target: LogTarget | undefined;
  #tail: string[] = [];
  #finish: Finish | undefined;
  #seen: string | undefined;
  #heldBack: (() => void)[] = [];

  constructor(writer: LogWriter, now: () => number) {
    this.#writer = writer;
    this.#now = now;
  }

  bind(target: LogTarget): void {
    this.#target = target;
  }

  begin(requestId: string, version: string): void {
    const start = () => {
      this.#tail = [];
      this.#write(`START RequestId: ${requestId} Version: ${version}`, this.#now());
    };
    if (this.#finish) this.#heldBack.push(start);
    else start();
  }

  line({ text, timestamp }: Pick<LogLine, "text" | "timestamp">): void {
    if (!text.startsWith(marker)) return this.#write(text.replaceAll("\r", "\n"), timestamp);
    const requestId = text.slice(marker.length);
    if (this.#finish?.requestId === requestId) this.#complete();
    else this.#seen = requestId;
  }

  /** Writes the last lines of an invocation when its output is complete; answers with the end of all of it. */
  finish(requestId: string, lines: string[], output: "none" | "marked" | undefined): Promise<string> {
    return new Promise((resolve) => {
      const write = () => {
        const timer = setTimeout(() => this.#complete(), output === "marked" ? markerMs : graceMs);
        this.#finish = { requestId, lines, done: resolve, timer };
        if (output === "none" || this.#seen === requestId) this.#complete();
      };
      if (this.#finish) this.#heldBack.push(write);
      else write();
    });
  }

  /** What was written last, for those who ask why an environment did not start. */
  lastLines(): string {
    return this.#tail.join("").trim() || "it wrote nothing";
  }

  async close(): Promise<void> {
    this.#complete();
    if (this.#target) await this.#writer.end(this.#target);
  }

  #complete(): void {
    const finish = this.#finish;
    if (!finish) return;
    clearTimeout(finish.timer);
    this.#finish = undefined;
    for (const line of finish.lines) this.#write(line, this.#now());
    finish.done(lastBytes(this.#tail.join("")));
    while (!this.#finish) {
      const next = this.#heldBack.shift();
      if (!next) return;
      next();
    }
  }

  #write(text: string, timestamp: number): void {
    const message = `${text}\n`;
    this.#tail.push(message);
    if (this.#tail.length > 4 * limits.tailBytes) this.#tail.splice(0, 3 * limits.tailBytes);
    if (this.#target) this.#writer.append(this.#target, message, timestamp);
  }
}

const lastBytes = (text: string): string => {
  const bytes = Buffer.from(text);
  return bytes.subarray(Math.max(0, bytes.length - limits.tailBytes)).toString("base64");
};
