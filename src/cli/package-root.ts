import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The package's own folder: the nearest above this file that holds its package.json, from the sources and from the bundle alike. */
export const packageRoot = (): string => {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder))
    if (manifestAt(folder)?.name === "tandem") return folder;
  throw new Error(`No package.json of tandem above ${import.meta.dirname}.`);
};

type Manifest = { name?: string; version?: string };

const manifestAt = (folder: string): Manifest | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
};

export const packageVersion = (): string => manifestAt(packageRoot())?.version ?? "unknown";
