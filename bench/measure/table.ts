import type { Measured, Spread } from "./rounds.ts";

/** Prints rows of text under a header, in aligned columns. */
export const printTable = (header: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  ");
  console.log(line(header).trimEnd());
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const row of rows) console.log(line(row).trimEnd());
};

// Names to the left, figures to the right.
const pad = (cell: string, width: number, column: number): string => (column === 0 ? cell.padEnd(width) : cell.padStart(width));

/** Prints rates and CPU of each variant, with the ratio to the one named `to`. */
export const printMeasured = (measured: readonly Measured[], to: string): void => {
  const base = measured.find(({ name }) => name === to)?.perSecond.median ?? Number.NaN;
  printTable(
    ["", "per second (min … max)", "ratio", "CPU µs each (min … max)"],
    measured.map(({ name, perSecond, cpuMicrosEach }) => [
      name,
      spread(perSecond, 0),
      `${(perSecond.median / base).toFixed(2)}×`,
      spread(cpuMicrosEach, 1),
    ]),
  );
};

export const spread = ({ median, min, max }: Spread, digits: number): string =>
  `${number(median, digits)} (${number(min, digits)} … ${number(max, digits)})`;

const number = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
