import type { Blobs } from "#store/blobs.ts";
import type { Layer } from "./layer-rows.ts";
import type { Upload } from "./upload-rows.ts";

/** Makes one blob of an upload's parts. A single part is the layer already; nothing is copied then. */
export const joinParts = async ({ parts }: Upload, blobs: Blobs): Promise<Layer> => {
  const [only, ...more] = parts;
  if (only && more.length === 0) return { digest: `sha256:${only.digest}`, sizeBytes: only.sizeBytes };
  const { digest, sizeBytes } = await blobs.put(bytesOf(parts, blobs));
  return { digest: `sha256:${digest}`, sizeBytes };
};

async function* bytesOf(parts: Upload["parts"], blobs: Blobs): AsyncGenerator<Uint8Array> {
  for (const { digest } of parts) yield* blobs.open(digest) as AsyncIterable<Uint8Array>;
}
