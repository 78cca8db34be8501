import type { Readable } from "node:stream";
import type { Transaction } from "kysely";

/**
 * Content-addressed bytes beside the rows: written, synced and renamed before the row that names them commits. A blob lives while an owner
 * holds it; one that nobody holds is collected after a grace time.
 */
export type Blobs = {
  /** Streams `content` to disk, hashing on the way. The same bytes are kept once. Rejects with what the stream rejects with, leaving nothing. */
  put(content: Readable | Uint8Array | AsyncIterable<Uint8Array>, options?: { hashes?: readonly string[] }): Promise<StoredBlob>;
  /** Bytes `start` to `end` (both inclusive, as in HTTP ranges) or all. @throws when there is no such blob. */
  open(digest: string, range?: { start: number; end: number }): Readable;
  size(digest: string): Promise<number | undefined>;
  /** The path of the file, for those who must hand it to another process; treat it as read-only. */
  path(digest: string): string;
  /** Records in the caller's transaction that `owner` (`s3:object:<id>`) needs the blob. Holding twice is holding once. */
  hold<Tables>(tx: Transaction<Tables>, digest: string, owner: string): Promise<void>;
  release<Tables>(tx: Transaction<Tables>, digest: string, owner: string): Promise<void>;
  /** Removes blobs that nobody holds and that are older than the grace time. Answers with how many. */
  collect(): Promise<number>;
};

export type StoredBlob = {
  /** SHA-256 of the content in lower-case hex. */
  digest: string;
  sizeBytes: number;
  /** Lower-case hex of each further hash that was asked for (`md5`, `sha1`, …: names that node:crypto knows, and `crc32`). */
  hashes: Readonly<Record<string, string>>;
};
