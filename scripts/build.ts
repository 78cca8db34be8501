import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** Bundles the sources to `dist/`, one file for what every start needs and one for each part that is loaded when it is wanted. */
const outdir = join(root, "dist");
await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { tandem: "src/cli/main.ts" },
  outdir,
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
await writeFile(join(outdir, "package.json"), '{ "type": "module" }\n');
