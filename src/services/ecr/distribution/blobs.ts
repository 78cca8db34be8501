import { hexOf } from "../tables.ts";
import { isDigest } from "../manifest.ts";
import { blobUnknown, digestInvalid, RegistryError } from "./errors.ts";
import { answer, keyAt, repositoryIn } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { sendFile } from "./send-file.ts";

type BlobRoute = { name: string; digest: string };

export const getBlob = async (exchange: Exchange, { name, digest }: BlobRoute): Promise<void> => {
  if (!isDigest(digest)) throw digestInvalid(`invalid digest: ${digest}`);
  const { request, response, method, registry } = exchange;
  const layer = await registry.layers.find(keyAt(exchange, name), digest);
  if (!layer) {
    await repositoryIn(exchange, name);
    throw blobUnknown(digest);
  }
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    "cache-control": "max-age=31536000",
    etag: `"${digest}"`,
  };
  if (request.headers["if-none-match"] === headers.etag) return answer(exchange, 304, headers);
  const range = readRange(request.headers.range, layer.sizeBytes);
  const length = range ? range.end - range.start + 1 : layer.sizeBytes;
  if (method === "HEAD" || length === 0) return answer(exchange, 200, { ...headers, "content-length": length });
  response.writeHead(range ? 206 : 200, {
    "docker-distribution-api-version": "registry/2.0",
    ...headers,
    "content-length": length,
    ...(range ? { "content-range": `bytes ${range.start}-${range.end}/${layer.sizeBytes}` } : {}),
  });
  await sendFile(response, registry.blobs.path(hexOf(digest)), range ?? { start: 0, end: layer.sizeBytes - 1 });
};

/** One range of bytes, as HTTP has it; several at once, or another unit, are answered with the whole. */
const readRange = (header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start >= sizeBytes || start > end)
    throw new RegistryError("SIZE_INVALID", "The range is not within the blob.", 416, { "content-range": `bytes */${sizeBytes}` });
  return { start, end };
};

/** Layers go with the images that name them, never alone: as on AWS. */
export const deleteBlob = async (): Promise<void> => {
  throw new RegistryError("UNSUPPORTED", "Layers are removed with the last image that names them.", 405);
};
