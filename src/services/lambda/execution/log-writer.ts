import type { Platform } from "../../service.ts";
import { Fault } from "#wire/fault.ts";
import { callerOf } from "./callers.ts";

export type LogTarget = { account: string; region: string; group: string; stream: string };

type Entry = { timestamp: number; message: string };
type Buffered = LogTarget & { entries: Entry[]; isCreated: boolean; writing: Promise<void> | undefined };

const flushMs = 50;
const entriesAWrite = 2_000;

/** Gathers lines by stream and writes them to log groups a few times a second. */
export class LogWriter {
  readonly #platform: Platform;
  readonly #streams = new Map<string, Buffered>();
  #timer: NodeJS.Timeout | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  append(target: LogTarget, message: string, timestamp: number): void {
    const key = `${target.account}/${target.region}/${target.group}/${target.stream}`;
    let stream = this.#streams.get(key);
    if (!stream) this.#streams.set(key, (stream = { ...target, entries: [], isCreated: false, writing: undefined }));
    const last = stream.entries.at(-1)?.timestamp ?? 0;
    stream.entries.push({ timestamp: Math.max(timestamp, last), message });
    this.#timer ??= setTimeout(() => void this.flush(), flushMs);
  }

  /** Forgets a stream to which nothing more comes. */
  async end(target: LogTarget): Promise<void> {
    await this.flush();
    this.#streams.delete(`${target.account}/${target.region}/${target.group}/${target.stream}`);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all(
      [...this.#streams.values()].map((stream) => (stream.writing ??= this.#write(stream).finally(() => (stream.writing = undefined)))),
    );
  }

  async #write(stream: Buffered): Promise<void> {
    while (stream.entries.length > 0) {
      const logEvents = stream.entries.splice(0, fitting(stream.entries));
      try {
        await this.#put(stream, logEvents);
      } catch (error) {
        this.#platform.log.warn({ error, group: stream.group }, "a function's output could not be stored");
      }
    }
  }

  async #put(stream: Buffered, logEvents: Entry[]): Promise<void> {
    const { group, account, region } = stream;
    const names = { logGroupName: group, logStreamName: stream.stream };
    const call = this.#platform.callAs(callerOf(account), region);
    if (stream.isCreated) {
      const isThere = await call("logs", "PutLogEvents", { ...names, logEvents }).then(() => true, goneIsFalse);
      if (isThere) return;
    }
    await call("logs", "CreateLogGroup", { logGroupName: group }).catch(existsIsFine);
    await call("logs", "CreateLogStream", names).catch(existsIsFine);
    stream.isCreated = true;
    await call("logs", "PutLogEvents", { ...names, logEvents });
  }
}

/** As many entries as one write may carry. */
const fitting = (entries: readonly Entry[]): number => {
  let bytes = 0;
  const end = entries.findIndex(({ message }, index) => {
    bytes += Buffer.byteLength(message) + 26;
    return index > 0 && (bytes > 1_000_000 || index >= entriesAWrite);
  });
  return end < 0 ? entries.length : end;
};

const existsIsFine = (error: unknown) => {
  if (!(error instanceof Fault && error.code === "ResourceAlreadyExistsException")) throw error;
};

const goneIsFalse = (error: unknown) => {
  if (error instanceof Fault && error.code === "ResourceNotFoundException") return false;
  throw error;
};
