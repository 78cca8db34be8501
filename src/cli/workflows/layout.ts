import type { Edge, Iterations, ScopeGraph, StateNode } from "./graph.ts";
import { orderStates } from "./order-states.ts";
import { dataLines, signs, stateLine, widestStateLine } from "./state-lines.ts";
import type { DrawOptions } from "./state-lines.ts";
import { clipLine, lineWidth, padLine, printable, span, widthOf } from "./text.ts";
import type { Line, Span } from "./text.ts";

const longestName = 40;

/** Draws the states of a scope from top to bottom within so many columns: what is inside of a state in boxes below it, the ways out of it after that. */
export const drawScope = (scope: ScopeGraph, columns: number, options: DrawOptions): Line[] =>
  scopeLines(scope, columns, { ...options, isBare: false, measured: new Map() });

/** `isBare` leaves data out, to see how wide everything else is. */
type Sheet = DrawOptions & { isBare: boolean; measured: Map<ScopeGraph, number> };

const scopeLines = (scope: ScopeGraph, columns: number, sheet: Sheet): Line[] => {
  const states = orderStates(scope);
  const widths = {
    name: Math.min(longestName, Math.max(0, ...states.map(({ name }) => widthOf(printable(name))))),
    type: Math.max(0, ...states.map(({ type }) => type.length)),
  };
  const rows = new Map(states.map(({ name }, row) => [name, row]));
  return states.flatMap((state, row) => {
    const below = states[row + 1];
    const ways = scope.edges.filter(({ from }) => from === state.name);
    const down = below ? ways.filter(({ to }) => to === below.name) : [];
    const isTaken = down.some(({ taken }) => taken > 0);
    const style = isTaken ? undefined : ("dim" as const);
    const rail = span(down.length > 0 ? "│ " : "  ", style);
    const data = sheet.isBare ? [] : dataLines(state, columns - 2, sheet);
    const inside = [...data, ...insideLines(state, columns - 2, sheet)];
    const told = ways.filter((way) => way.kind !== "next" || !down.includes(way));
    return [
      sheet.isBare ? widestStateLine(state, widths) : stateLine(state, widths, sheet),
      ...inside.map((line) => [rail, ...line]),
      ...told.map((way, index) =>
        wayLine(way, { isLast: index === told.length - 1 && down.length === 0, isUp: (rows.get(way.to) ?? 0) <= row }),
      ),
      ...(below ? [[rail]] : []),
    ].map((line) => clipLine(line, columns));
  });
};

/** A way that is not simply on to the state below: `├─ $.total > 100 ─▶ Review`. */
const wayLine = ({ kind, labels, to, taken }: Edge, { isLast, isUp }: { isLast: boolean; isUp: boolean }): Line => {
  const isTaken = taken > 0;
  const style = isTaken ? (kind === "catch" ? "magenta" : undefined) : "dim";
  const label = kind === "default" ? "otherwise" : kind === "catch" ? `catch ${labels.join(", ")}` : labels.join(" or ");
  const [line, arrow] = isTaken ? ["─", "─▶"] : ["╌", "╌▷"];
  const text = label === "" ? "" : ` ${clipLabel(printable(label))} `;
  const times = taken > 1 ? ` ×${taken}` : "";
  return [span(`${isLast ? "└" : "├"}${line}${text}${arrow} ${printable(to)}${isUp ? " ↑" : ""}${times}`, style)];
};

const longestLabel = 60;
const clipLabel = (label: string): string => (label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label);

/** The branches of a Parallel, side by side where they fit, or the processor of a Map. */
const insideLines = (state: StateNode, columns: number, sheet: Sheet): Line[] => {
  const scopes = state.processor ? [state.processor] : (state.branches ?? []);
  const titles = state.processor ? [titleOf(state)] : scopes.map((_, index): Line => [span(`branch ${index + 1}`, "dim")]);
  const needed = scopes.map((scope, index) => Math.max(naturalWidth(scope, sheet), lineWidth(titles[index] ?? []) + 2) + frame);
  const total = needed.reduce((sum, width) => sum + width, needed.length - 1);
  const isStacked = total > columns;
  // Room beyond what names need is for data.
  const most = sheet.data === "whole" ? columns : briefSpare;
  const spare = sheet.isBare ? 0 : Math.max(0, Math.min(most, Math.floor((columns - total) / needed.length)));
  const boxes = scopes.map((scope, index) =>
    box(scope, titles[index] ?? [], { columns: isStacked ? columns : (needed[index] ?? 0) + spare, sheet }),
  );
  return isStacked ? boxes.flat() : beside(boxes);
};

const briefSpare = 24;
/** The columns that a box takes around what is in it. */
const frame = 4;

const beside = (boxes: readonly (readonly Line[])[]): Line[] =>
  Array.from({ length: Math.max(0, ...boxes.map(({ length }) => length)) }, (_, row) =>
    boxes.flatMap((lines, index) => [
      ...(index === 0 ? [] : [span(" ")]),
      ...(lines[row] ?? [span(" ".repeat(lineWidth(lines[0] ?? [])))]),
    ]),
  );

/** How wide a scope is if nothing is cut, its data apart. */
const naturalWidth = (scope: ScopeGraph, sheet: Sheet): number => {
  const known = sheet.measured.get(scope);
  if (known !== undefined) return known;
  const width = Math.max(0, ...scopeLines(scope, widest, { ...sheet, isBare: true }).map(lineWidth));
  sheet.measured.set(scope, width);
  return width;
};

const widest = 10_000;

const box = (scope: ScopeGraph, title: Line, { columns, sheet }: { columns: number; sheet: Sheet }): Line[] => {
  const inner = Math.max(8, columns - frame);
  const dim = (text: string): Span => span(text, "dim");
  const head = clipLine(title, inner - 2);
  return [
    [dim("┌─ "), ...head, dim(` ${"─".repeat(Math.max(0, inner - 1 - lineWidth(head)))}┐`)],
    ...scopeLines(scope, inner, sheet).map((line) => [dim("│ "), ...padLine(line, inner), dim(" │")]),
    [dim(`└${"─".repeat(inner + 2)}┘`)],
  ];
};

const titleOf = ({ iterations, mapRunArn }: StateNode): Line => {
  const run = mapRunArn === undefined ? [] : [span(`  map run ${printable(mapRunArn.split(":").at(-1) ?? "")}`, "dim" as const)];
  if (!iterations) return [span("for each item", "dim"), ...run];
  const { total, ...counts } = iterations;
  return [span(`${total} ${total === 1 ? "item" : "items"}`), ...countSpans(counts, total), ...run];
};

const countSpans = ({ running, succeeded, failed, aborted }: Omit<Iterations, "total">, total: number): Span[] => {
  const told = [
    [succeeded, signs.SUCCEEDED],
    [running, signs.RUNNING],
    [failed, signs.FAILED],
    [aborted, signs.ABORTED],
    [Math.max(0, total - succeeded - running - failed - aborted), signs.NOT_REACHED],
  ] as const;
  return told.flatMap(([count, { sign, style }]) => (count > 0 ? [span(`  ${sign} ${count}`, style)] : []));
};
