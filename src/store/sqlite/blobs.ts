import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, unlinkSync } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Transaction } from "kysely";
import type { Blobs, StoredBlob } from "../blobs.ts";
import type { Store } from "../store.ts";
import { syncFolder } from "./folders.ts";
import { newHash } from "./hashes.ts";
import { shareSync } from "./shared-sync.ts";

const writeBytes = 256 << 10;
const digestsPerSweep = 100;

type Content = Parameters<Blobs["put"]>[0];
type Rows = Pick<Store, "read" | "transaction">;
type Options = { dataPath: string; now: () => number; graceMs: number; rows: Rows };

/** Blobs as files `<dataPath>/blobs/sha256/ab/<digest>`, and who holds them as rows. */
export class FileBlobs implements Blobs {
  readonly #root: string;
  readonly #temporary: string;
  readonly #now: () => number;
  readonly #graceMs: number;
  readonly #rows: Rows;
  readonly #folders = new Map<string, () => Promise<void>>();
  #puts = 0;

  constructor({ dataPath, now, graceMs, rows }: Options) {
    this.#root = join(dataPath, "blobs", "sha256");
    this.#temporary = join(dataPath, "blobs", "temporary");
    this.#now = now;
    this.#graceMs = graceMs;
    this.#rows = rows;
    // What is there was left by a process that died: the folder's lock says that it is gone.
    rmSync(this.#temporary, { recursive: true, force: true });
    mkdirSync(join(dataPath, "blobs"), { recursive: true, mode: 0o700 });
    mkdirSync(this.#temporary, { recursive: true });
    mkdirSync(this.#root, { recursive: true });
  }

  async put(content: Content, options: { hashes?: readonly string[] } = {}): Promise<StoredBlob> {
    const temporary = join(this.#temporary, String(++this.#puts));
    try {
      const stored = await this.#write(temporary, content, options.hashes ?? []);
      await this.#keep(temporary, stored.digest);
      return stored;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  open(digest: string, range?: { start: number; end: number }) {
    const file = openSync(this.path(digest), "r");
    return createReadStream("", { fd: file, highWaterMark: writeBytes, ...range });
  }

  async size(digest: string): Promise<number | undefined> {
    const found = await stat(this.path(digest)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return found?.size;
  }

  path(digest: string): string {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error(`Not a SHA-256 digest in lower-case hex: ${digest}`);
    return join(this.#root, digest.slice(0, 2), digest);
  }

  async hold<Tables>(tx: Transaction<Tables>, digest: string, owner: string): Promise<void> {
    if (!existsSync(this.path(digest))) throw new Error(`No blob ${digest} for ${owner} to hold.`);
    await sql`INSERT INTO blob_holds (digest, owner) VALUES (${digest}, ${owner}) ON CONFLICT DO NOTHING`.execute(tx);
  }

  async release<Tables>(tx: Transaction<Tables>, digest: string, owner: string): Promise<void> {
    await sql`DELETE FROM blob_holds WHERE digest = ${digest} AND owner = ${owner}`.execute(tx);
  }

  async collect(): Promise<number> {
    let removed = 0;
    for (const folder of await readdir(this.#root)) {
      // oxlint-disable-next-line no-await-in-loop -- slowly, beside the requests
      const digests = await readdir(join(this.#root, folder));
      for (let index = 0; index < digests.length; index += digestsPerSweep) {
        // oxlint-disable-next-line no-await-in-loop
        removed += await this.#sweep(digests.slice(index, index + digestsPerSweep));
      }
    }
    return removed;
  }

  async #sweep(digests: readonly string[]): Promise<number> {
    // Twice: a release that is not durable yet must not cost the bytes, and a hold of the last moment must keep them.
    const free = await unheld(this.#rows.read(), digests);
    if (free.length === 0) return 0;
    return this.#rows.transaction(async (tx) => {
      const still = await unheld(tx, free);
      return still.filter((digest) => this.#removeIfOld(digest)).length;
    });
  }

  // Synchronous, like the rename in #keep: neither comes between the other's steps.
  #removeIfOld(digest: string): boolean {
    const path = this.path(digest);
    const age = this.#now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (age <= this.#graceMs) return false;
    unlinkSync(path);
    return true;
  }

  async #write(path: string, content: Content, names: readonly string[]): Promise<StoredBlob> {
    const hashes = new Map(names.map((name) => [name, newHash(name)]));
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    await using file = await open(path, "wx");
    for await (const bytes of inPieces(content)) {
      sha256.update(bytes);
      for (const hash of hashes.values()) hash.update(bytes);
      sizeBytes += bytes.length;
      await file.appendFile(bytes);
    }
    await file.utimes(this.#now() / 1000, this.#now() / 1000);
    await file.datasync();
    const digests = [...hashes].map(([name, hash]) => [name, hash.hex()]);
    return { digest: sha256.digest("hex"), sizeBytes, hashes: Object.fromEntries(digests) };
  }

  /** Puts a written file into its place, durably. One that is there already has the same bytes, and gives way to the younger. */
  async #keep(temporary: string, digest: string): Promise<void> {
    const folder = join(this.#root, digest.slice(0, 2));
    if (!this.#folders.has(folder)) {
      if (await mkdir(folder, { recursive: true })) await syncFolder(this.#root);
      this.#folders.set(
        folder,
        shareSync(() => syncFolder(folder)),
      );
    }
    renameSync(temporary, this.path(digest));
    await this.#folders.get(folder)?.();
  }
}

const unheld = async (rows: ReturnType<Rows["read"]> | Transaction<unknown>, digests: readonly string[]): Promise<string[]> => {
  const held = await sql<{ digest: string }>`SELECT DISTINCT digest FROM blob_holds WHERE digest IN (${sql.join(digests)})`.execute(rows);
  const names = new Set(held.rows.map((row) => row.digest));
  return digests.filter((digest) => !names.has(digest));
};

/** Pieces large enough to be worth a write. */
async function* inPieces(content: Content): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield content;
    return;
  }
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    pieces.push(bytes);
    size += bytes.length;
    if (size < writeBytes) continue;
    yield pieces.length === 1 ? bytes : Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}
