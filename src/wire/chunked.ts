import { createHash, createHmac } from "node:crypto";
import { Fault } from "./fault.ts";
import { signatureDoesNotMatch } from "./signature.ts";

/** What is needed to verify the signatures of a signed chunked upload. */
export type ChunkSigner = { key: Buffer; timestamp: string; scope: string; seed: string };

const maxHeaderBytes = 8 * 1024;
const emptyHash = createHash("sha256").digest("hex");

const incomplete = () => new Fault("IncompleteBody", "The request body terminated unexpectedly", 400);
const malformedChunk = () => new Fault("InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", 403);

/**
 * Decodes `aws-chunked`: `size[;chunk-signature=…]`, data, and after the last chunk the trailers, which are put into `trailers`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeChunked(
  source: AsyncIterable<Uint8Array>,
  trailers: Record<string, string>,
  signer?: ChunkSigner,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let previous = signer?.seed ?? "";
  for (;;) {
    const header = await reader.line();
    if (header === undefined) throw incomplete();
    const [sizeText = "", ...extensions] = header.split(";");
    if (!/^[0-9a-fA-F]{1,8}$/.test(sizeText)) throw malformedChunk();
    let left = Number.parseInt(sizeText, 16);
    const hash = signer && left > 0 ? createHash("sha256") : undefined;
    const isLast = left === 0;
    while (left > 0) {
      const data = await reader.some(left);
      if (!data) throw incomplete();
      left -= data.length;
      hash?.update(data);
      yield data;
    }
    if (signer) previous = verifyChunk(signer, { previous, hash: hash?.digest("hex") ?? emptyHash, extensions });
    if (isLast) break;
    if ((await reader.line()) !== "") throw incomplete();
  }
  for (let line = await reader.line(); line; line = await reader.line()) {
    const [name, value] = line.split(/:(.*)/s, 2);
    trailers[(name ?? "").trim().toLowerCase()] = (value ?? "").trim();
  }
}

const verifyChunk = (
  signer: ChunkSigner,
  { previous, hash, extensions }: { previous: string; hash: string; extensions: string[] },
): string => {
  const toSign = ["AWS4-HMAC-SHA256-PAYLOAD", signer.timestamp, signer.scope, previous, emptyHash, hash].join("\n");
  const expected = createHmac("sha256", signer.key).update(toSign).digest("hex");
  if (!extensions.includes(`chunk-signature=${expected}`)) throw signatureDoesNotMatch();
  return expected;
};

/** Takes lines and bytes from a stream of buffers without copying more than a header. */
class ByteReader {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** Up to `limit` bytes that are at hand, or undefined at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    if (this.pending.length === 0 && !(await this.fill())) return undefined;
    const taken = this.pending.subarray(0, limit);
    this.pending = this.pending.subarray(taken.length);
    return taken;
  }

  /** A line without its CRLF, or undefined at the end. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const at = this.pending.indexOf(10);
      if (at >= 0) {
        const line = this.pending.subarray(0, at).toString("latin1").replace(/\r$/, "");
        this.pending = this.pending.subarray(at + 1);
        return line;
      }
      if (this.pending.length > maxHeaderBytes) throw malformedChunk();
      if (!(await this.fill())) return undefined;
    }
  }

  private async fill(): Promise<boolean> {
    const next = await this.iterator.next();
    if (next.done) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    return true;
  }
}
