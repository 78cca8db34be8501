import type { LogLine } from "#engine/engine.ts";

export type BatchLimits = { lines: number; bytes: number; waitMs: number };

/** Gathers lines that come close together, so that each is soon on its way and many share one step. Ends when they do. */
export async function* inBatches(lines: AsyncIterable<LogLine>, limits: BatchLimits): AsyncGenerator<LogLine[]> {
  const iterator = lines[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<LogLine>> | undefined;
  try {
    for (;;) {
      const first = await (pending ?? iterator.next());
      pending = undefined;
      if (first.done) return;
      const batch = [first.value];
      let bytes = Buffer.byteLength(first.value.text);
      const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), limits.waitMs));
      while (batch.length < limits.lines && bytes < limits.bytes) {
        pending ??= iterator.next();
        const next = await Promise.race([pending, late]);
        if (next === "late") break;
        pending = undefined;
        if (next.done) {
          yield batch;
          return;
        }
        batch.push(next.value);
        bytes += Buffer.byteLength(next.value.text);
      }
      yield batch;
    }
  } finally {
    pending?.catch(() => undefined);
    await iterator.return?.();
  }
}
