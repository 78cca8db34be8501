import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const failure = (name, message) => {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}`;
  return error;
};

/** `type` of the nearest package.json, as Node looks for it. */
const isModulePackage = (folder, root) => {
  const file = join(folder, "package.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).type === "module";
  return folder === root || dirname(folder) === folder ? false : isModulePackage(dirname(folder), root);
};

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const findFile = (path) => ["", ".js", ".mjs", ".cjs"].map((extension) => path + extension).find(isFile);

const importFile = async (file, root) => {
  if (file.endsWith(".mjs") || (!file.endsWith(".cjs") && isModulePackage(dirname(file), root))) return import(pathToFileURL(file));
  return createRequire(pathToFileURL(file))(file);
};

const load = async (path, name, root) => {
  const file = findFile(path);
  if (!file) throw failure("Runtime.ImportModuleError", `Error: Cannot find module '${name}'\nRequire stack:\n- /var/runtime/index.mjs`);
  try {
    return await importFile(file, root);
  } catch (error) {
    if (error instanceof SyntaxError) throw failure("Runtime.UserCodeSyntaxError", String(error));
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND")
      throw failure("Runtime.ImportModuleError", String(error));
    throw error;
  }
};

/** Finds `folder/file.export.nested` in the function's code. */
export const loadHandler = async (root, text) => {
  if (text.includes(".."))
    throw failure(
      "Runtime.MalformedHandlerName",
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const [, file, exported] = /^([^.]*)\.(.+)$/.exec(basename(text)) ?? [];
  if (exported === undefined) throw failure("Runtime.MalformedHandlerName", "Bad handler");
  const folder = text.slice(0, text.length - basename(text).length);
  const module = await load(resolve(root, folder, file), folder + file, root);
  const pick = (from) => exported.split(".").reduce((value, key) => value?.[key], from);
  const handler = pick(module) ?? pick(module?.default);
  if (handler === undefined) throw failure("Runtime.HandlerNotFound", `${text} is undefined or not exported`);
  if (typeof handler !== "function") throw failure("Runtime.HandlerNotFound", `${text} is not a function`);
  return handler;
};
