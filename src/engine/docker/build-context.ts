import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { EngineError } from "../engine.ts";
import { parseIgnore, type Ignore } from "./dockerignore.ts";

const readIgnore = async (contextPath: string): Promise<Ignore> => {
  try {
    return parseIgnore(await readFile(join(contextPath, ".dockerignore"), "utf8"));
  } catch {
    return parseIgnore("");
  }
};

/** The paths to send, parents first. The Dockerfile and `.dockerignore` are always among them: the builder reads them. */
const listContext = async (contextPath: string, ignore: Ignore, needed: ReadonlySet<string>): Promise<string[]> => {
  const walk = async (folder: string): Promise<string[]> => {
    const entries = await readdir(join(contextPath, folder), { withFileTypes: true });
    const lists = entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry): Promise<string[]> => {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        const kept = needed.has(path) || !ignore.excludes(path);
        if (!entry.isDirectory()) return kept ? [path] : [];
        const below = kept || ignore.mayHoldExceptions || [...needed].some((one) => one.startsWith(`${path}/`)) ? await walk(path) : [];
        return kept || below.length > 0 ? [path, ...below] : [];
      });
    return (await Promise.all(lists)).flat();
  };
  return walk("");
};

const addEntry = async (archive: Pack, contextPath: string, name: string): Promise<void> => {
  const path = join(contextPath, name);
  const stats = await lstat(path);
  // Owners are root's, as Docker's own client sends them; the time stays, the builder's cache does not look at it.
  const header = { name, mode: stats.mode & 0o7777, mtime: stats.mtime, uid: 0, gid: 0 };
  if (stats.isDirectory()) archive.entry({ ...header, type: "directory" });
  else if (stats.isSymbolicLink()) archive.entry({ ...header, type: "symlink", linkname: await readlink(path) });
  else if (stats.isFile()) {
    const entry = archive.entry({ ...header, type: "file", size: stats.size });
    if (stats.size === 0) entry.end(Buffer.alloc(0));
    // A file that grows meanwhile would not fit its header.
    else await pipeline(createReadStream(path, { end: stats.size - 1 }), entry);
  }
};

/** A folder as the tar stream that the builder takes. @throws EngineError code `BuildFailed` when the folder or Dockerfile is not there */
export const buildContext = async (contextPath: string, dockerfile: string): Promise<Pack> => {
  const found = await lstat(join(contextPath, dockerfile)).catch(() => undefined);
  if (!found) throw new EngineError("BuildFailed", `unable to prepare context: no ${dockerfile} in ${contextPath}`);
  const names = await listContext(contextPath, await readIgnore(contextPath), new Set([dockerfile, ".dockerignore"]));
  const archive = pack();
  const fill = async (): Promise<void> => {
    for (const name of names) await addEntry(archive, contextPath, name);
    archive.finalize();
  };
  void fill().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return archive;
};
