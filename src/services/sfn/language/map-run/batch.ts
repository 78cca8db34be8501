import type { Json } from "../json.ts";
import { limits } from "../limits.ts";
import type { BatcherSpec } from "../interpreter/map-run-spec.ts";

/** The input of one child execution, and how many items are in it. */
export type Batch = { readonly input: string; readonly items: number };

/** Puts selected items together into the inputs of child executions: one each, or batches. */
export async function* batchesOf(spec: BatcherSpec | undefined, items: AsyncIterable<Json> | Iterable<Json>): AsyncGenerator<Batch> {
  if (spec === undefined) {
    for await (const item of items) yield { input: JSON.stringify(item), items: 1 };
    return;
  }
  const most = spec.maxItems ?? Number.POSITIVE_INFINITY;
  const bytes = Math.min(spec.maxBytes ?? limits.payloadBytes, limits.payloadBytes);
  const envelope = Buffer.byteLength(wrap(spec, []));
  let texts: string[] = [];
  let size = envelope;
  for await (const item of items) {
    const text = JSON.stringify(item);
    const grown = size + Buffer.byteLength(text) + (texts.length > 0 ? 1 : 0);
    if (texts.length > 0 && (texts.length >= most || grown > bytes)) {
      yield { input: wrap(spec, texts), items: texts.length };
      texts = [];
      size = envelope;
    }
    size += Buffer.byteLength(text) + (texts.length > 0 ? 1 : 0);
    texts.push(text);
  }
  if (texts.length > 0) yield { input: wrap(spec, texts), items: texts.length };
}

const wrap = ({ batchInput }: BatcherSpec, texts: readonly string[]): string => {
  const shared = batchInput === undefined ? "" : `"BatchInput":${JSON.stringify(batchInput)},`;
  return `{${shared}"Items":[${texts.join(",")}]}`;
};
