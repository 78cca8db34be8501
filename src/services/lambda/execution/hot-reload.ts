import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FunctionVersion } from "../lambda.ts";

const maxFiles = 5_000;

/** Newest change and number of the files in a folder whose code is run as it is; packages in `node_modules` are taken not to change. */
export const codeStampOf = async ({ hotReloadPath }: Pick<FunctionVersion, "hotReloadPath">): Promise<string | undefined> => {
  if (hotReloadPath === undefined) return undefined;
  const found = { newest: 0, files: 0 };
  await look(hotReloadPath, found);
  return `${found.newest}/${found.files}`;
};

const look = async (folder: string, found: { newest: number; files: number }): Promise<void> => {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (found.files >= maxFiles) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") await look(path, found);
    else if (entry.isFile()) {
      found.files += 1;
      found.newest = Math.max(
        found.newest,
        await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      );
    }
  }
};
