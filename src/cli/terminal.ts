import { refusesColour } from "#config";

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36 } as const;

/** How a text is set off, where there is colour. */
export type Style = keyof typeof codes;

/** Where a command writes: lines for people, or JSON for programs. */
export type Terminal = {
  isJson: boolean;
  /** A step of work, with the seconds since the command began. As JSON: `{"atMs": 812, "step": "image", …}`, a line each. */
  step(name: string, text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A line that says more about the step under way; programs don't get it. */
  detail(text: string): void;
  /** What the command was asked for: one JSON document, or its text. */
  result(value: unknown, text: () => string): void;
  /** A line or JSON line of a series, such as a log. */
  line(value: unknown, text: string): void;
  error(message: string): void;
  bold(text: string): string;
  paint(style: Style, text: string): string;
  /** Someone looks on: what was written can be written over. */
  isInteractive: boolean;
  columns: number;
  /** Writes over what the last call wrote; what is higher than the screen is cut from above. */
  redraw(text: string): void;
};

type Streams = {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

const maxDetail = 110;

export const newTerminal = (isJson: boolean, { stdout, stderr }: Streams = process): Terminal => {
  const startedAt = performance.now();
  const isColoured = stdout.isTTY === true && !isJson && !refusesColour();
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  let drawnLines = 0;
  const write = (text: string) => void stdout.write(`${text}\n`);
  const writeJson = (value: unknown) => write(JSON.stringify(value));
  return {
    isJson,
    step: (name, text, fields = {}) => {
      const atMs = Math.round(performance.now() - startedAt);
      if (isJson) writeJson({ atMs, step: name, ...fields, text });
      else write(`${paint(2, `${(atMs / 1000).toFixed(1).padStart(6)} s`)}  ${paint(36, name.padEnd(9))} ${text}`);
    },
    detail: (text) => {
      if (!isJson) write(paint(2, `${" ".repeat(20)}${text.length > maxDetail ? `${text.slice(0, maxDetail - 1)}…` : text}`));
    },
    result: (value, text) => {
      if (isJson) return writeJson(value);
      const shown = text();
      if (shown !== "") write(shown);
    },
    line: (value, text) => (isJson ? writeJson(value) : write(text)),
    error: (message) => {
      const isRed = stderr.isTTY === true && !refusesColour();
      stderr.write(isJson ? `${JSON.stringify({ error: message })}\n` : `${isRed ? "\u001b[31merror\u001b[0m" : "error"}: ${message}\n`);
    },
    bold: (text) => paint(codes.bold, text),
    paint: (style, text) => paint(codes[style], text),
    isInteractive: stdout.isTTY === true && !isJson,
    // A terminal that does not know its size says 0.
    columns: stdout.columns || 100,
    redraw: (text) => {
      const lines = text.split("\n").slice(-((stdout.rows || 25) - 1));
      stdout.write(`${drawnLines > 0 ? `\u001b[${drawnLines}A\r\u001b[J` : ""}${lines.join("\n")}\n`);
      drawnLines = lines.length;
    },
  };
};

/** Columns of text, each as wide as its widest cell. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
