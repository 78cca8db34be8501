import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { checksumAlgorithms, newChecksum } from "./checksums.ts";
import type { Checksum, ChecksumAlgorithm } from "./checksums.ts";
import { decodeChunked } from "./chunked.ts";
import type { ChunkSigner } from "./chunked.ts";
import { Fault } from "./fault.ts";

/** A request's body, decoded and checked against the checksums that came with it. It is read once: as a stream, or whole. */
export type Body = {
  /** Its declared length is small: collecting it costs less than a stream. */
  isShort: boolean;
  stream(): Readable;
  collect(): Promise<Buffer>;
  trailers: Record<string, string>;
};

export type BodyOptions = {
  headers: Readonly<Record<string, string>>;
  maxBytes: number;
  /** Whether checksum headers speak of this body; those of CompleteMultipartUpload speak of the object. */
  verify: boolean;
  /** Whether a body in gzip is unpacked: S3 keeps it as it came. */
  isUnpacked: boolean;
  signer?: ChunkSigner;
};

const shortBytes = 64 * 1024;

export const openBody = (source: AsyncIterable<Uint8Array>, options: BodyOptions): Body => {
  const trailers: Record<string, string> = {};
  const decoded = () => verified(decode(source, options, trailers), options, trailers);
  let collected: Promise<Buffer> | undefined;
  const declared = options.headers["content-length"];
  return {
    trailers,
    isShort: declared !== undefined && Number(declared) <= shortBytes,
    stream: () => Readable.from(decoded(), { objectMode: false }),
    collect: () => (collected ??= collectBytes(decoded(), options.maxBytes)),
  };
};

export const collectBytes = async (source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes)
      throw new Fault("RequestEntityTooLargeException", `Request must be smaller than ${maxBytes} bytes for this operation`, 413);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0]
    ? Buffer.from(chunks[0].buffer, chunks[0].byteOffset, chunks[0].byteLength)
    : Buffer.concat(chunks);
};

const decode = (
  source: AsyncIterable<Uint8Array>,
  { headers, signer, maxBytes, isUnpacked }: BodyOptions,
  trailers: Record<string, string>,
): AsyncIterable<Uint8Array> => {
  const encodings = (headers["content-encoding"] ?? "").split(",").map((each) => each.trim().toLowerCase());
  if (encodings.includes("aws-chunked") || headers["x-amz-content-sha256"]?.startsWith("STREAMING-")) {
    const isSigned = headers["x-amz-content-sha256"]?.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    return checkLength(decodeChunked(source, trailers, isSigned ? signer : undefined), headers["x-amz-decoded-content-length"]);
  }
  // S3 keeps a body as it came; every other service takes it unpacked: https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait
  if (encodings.includes("gzip") && isUnpacked) return gunzip(source, maxBytes);
  return source;
};

async function* checkLength(source: AsyncIterable<Uint8Array>, declared: string | undefined): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    yield chunk;
  }
  if (declared !== undefined && Number(declared) !== size)
    throw new Fault("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header", 400);
}

async function* gunzip(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const unpacked = Readable.from(source).pipe(createGunzip());
  let size = 0;
  try {
    for await (const chunk of unpacked) {
      size += (chunk as Buffer).length;
      if (size > maxBytes)
        throw new Fault("RequestEntityTooLargeException", `Request must be smaller than ${maxBytes} bytes for this operation`, 413);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("SerializationException", "The body is not valid gzip", 400);
  }
}

const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 };

/** One checksum that the request states: from a header at once, from a trailer at the end. */
type Stated = { name: string; running: Checksum; expected(): string | undefined; encoding: "base64" | "hex"; fault(): Fault };

async function* verified(
  source: AsyncIterable<Uint8Array>,
  options: BodyOptions,
  trailers: Record<string, string>,
): AsyncGenerator<Uint8Array> {
  const stated = options.verify ? await statedChecksums(options.headers, trailers) : [];
  if (stated.length === 0) {
    yield* source;
    return;
  }
  for await (const chunk of source) {
    for (const { running } of stated) running.update(chunk);
    yield chunk;
  }
  for (const { running, expected, encoding, fault } of stated) {
    const wanted = expected();
    if (wanted !== undefined && (await running.digest()).toString(encoding) !== wanted) throw fault();
  }
}

const statedChecksums = async (headers: Readonly<Record<string, string>>, trailers: Record<string, string>): Promise<Stated[]> => {
  const stated: Stated[] = [];
  const announced = (headers["x-amz-trailer"] ?? "").toLowerCase().split(",");
  for (const algorithm of checksumAlgorithms) {
    const name = `x-amz-checksum-${algorithm}`;
    if (headers[name] === undefined && !announced.some((each) => each.trim() === name)) continue;
    if (headers[name] !== undefined && Buffer.from(headers[name], "base64").length !== digestBytes[algorithm])
      throw new Fault("InvalidRequest", `Value for ${name} header is invalid.`, 400);
    stated.push({
      name,
      running: await newChecksum(algorithm),
      expected: () => headers[name] ?? trailers[name],
      encoding: "base64",
      fault: () => badChecksum(algorithm),
    });
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined) {
    if (Buffer.from(md5, "base64").length !== 16) throw new Fault("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
    stated.push({ name: "content-md5", running: await newChecksum("md5"), expected: () => md5, encoding: "base64", fault: badMd5 });
  }
  const sha256 = headers["x-amz-content-sha256"];
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256))
    stated.push({
      name: "x-amz-content-sha256",
      running: await newChecksum("sha256"),
      expected: () => sha256,
      encoding: "hex",
      fault: badSha256,
    });
  return stated;
};

const badChecksum = (algorithm: ChecksumAlgorithm) =>
  new Fault("BadDigest", `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`, 400);
const badMd5 = () => new Fault("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
const badSha256 = () =>
  new Fault("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.", 400);
