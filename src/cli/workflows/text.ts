import type { Style } from "../terminal.ts";

/** A piece of a line, in one style. */
export type Span = { text: string; style?: Style | undefined };
export type Line = readonly Span[];

export const span = (text: string, style?: Style): Span => ({ text, style });

/** What a name or a text may hold that would move a terminal's cursor, or hide what follows. */
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export const printable = (text: string): string => text.replace(unprintable, "\ufffd");

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
const narrow = /^[\x20-\x7e]*$/;

const columnsOf = (sign: string): number => (/\p{Mn}/u.test(sign) ? 0 : wide.test(sign) ? 2 : 1);

/** How many columns of a terminal a text takes. */
export const widthOf = (text: string): number =>
  narrow.test(text) ? text.length : [...text].reduce((width, sign) => width + columnsOf(sign), 0);

export const lineWidth = (line: Line): number => line.reduce((width, { text }) => width + widthOf(text), 0);

/** Shortens a text to so many columns, with a sign that there was more. */
export const clip = (text: string, columns: number): string => {
  if (text.length <= columns && narrow.test(text)) return text;
  if (columns < 1) return "";
  let width = 0;
  let kept = "";
  // A sign takes a column at most twice, so that what is beyond need not be looked at.
  for (const sign of text.slice(0, columns * 4)) {
    width += columnsOf(sign);
    if (width > columns - 1) return width === columns && kept.length + sign.length === text.length ? text : `${kept}…`;
    kept += sign;
  }
  return kept;
};

export const clipLine = (line: Line, columns: number): Line => {
  let room = columns;
  return line.flatMap(({ text, style }) => {
    if (room <= 0 || text === "") return [];
    const kept = clip(text, room);
    room -= widthOf(kept);
    return [span(kept, style)];
  });
};

export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - widthOf(text)));

export const padLine = (line: Line, columns: number): Line => {
  const missing = columns - lineWidth(line);
  return missing > 0 ? [...line, span(" ".repeat(missing))] : line;
};

/** Cuts a text into lines of so many columns. */
export const wrap = (text: string, columns: number): string[] => {
  const lines: string[] = [];
  let line = "";
  let width = 0;
  for (const sign of text) {
    const more = columnsOf(sign);
    if (width + more > columns && line !== "") {
      lines.push(line);
      line = "";
      width = 0;
    }
    line += sign;
    width += more;
  }
  return [...lines, line];
};
