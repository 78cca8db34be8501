import { hash } from "node:crypto";
import { Readable } from "node:stream";
import type { Transaction } from "kysely";
import type { Blobs } from "#store/blobs.ts";
import { newChecksum } from "#wire/checksums.ts";
import { limits } from "./limits.ts";
import type { ByteRange } from "./ranges.ts";
import type { Content, Segment } from "./s3.ts";

/** Bytes that have been taken in: small ones in memory, the rest already in a blob that nobody holds yet. */
export type Received = { sizeBytes: number; md5: string; content: Content; crc64?: string };

type Receiving = {
  blobs: Blobs;
  /** Under which name a blob will be held. */
  owner: string;
  /** Objects stay in their row up to this size. */
  inlineBytes?: number;
  /** The checksum that S3 adds where the client brings none. */
  withCrc64: boolean;
};

/** Reads a body to its end, never holding more of it than what would fit into a row. */
export const receive = async (body: Readable | Uint8Array | undefined, options: Receiving): Promise<Received> => {
  const { inlineBytes = limits.inlineBytes } = options;
  if (!(body instanceof Readable) && (body?.length ?? 0) <= inlineBytes) return inline(body ?? new Uint8Array(), options);
  const pieces = body instanceof Readable ? (body as AsyncIterable<Uint8Array>) : Readable.from([body ?? new Uint8Array()]);
  const iterator = pieces[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size <= inlineBytes) {
    // oxlint-disable-next-line no-await-in-loop -- piece by piece
    const next = await iterator.next();
    if (next.done) return inline(Buffer.concat(head), options);
    head.push(next.value);
    size += next.value.length;
  }
  return toBlob(rejoin(head, iterator), options);
};

async function* rejoin(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

const inline = async (bytes: Uint8Array, { withCrc64 }: Receiving): Promise<Received> => {
  const received = { sizeBytes: bytes.length, md5: hash("md5", bytes), content: { bytes } };
  if (!withCrc64) return received;
  const crc64 = await newChecksum("crc64nvme");
  crc64.update(bytes);
  return { ...received, crc64: (await crc64.digest()).toString("base64") };
};

const toBlob = async (body: AsyncIterable<Uint8Array>, { blobs, owner, withCrc64 }: Receiving): Promise<Received> => {
  const crc64 = withCrc64 ? await newChecksum("crc64nvme") : undefined;
  const stored = await blobs.put(crc64 ? through(body, (bytes) => crc64.update(bytes)) : body, { hashes: ["md5"] });
  return {
    sizeBytes: stored.sizeBytes,
    md5: stored.hashes["md5"] ?? "",
    content: { segments: [{ digest: stored.digest, sizeBytes: stored.sizeBytes, owner }] },
    ...(crc64 ? { crc64: (await crc64.digest()).toString("base64") } : {}),
  };
};

async function* through(source: AsyncIterable<Uint8Array>, see: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    see(bytes);
    yield bytes;
  }
}

/** Opens all of a content, or a range of it. */
export const openContent = (content: Content, blobs: Blobs, range?: ByteRange): Uint8Array | Readable => {
  if ("bytes" in content) return range ? content.bytes.subarray(range.start, range.end + 1) : content.bytes;
  const pieces = cut(content.segments, range);
  const [only] = pieces;
  if (only && pieces.length === 1) return blobs.open(only.digest, only.range);
  return Readable.from(follow(pieces, blobs), { objectMode: false });
};

type Piece = { digest: string; range: ByteRange };

/** The pieces of the segments that make up a range. */
const cut = (segments: readonly Segment[], range: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY }): Piece[] => {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const { digest, sizeBytes, offset: within = 0 } of segments) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, sizeBytes - 1);
    if (start <= end) pieces.push({ digest, range: { start: start + within, end: end + within } });
    offset += sizeBytes;
  }
  return pieces;
};

async function* follow(pieces: readonly Piece[], blobs: Blobs): AsyncGenerator<Uint8Array> {
  for (const { digest, range } of pieces) yield* blobs.open(digest, range) as AsyncIterable<Uint8Array>;
}

export const holdContent = async (tx: Transaction<unknown>, blobs: Blobs, content: Content): Promise<void> => {
  // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
  if ("segments" in content) for (const { digest, owner } of content.segments) await blobs.hold(tx, digest, owner);
};

/** The same bytes for another owner, without copying them: a range cuts the segments, not the blobs. */
export const shareSegments = (segments: readonly Segment[], owner: string, range?: ByteRange): Segment[] =>
  cut(segments, range).map(({ digest, range: { start, end } }) => ({
    digest,
    owner,
    sizeBytes: end - start + 1,
    ...(start === 0 ? {} : { offset: start }),
  }));

export const releaseSegments = async (tx: Transaction<unknown>, blobs: Blobs, segments: readonly Segment[]): Promise<void> => {
  // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
  for (const { digest, owner } of segments) await blobs.release(tx, digest, owner);
};
