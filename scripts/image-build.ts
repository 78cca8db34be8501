import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { pack } from "tar-stream";

export type Image = {
  tag: string;
  /** Below `images/`: the Dockerfile and what lies beside it. */
  folder: string;
  /** The image that its Dockerfile starts from. */
  parent: string;
  /** Below `images/runtimes/`: becomes `runtime/` in the build context. */
  runtime?: string;
  /** What the packages of the folder's `package-lock.json` give to the build context: path in it by path below `node_modules`. */
  packages?: (architecture: string) => Readonly<Record<string, string>>;
};

type Entry = { name: string; path: string; mode: number };

const root = join(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache", "tandem");
const contentLabel = "tandem.content";

/** What Node does not load from a package: types, source maps, and of the clients, which choose by `main`, the second copy for bundlers. */
const unneeded = /(^|\/)(\.bin|dist-types)\/|(^|\/)\.package-lock\.json$|\.d\.[cm]?ts$|\.map$|@aws-sdk\/client-[^/]+\/dist-es\//;

export const say = (line: string): void => console.log(`set-up: ${line}`);

/** The id of an image that the engine has, or undefined. */
export const imageId = async (docker: Docker, tag: string): Promise<string | undefined> => (await inspect(docker, tag))?.Id;

const inspect = async (docker: Docker, tag: string): Promise<Docker.ImageInspectInfo | undefined> => {
  try {
    return await docker.getImage(tag).inspect();
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
    throw error;
  }
};

const entriesBelow = (folder: string, prefix = ""): Entry[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: prefix + relative(folder, path), path, mode: statSync(path).mode & 0o111 ? 0o755 : 0o644 };
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));

const sourcesOf = (image: Image): Entry[] => [
  ...entriesBelow(join(root, "images", image.folder)),
  ...(image.runtime ? entriesBelow(join(root, "images", "runtimes", image.runtime), "runtime/") : []),
];

/** Says whether anything changed that goes into the image. Packages count by their lock file, so they need not be there to be compared. */
const contentHash = (sources: readonly Entry[], parentId: string): string => {
  const hash = createHash("sha256").update(parentId);
  for (const { name, path, mode } of sources) hash.update(`\0${name}\0${mode.toString(8)}\0`).update(readFileSync(path));
  return hash.digest("hex");
};

/** Has npm fetch the packages of the image's lock file; npm checks them against the lock file's hashes. */
const packageEntries = async (image: Image, architecture: string): Promise<Entry[]> => {
  if (!image.packages) return [];
  const folder = join(cache, image.folder);
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(root, "images", image.folder, file), join(folder, file));
  const target = ["--os=linux", `--cpu=${architecture}`, "--ignore-scripts"];
  await promisify(execFile)("npm", ["ci", ...target, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  return Object.entries(image.packages(architecture)).flatMap(([name, wanted]) => {
    const path = join(folder, "node_modules", wanted);
    const entries = statSync(path).isDirectory() ? entriesBelow(path, `${name}/`) : [{ name, path, mode: 0o755 }];
    return entries.filter((entry) => !unneeded.test(entry.name));
  });
};

/** A proxy that this machine needs is needed inside builds too; the engine knows these arguments without a declaration. */
const proxyArguments = (): Record<string, string> =>
  Object.fromEntries(
    ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => {
      const value = process.env[name] ?? process.env[name.toUpperCase()];
      return value ? [[name, value]] : [];
    }),
  );

const contextOf = (entries: readonly Entry[]): Readable => {
  const context = pack();
  for (const { name, path, mode } of entries) context.entry({ name, mode, mtime: new Date(0) }, readFileSync(path));
  context.finalize();
  return Readable.from(context);
};

const build = async (docker: Docker, image: Image, content: { hash: string; entries: readonly Entry[] }): Promise<void> => {
  const options = { t: image.tag, labels: { [contentLabel]: content.hash }, buildargs: proxyArguments(), rm: true, forcerm: true };
  const stream = await docker.buildImage(contextOf(content.entries), options);
  const lines: string[] = [];
  const failure = await new Promise<Error | null>((resolve) =>
    docker.modem.followProgress(stream, resolve, (event: { stream?: string; error?: string }) =>
      lines.push(event.error ?? event.stream ?? ""),
    ),
  );
  // Podman ends its report of a build that failed as it ends any other.
  if ((await inspect(docker, image.tag))?.Config.Labels?.[contentLabel] === content.hash) return;
  throw new Error([`${image.tag} could not be built: ${failure?.message ?? ""}`, ...lines.slice(-20)].join("\n"));
};

/** Builds the image, unless the engine has it with the same content. Answers with whether it was built. */
export const ensureImage = async (docker: Docker, image: Image): Promise<boolean> => {
  const parentId = await imageId(docker, image.parent);
  if (!parentId) throw new Error(`${image.tag} starts from ${image.parent}, which the engine has not.`);
  const sources = sourcesOf(image);
  const hash = contentHash(sources, parentId);
  const present = await inspect(docker, image.tag);
  if (present?.Config.Labels?.[contentLabel] === hash) return false;
  // The engine's processor, which need not be this process's; npm has its own word for one of them.
  const { Arch } = await docker.version();
  const packages = await packageEntries(image, Arch === "amd64" ? "x64" : Arch);
  await build(docker, image, { hash, entries: [...sources, ...packages] });
  // The image that had the name goes, unless something still uses it.
  if (present && present.Id !== (await imageId(docker, image.tag)))
    await docker
      .getImage(present.Id)
      .remove()
      .catch(() => undefined);
  return true;
};
