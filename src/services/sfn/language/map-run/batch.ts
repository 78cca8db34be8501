import { exceedsBytes, type Json } from "../json.ts";
import { limits } from "../limits.ts";
import { StateFailure } from "../state-failure.ts";
import type { BatcherSpec } from "../interpreter/map-run-spec.ts";

/** The input of one child execution: how many items are in it, and the index of the first of them. */
export type Batch = { readonly input: string; readonly firstItem: number; readonly items: number };

type Selected = { readonly index: number; readonly value: Json };

/** Puts selected items together into the inputs of child executions: one each, or batches. A gap in the indices closes a batch. */
export async function* batchesOf(
  spec: BatcherSpec | undefined,
  items: AsyncIterable<Selected> | Iterable<Selected>,
): AsyncGenerator<Batch> {
  if (spec === undefined) {
    for await (const { index, value } of items) yield checked({ input: JSON.stringify(value), firstItem: index, items: 1 });
    return;
  }
  const batch = new OpenBatch(spec);
  for await (const { index, value } of items) {
    const text = JSON.stringify(value);
    if (!batch.takes(index, text)) yield* batch.close();
    batch.add(index, text);
  }
  yield* batch.close();
}

/** A batch of one item may be larger than the batcher wants, but no input larger than a payload may be. */
const checked = (batch: Batch): Batch => {
  if (!exceedsBytes(batch.input, limits.payloadBytes)) return batch;
  const subject = `The child workflow execution for the item at index ${batch.firstItem}`;
  throw new StateFailure(
    "States.DataLimitExceeded",
    `${subject} was provided an input with a size exceeding the maximum number of bytes service limit.`,
  );
};

class OpenBatch {
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #head: string;
  readonly #emptyBytes: number;
  #texts: string[] = [];
  #bytes = 0;
  #first = 0;

  constructor({ maxItems, maxBytes, batchInput }: BatcherSpec) {
    this.#most = maxItems ?? Number.POSITIVE_INFINITY;
    this.#mostBytes = Math.min(maxBytes ?? limits.payloadBytes, limits.payloadBytes);
    this.#head = batchInput === undefined ? '{"Items":[' : `{"BatchInput":${JSON.stringify(batchInput)},"Items":[`;
    this.#emptyBytes = Buffer.byteLength(this.#head) + 2;
  }

  takes(index: number, text: string): boolean {
    const count = this.#texts.length;
    if (count === 0) return true;
    if (count >= this.#most || index !== this.#first + count) return false;
    return this.#bytes + 1 + Buffer.byteLength(text) <= this.#mostBytes;
  }

  add(index: number, text: string): void {
    if (this.#texts.length === 0) {
      this.#first = index;
      this.#bytes = this.#emptyBytes - 1;
    }
    this.#bytes += 1 + Buffer.byteLength(text);
    this.#texts.push(text);
  }

  *close(): Generator<Batch> {
    if (this.#texts.length === 0) return;
    yield checked({ input: `${this.#head}${this.#texts.join(",")}]}`, firstItem: this.#first, items: this.#texts.length });
    this.#texts = [];
  }
}
