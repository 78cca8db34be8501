import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const maxLines = 400;

type Source = { path: string; text: string; lines: string[] };

const filesBelow = (folder: string): Source[] =>
  (existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs|py)$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join("/");
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, lines: text.split("\n") };
    });

const sources = filesBelow("src");
const everything = [...sources, ...["test", "bench", "scripts", "examples", "images"].flatMap((folder) => filesBelow(folder))];
const offences = (files: Source[], find: (file: Source) => string[]): string[] =>
  files.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`));
const importsOf = (file: Source): string[] => [...file.text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1] ?? "");

/** The layer a path or an import belongs to: `wire`, `services/s3`, `main.ts`. */
const layerOf = (path: string): string => {
  const parts = path.replace(/^src\//, "").split("/");
  return parts[0] === "services" && parts.length > 2 ? `services/${parts[1]}` : (parts[0] ?? "");
};

/** `main.ts` and the files beside it put the parts together, and so may know them all. */
const isRoot = (layer: string) => layer.endsWith(".ts") && layer !== "config.ts";

const resolveImport = (file: Source, specifier: string): string | undefined => {
  if (specifier.startsWith("#")) return specifier === "#config" ? "config.ts" : specifier.slice(1);
  if (!specifier.startsWith(".")) return undefined;
  return join(file.path, "..", specifier)
    .split(sep)
    .join("/")
    .replace(/^src\//, "");
};

/** What each layer may import of ours, besides itself. Engines, and databases, are chosen by `main.ts` alone. */
const allowed: Record<string, readonly string[]> = {
  wire: [],
  store: [],
  engine: [],
  reconcile: [],
  ingress: [],
  services: ["wire", "store", "engine", "reconcile", "ingress", "services", "config.ts"],
  app: [],
  cli: ["app", "config.ts"],
  dashboard: [],
  "config.ts": [],
};

test(`no file has more than ${maxLines} lines`, () => {
  assert.deepEqual(
    offences(everything, (file) => (file.lines.length > maxLines + 1 ? [`${file.lines.length} lines`] : [])),
    [],
  );
});

test("imports point down only, and no service imports another", () => {
  const wrong = offences(sources, (file) => {
    const layer = layerOf(file.path);
    if (isRoot(layer)) return [];
    return importsOf(file).flatMap((specifier) => {
      const target = resolveImport(file, specifier);
      if (target === undefined) return [];
      const other = layerOf(target);
      if (other === layer) return [];
      const service = layer.startsWith("services/");
      const permitted = allowed[service ? "services" : layer] ?? [];
      if (service && other.startsWith("services/")) return [`imports another service: ${specifier}`];
      if (service && other === "engine" && !["engine/engine.ts"].includes(target)) return [`imports an engine's inside: ${specifier}`];
      if (layer === "cli" && ["main.ts", "image-builder.ts"].includes(other)) return [];
      if (isRoot(other) && layer !== "cli") return [`the composition root is nobody's part: ${specifier}`];
      return permitted.includes(other) ? [] : [`${layer} may not import ${specifier}`];
    });
  });
  assert.deepEqual(wrong, []);
});

test("files are named by the field's words", () => {
  const banned = /(^|[-/])(manager|helper|helpers|util|utils|common|processor|impl|legacy|v2|misc)(s?)([-.]|$)/;
  assert.deepEqual(
    offences(everything, (file) => (banned.test(file.path) ? ["a word that says nothing"] : [])),
    [],
  );
});

test("time, ids, chance and environment come from the context", () => {
  const stray: [RegExp, string, RegExp][] = [
    [/\bDate\.now\(\)|new Date\(\)/, "reads the clock", /^src\/(clock|cli\/|store\/sqlite\/|engine\/|ingress\/|app\/)/],
    [/\bMath\.random\(\)/, "rolls dice", /^$/],
    [/\bprocess\.env\b/, "reads the environment", /^src\/(config|app\/)/],
  ];
  assert.deepEqual(
    offences(sources, (file) =>
      stray.flatMap(([pattern, what, except]) =>
        except.test(file.path) ? [] : file.lines.flatMap((line, index) => (pattern.test(line) ? [`${what} in line ${index + 1}`] : [])),
      ),
    ),
    [],
  );
});

test("no escape from the types, no default export, no unfinished work", () => {
  const patterns: [RegExp, string][] = [
    [/\bas any\b|: any\b|@ts-(ignore|nocheck|expect-error)/, "escapes the types"],
    [/^export default\b/, "a default export"],
    [/\b(TODO|FIXME|XXX|HACK)\b(?!")/, "unfinished"],
  ];
  assert.deepEqual(
    offences(sources, (file) =>
      file.lines.flatMap((line, index) =>
        patterns.flatMap(([pattern, what]) => (pattern.test(line) ? [`${what} in line ${index + 1}`] : [])),
      ),
    ),
    [],
  );
});

test("no module-level mutable state", () => {
  assert.deepEqual(
    offences(sources, (file) => file.lines.flatMap((line, index) => (/^(export )?let /.test(line) ? [`line ${index + 1}`] : []))),
    [],
  );
});
