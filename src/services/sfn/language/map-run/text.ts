import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { limits } from "../limits.ts";
import type { Batched } from "./batched.ts";
import { checkItemLength, itemReaderFailed } from "./reader-failure.ts";

/** The text of an object, from its bytes: decompressed where they are gzip or zstd, without a byte order mark. */
export async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let sizeBytes = 0;
  for await (const piece of unpacked(bytes)) {
    sizeBytes += piece.length;
    if (sizeBytes > limits.readerObjectBytes) throw itemReaderFailed(`An object exceeds the limit of ${limits.readerObjectBytes} bytes.`);
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

/** The lines of a text that comes in pieces. */
export async function* linesOf(pieces: AsyncIterable<string>): Batched<string> {
  let rest = "";
  for await (const piece of pieces) {
    rest += piece;
    if (piece.includes("\n")) {
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      yield lines;
    }
    checkItemLength(rest.length);
  }
  if (rest !== "") yield [rest];
}

/** Compression is told by the bytes' own signature: no text begins like this, and Athena's files need not be named `.gz`. */
async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array();
    while (head.length < 4) {
      const next = await pieces.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = following(head, pieces);
    const unpacker = unpackerFor(head);
    if (unpacker === undefined) yield* whole;
    else yield* decompressed(pipeline(Readable.from(whole, { objectMode: false }), unpacker, () => {}));
  } finally {
    await pieces.return?.();
  }
}

const unpackerFor = (head: Uint8Array) => {
  const signature = Buffer.from(head).toString("hex", 0, 4);
  if (signature.startsWith("1f8b")) return createGunzip();
  return signature === "28b52ffd" ? createZstdDecompress() : undefined;
};

async function* following(head: Uint8Array, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

async function* decompressed(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "";
    throw /^(Z|ZSTD)_/i.test(code) ? itemReaderFailed("The object could not be decompressed.") : fault;
  }
}
