import { access, link, mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "#store/blobs.ts";
import { Fault } from "#wire/fault.ts";
import { invalidZip } from "../faults.ts";
import { unpack } from "./unpack.ts";

export type StoredCode = { digest: string; sha256: string; sizeBytes: number };

/** The code of functions: zips as blobs, and unpacked once for all environments that run them. */
export type CodeStore = {
  put(zip: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredCode>;
  /** Fills an empty folder with the code's files, without copying them. */
  place(digest: string, folder: string): Promise<void>;
  /** Unpacks the code if it is not. */
  ensure(digest: string): Promise<void>;
  /** Forgets all that is unpacked; nothing may run by then. */
  clear(): Promise<void>;
};

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

export const newCodeStore = ({ blobs, folder, newId }: { blobs: Blobs; folder: string; newId: () => string }): CodeStore => {
  const unpacking = new Map<string, Promise<void>>();
  const pathOf = (digest: string) => join(folder, digest);

  const unpackOnce = async (digest: string): Promise<void> => {
    if (await exists(pathOf(digest))) return;
    const temporary = join(folder, `.${newId()}`);
    await mkdir(temporary, { recursive: true });
    try {
      await unpack(blobs.path(digest), temporary);
      await rename(temporary, pathOf(digest));
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (await exists(pathOf(digest))) return;
      throw error instanceof Fault ? error : invalidZip();
    }
  };

  const ensure = (digest: string): Promise<void> => {
    const known = unpacking.get(digest) ?? unpackOnce(digest);
    unpacking.set(digest, known);
    known.catch(() => unpacking.delete(digest));
    return known;
  };

  return {
    put: async (zip) => {
      const { digest, sizeBytes } = await blobs.put(zip);
      await ensure(digest);
      return { digest, sizeBytes, sha256: Buffer.from(digest, "hex").toString("base64") };
    },
    place: async (digest, target) => {
      await ensure(digest);
      await linkTree(pathOf(digest), target);
    },
    ensure,
    clear: async () => {
      unpacking.clear();
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    },
  };
};

/** Links files rather than copying them: an environment gets a large package in milliseconds, and it is on the disk once. */
const linkTree = async (source: string, target: string): Promise<void> => {
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [from, to] = [join(source, entry.name), join(target, entry.name)];
      if (entry.isDirectory()) {
        await mkdir(to);
        await linkTree(from, to);
      } else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
      else await link(from, to);
    }),
  );
};

/** Makes the folder of unpacked code, and removes what a process that died had begun to unpack, and code whose archive is collected. */
export const openCodeFolder = async (folder: string, blobs: Blobs): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isOver = async (name: string) => name.startsWith(".") || (await blobs.size(name)) === undefined;
  for (const name of await readdir(folder)) if (await isOver(name)) await rm(join(folder, name), { recursive: true, force: true });
};
