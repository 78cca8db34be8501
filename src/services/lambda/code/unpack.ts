import { createWriteStream } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import { invalidZip, unzippedTooLarge } from "../faults.ts";
import { limits } from "../limits.ts";

const fileType = 0o170000;
const linkType = 0o120000;

const modeOf = (entry: Entry) => entry.externalFileAttributes >>> 16;
const isLink = (entry: Entry) => (modeOf(entry) & fileType) === linkType;

const open = (path: string): Promise<ZipFile> =>
  new Promise((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  );

const contentOf = (zip: ZipFile, entry: Entry): Promise<Readable> =>
  new Promise((resolve, reject) => zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))));

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      const settle = (result: Entry | undefined) => {
        zip.removeAllListeners();
        resolve(result);
      };
      zip.once("entry", settle);
      zip.once("end", () => settle(undefined));
      zip.once("error", reject);
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

/** Counts what really comes out, whatever the archive says of itself. */
const counter = (room: { bytes: number }) =>
  new Transform({
    transform: (chunk: Uint8Array, _encoding, done) => {
      room.bytes -= chunk.length;
      done(room.bytes < 0 ? unzippedTooLarge() : null, chunk);
    },
  });

/**
 * Unpacks an archive into an empty folder. Names that lead out of it are refused by the reader; links are made when all files are written, so no
 * file is written through one.
 */
export const unpack = async (archivePath: string, folder: string): Promise<void> => {
  const zip = await open(archivePath).catch(() => Promise.reject(invalidZip()));
  const room = { bytes: limits.unzippedBytes };
  const links: { path: string; target: string }[] = [];
  try {
    if (zip.entryCount > limits.files) throw unzippedTooLarge();
    for await (const entry of entriesOf(zip)) {
      const path = join(folder, entry.fileName);
      if (entry.fileName.endsWith("/")) {
        await mkdir(path, { recursive: true });
        continue;
      }
      if (entry.uncompressedSize > room.bytes) throw unzippedTooLarge();
      await mkdir(dirname(path), { recursive: true });
      const content = await contentOf(zip, entry);
      if (isLink(entry)) links.push({ path, target: await readLink(content, room) });
      else await writeFile(content, path, { mode: modeOf(entry), room });
    }
    for (const { path, target } of links) await symlink(target, path);
  } finally {
    zip.close();
  }
};

/** Archives made without modes, or by other users, must still be readable: the function's user owns nothing of its code. */
const writeFile = async (content: Readable, path: string, { mode, room }: { mode: number; room: { bytes: number } }) => {
  // No file is written over: a name that comes twice is a broken archive.
  await pipeline(content, counter(room), createWriteStream(path, { flags: "wx" }));
  await chmod(path, mode & 0o111 ? 0o755 : 0o644);
};

const readLink = (content: Readable, room: { bytes: number }): Promise<string> =>
  pipeline(content, counter(room), async (chunks: AsyncIterable<Buffer>) => {
    const all: Buffer[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return Buffer.concat(all).toString("utf8");
  });
