/**
 * `.dockerignore` as Docker reads it: the last pattern that matches decides, `!` takes back, `**` spans folders, a pattern that matches
 * a folder matches all in it.
 */
export type Ignore = {
  excludes(path: string): boolean;
  /** Whether something in an excluded folder may have been taken back, so that it must be looked into. */
  mayHoldExceptions: boolean;
};

type Rule = { pattern: RegExp; excludes: boolean };

const special = /[.+^$(){}|\\]/;

/** A pattern of Go's `filepath.Match`, with `**`, as a regular expression. */
const translate = (pattern: string): RegExp => {
  let source = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? "";
    if (pattern.startsWith("**/", at)) {
      source += "(?:.*/)?";
      at += 2;
    } else if (pattern.startsWith("**", at)) {
      source += ".*";
      at += 1;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") {
      at += 1;
      source += escapeCharacter(pattern[at] ?? "\\");
    } else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) source += "\\[";
      else {
        source += `[${pattern.slice(at + 1, end).replaceAll("\\", "\\\\")}]`;
        at = end;
      }
    } else source += escapeCharacter(character);
  }
  return new RegExp(`^${source}(?:/.*)?$`, "s");
};

const escapeCharacter = (character: string): string =>
  special.test(character) || "*?[]".includes(character) ? `\\${character}` : character;

const clean = (pattern: string): string =>
  pattern
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .reduce<string[]>((parts, part) => (part === ".." ? parts.slice(0, -1) : [...parts, part]), [])
    .join("/");

/** Reads the file's text. Paths are relative to the context, with `/`. */
export const parseIgnore = (text: string): Ignore => {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .flatMap((line): Rule[] => {
      const excludes = !line.startsWith("!");
      const pattern = clean(excludes ? line : line.slice(1).trim());
      return pattern === "" ? [] : [{ pattern: translate(pattern), excludes }];
    });
  return {
    excludes: (path) => rules.findLast((rule) => rule.pattern.test(path))?.excludes ?? false,
    mayHoldExceptions: rules.some((rule) => !rule.excludes),
  };
};
