import type { Json, JsonObject } from "#services/sfn/language/json.ts";
import type { ObjectSource } from "#services/sfn/language/map-run/dataset.ts";
import { itemReaderFailed } from "#services/sfn/language/map-run/reader-failure.ts";

const chunkBytes = 3;

/** A source of objects in memory, by bucket and key; they come in pieces of a few bytes, listings in pages of two. */
export const sourceOf = (objects: Readonly<Record<string, string | Uint8Array>>, asked: JsonObject[] = []): ObjectSource => {
  const bytesOf = ({ Bucket, Key }: JsonObject): Buffer => {
    const object = objects[`${String(Bucket)}/${String(Key)}`];
    if (object === undefined) throw itemReaderFailed("The specified key does not exist.");
    return Buffer.from(object);
  };
  return {
    get: async (args) => {
      asked.push(args);
      const bytes = bytesOf(args);
      return { bytes: piecesOf(bytes), sizeBytes: bytes.length };
    },
    getRange: async (args, from, to) => bytesOf(args).subarray(from, to),
    list: async (args, token) => {
      asked.push({ ...args, token: token ?? null });
      const prefix = `${String(args["Bucket"])}/`;
      const keys = Object.keys(objects).filter((path) => path.startsWith(prefix + String(args["Prefix"] ?? "")));
      const from = Number(token ?? 0);
      const contents = keys
        .slice(from, from + 2)
        .map((path) => metadataOf(path.slice(prefix.length), Buffer.byteLength(objects[path] ?? "")));
      return { contents, nextToken: from + 2 < keys.length ? String(from + 2) : undefined };
    },
  };
};

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

const metadataOf = (key: string, size: number): Record<string, Json> => ({
  ChecksumAlgorithm: ["CRC32"],
  ETag: `"${key}"`,
  Key: key,
  LastModified: "2022-11-17T15:44:41.500Z",
  Size: size,
  StorageClass: "STANDARD",
});
