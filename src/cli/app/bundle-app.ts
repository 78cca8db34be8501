import { basename, dirname, join } from "node:path";
import type { BuildFailure, BuildOptions, OutputFile, Plugin } from "esbuild";
import { CliError } from "../cli-error.ts";
import { packageRoot } from "../package-root.ts";
import type { ZipEntry } from "./zip.ts";

/** What a function's own runtime reads, and what the template is made with. Both load the app's module whole. */
const entries = {
  run: (app: string, framework: string) =>
    `export { handler } from ${JSON.stringify(join(framework, "run.ts"))};\nimport ${JSON.stringify(app)};\n`,
  template: (app: string, framework: string) =>
    [
      `import { declarations, synthesise } from ${JSON.stringify(join(framework, "synth.ts"))};`,
      `import * as exported from ${JSON.stringify(app)};`,
      "export { declarations };",
      "export const template = (assets) => synthesise(exported, assets);\n",
    ].join("\n"),
};

/** The calls that only functions make bring the SDK's clients along, which a template has no use for. */
const withoutCalls: Plugin = {
  name: "without-calls",
  setup: (building) => {
    building.onResolve({ filter: /\/(run-task|invoke-function|start-execution)\.ts$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** CommonJS packages that an app brings ask for `require`, which modules lack. */
const banner = 'import { createRequire as newRequire } from "node:module"; const require = newRequire(import.meta.url);';

const build = async (appPath: string, kind: keyof typeof entries, options: BuildOptions): Promise<OutputFile[]> => {
  const { build: run } = await import("esbuild");
  const framework = join(packageRoot(), "src", "app");
  try {
    const { outputFiles } = await run({
      absWorkingDir: dirname(appPath),
      stdin: { contents: entries[kind](appPath, framework), resolveDir: dirname(appPath), sourcefile: `${kind}.js` },
      outdir: dirname(appPath),
      write: false,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node22",
      // As modules, packages can be loaded by \`import()\` with all their names, and without what is not used of them.
      mainFields: ["module", "main"],
      alias: { tandem: join(framework, "index.ts") },
      entryNames: "index",
      outExtension: { ".js": ".mjs" },
      banner: { js: banner },
      legalComments: "none",
      logLevel: "silent",
      ...options,
    });
    return outputFiles ?? [];
  } catch (error) {
    throw isBuildFailure(error) ? new CliError(await describe(appPath, error), { cause: error }) : error;
  }
};

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && "errors" in error && Array.isArray(error.errors);

const describe = async (appPath: string, { errors }: BuildFailure): Promise<string> => {
  const { formatMessages } = await import("esbuild");
  const messages = await formatMessages(errors, { kind: "error", color: false });
  return `${basename(appPath)} could not be bundled:\n${messages.join("").trimEnd()}`;
};

/** The module that functions run: `index.mjs`, and files beside it that are read when a task is started or a function called. */
export const bundleForFunctions = async (appPath: string): Promise<ZipEntry[]> => {
  const files = await build(appPath, "run", { splitting: true, chunkNames: "[name]-[hash]" });
  return files.map(({ path, contents }) => ({ name: basename(path), content: Buffer.from(contents) }));
};

/** The module that declares the app and makes its template, as source text. */
export const bundleForTemplate = async (appPath: string): Promise<string> => {
  const [file] = await build(appPath, "template", { plugins: [withoutCalls], sourcemap: "inline" });
  if (!file) throw new Error("esbuild gave no file.");
  return file.text;
};
