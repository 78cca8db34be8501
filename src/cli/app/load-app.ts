import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Declaration } from "#app/declarations.ts";
import type { Assets } from "#app/template/assets.ts";
import type { Template } from "#app/template/template.ts";
import { contextDigest } from "../../image-builder.ts";
import { CliError } from "../cli-error.ts";
import { bundleForFunctions, bundleForTemplate } from "./bundle-app.ts";
import { zip } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";

export type CodeZip = { key: string; content: Buffer };

/** An image that is to be there before the stack is: built from a folder. */
export type WantedImage = {
  task: string;
  repository: string;
  tag: string;
  contextPath: string;
  dockerfile: string;
  arguments: Readonly<Record<string, string>>;
};

export type LoadedApp = {
  /** The name of the stack unless another is given. */
  name: string;
  template: Template;
  zips: readonly CodeZip[];
  images: readonly WantedImage[];
};

type TemplateModule = { declarations: ReadonlyMap<string, Declaration>; template: (assets: Assets) => Template };

/** Loads an app's file: bundles it, lets it declare, names its assets by their content and makes its template. Uploads nothing. */
export const loadApp = async (file: string): Promise<LoadedApp> => {
  const path = await appPath(file);
  const [declaring, files] = await Promise.all([bundleForTemplate(path).then(load), bundleForFunctions(path)]);
  const folder = dirname(path);
  const name = stackName(path);
  const all = [...declaring.declarations.values()];
  const app = toZip(files);
  const folders = await Promise.all(all.flatMap((each) => (each.kind === "function" ? folderZip(folder, each) : [])));
  const images = await Promise.all(all.flatMap((each) => (each.kind === "task" ? wantedImage(folder, name, each) : [])));
  const template = declaring.template({
    appKey: app.key,
    folderKeys: Object.fromEntries(folders.flatMap((each) => (each ? [[each.name, each.key]] : []))),
    images: Object.fromEntries(images.flatMap((each) => (each ? [[each.task, each]] : []))),
  });
  const hasInline = all.some((each) => each.kind === "function" && each.code.kind === "inline");
  return {
    name,
    template,
    zips: [...(hasInline ? [app] : []), ...folders.flatMap((each) => (each ? [each] : []))],
    images: images.flatMap((each) => (each ? [each] : [])),
  };
};

/** The app's file, or `app.ts` in a folder that is named instead. */
const appPath = async (file: string): Promise<string> => {
  const path = resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return appPath(join(path, "app.ts"));
  if (!found) throw new CliError(`There is no ${file}. Name the file that declares your app, such as app.ts.`);
  return path;
};

/** `examples/video-thumbnailer/app.ts` is `video-thumbnailer`; a file of another name gives its own. */
const stackName = (path: string): string => {
  const file = basename(path).replace(/\.[^.]+$/, "");
  const words = file === "app" || file === "index" ? basename(dirname(path)) : file;
  const name = words.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^[^A-Za-z]+|-+$/g, "");
  return name === "" ? "app" : name;
};

/** The app's own top-level code runs here, so that what it throws is the user's to read. */
const load = async (source: string): Promise<TemplateModule> => {
  const folder = await mkdtemp(join(tmpdir(), "tandem-app-"));
  const file = join(folder, "app.mjs");
  // Left on: an error's stack is put in the words of the app's file only when it is first read.
  process.setSourceMapsEnabled(true);
  try {
    await writeFile(file, source);
    return (await import(pathToFileURL(file).href)) as TemplateModule;
  } catch (error) {
    if (!(error instanceof Error) || error.name === "AppError") throw error;
    const frames = (error.stack ?? "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line) && !/node:internal|[/\\]cli[/\\]|[/\\]dist[/\\]/.test(line));
    throw new CliError([`The app could not be loaded: ${error.name}: ${error.message}`, ...frames.slice(0, 5)].join("\n"), {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const toZip = (entries: readonly ZipEntry[]): CodeZip => {
  const content = zip(entries);
  return { key: `${createHash("sha256").update(content).digest("hex")}.zip`, content };
};

const folderZip = async (
  appFolder: string,
  declaration: Extract<Declaration, { kind: "function" }>,
): Promise<(CodeZip & { name: string }) | undefined> => {
  if (declaration.code.kind !== "folder") return undefined;
  const folder = resolve(appFolder, declaration.code.path);
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new CliError(`function "${declaration.name}": there is no folder ${folder}.`);
  });
  const entries = await Promise.all(
    found
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<ZipEntry> => {
        const path = join(entry.parentPath, entry.name);
        const [content, { mode }] = await Promise.all([readFile(path), stat(path)]);
        return { name: relative(folder, path), content, isExecutable: (mode & 0o111) !== 0 };
      }),
  );
  return { name: declaration.name, ...toZip(entries) };
};

const tagLength = 32;

const wantedImage = async (
  appFolder: string,
  app: string,
  { name, image }: Extract<Declaration, { kind: "task" }>,
): Promise<WantedImage | undefined> => {
  if (image.kind !== "build") return undefined;
  const contextPath = resolve(appFolder, image.path);
  const digest = createHash("sha256")
    .update(await contextDigest(contextPath, image.dockerfile))
    .update(JSON.stringify(image.arguments));
  return {
    task: name,
    repository: `${app}/${name}`.toLowerCase().replaceAll("_", "-"),
    tag: digest.digest("hex").slice(0, tagLength),
    contextPath,
    dockerfile: image.dockerfile,
    arguments: image.arguments,
  };
};
