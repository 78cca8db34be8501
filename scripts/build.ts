import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/**
 * Parts of dockerode that only a remote engine by ssh, or BuildKit's sessions, need: neither is offered, and together they hold 15 MB.
 */
const leftOut = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|cpu-features|protobufjs)$/;

const leaveOut: Plugin = {
  name: "leave-out",
  setup: (building) => {
    building.onResolve({ filter: leftOut }, ({ path }) => ({ path, namespace: "left-out" }));
    building.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

/** Chunks of an earlier build stay so long: a cloud that runs from it loads parts of itself when they are first wanted. */
const keptMs = 7 * 24 * 3_600_000;

const outdir = join(root, "dist");

/** Whoever starts meanwhile, from this build or one beside it, finds each file whole. */
const replaceFile = async (name: string, content: string | Uint8Array): Promise<void> => {
  const written = join(outdir, `.${process.pid}-${name}`);
  await writeFile(written, content);
  await rename(written, join(outdir, name));
};

const removeOld = async (current: ReadonlySet<string>): Promise<void> => {
  for (const entry of await readdir(outdir, { withFileTypes: true })) {
    if (!entry.isFile() || current.has(entry.name)) continue;
    const path = join(outdir, entry.name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > keptMs) await rm(path, { force: true });
  }
};

/** Bundles the sources to `dist/`, one file for what every start needs and one for each part that is loaded when it is wanted. */
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { tandem: "src/cli/main.ts" },
  outdir,
  write: false,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  // The SDK by its ES modules: a dynamic import of its CommonJS build would have no named exports here.
  mainFields: ["module", "main"],
  conditions: ["module"],
  target: "node24",
  external: ["esbuild"],
  sourcemap: "linked",
  sourcesContent: false,
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
  plugins: [leaveOut],
  banner: { js: 'import { createRequire as newRequire } from "node:module"; const require = newRequire(import.meta.url);' },
});
const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
const isEntry = ({ name }: { name: string }) => name === "tandem.js";
await mkdir(outdir, { recursive: true });
// The entry follows what it imports; the file by which `bin/tandem` knows the build's age comes last.
for (const { name, contents } of [...files.filter((file) => !isEntry(file)), ...files.filter(isEntry)]) await replaceFile(name, contents);
await replaceFile("package.json", '{ "type": "module" }\n');
await removeOld(new Set([...files.map(({ name }) => name), "package.json"]));
