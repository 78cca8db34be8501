import { seconds } from "../terminal.ts";
import type { Style } from "../terminal.ts";
import type { NodeStatus, StateNode } from "./graph.ts";
import { pad, printable, span, wrap } from "./text.ts";
import type { Line } from "./text.ts";

/** How much of inputs and outputs is shown: a line for each, or all of it. */
export type DrawOptions = { now: number; data: "brief" | "whole" };

export const signs: Readonly<Record<NodeStatus, { sign: string; style: Style; word: string }>> = {
  NOT_REACHED: { sign: "○", style: "dim", word: "not reached" },
  RUNNING: { sign: "●", style: "cyan", word: "running" },
  WAITING: { sign: "◔", style: "yellow", word: "waiting" },
  RETRYING: { sign: "↻", style: "yellow", word: "retrying" },
  SUCCEEDED: { sign: "✓", style: "green", word: "succeeded" },
  CAUGHT: { sign: "↷", style: "magenta", word: "caught" },
  FAILED: { sign: "✗", style: "red", word: "failed" },
  ABORTED: { sign: "■", style: "red", word: "aborted" },
};

/** `12 ms`, `1.25 s`, `3 min 20 s`, `5 h 12 min`, `3 d 4 h`. */
export const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return seconds(ms);
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
  ] as const;
  const first = units.findIndex(([, size]) => ms >= size);
  let left = ms;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? "" : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
};

export type Widths = { name: number; type: number };

/** A state's own line: `✓ Charge   Task    1.20 s  2 retries`. */
export const stateLine = (state: StateNode, widths: Widths, { now }: DrawOptions): Line => {
  const { sign, style } = signs[state.status];
  const isReached = state.status !== "NOT_REACHED";
  const time = state.enteredAt === undefined ? "" : duration((state.exitedAt ?? now) - state.enteredAt);
  return [
    span(`${sign} `, style),
    span(pad(printable(state.name), widths.name), isReached ? "bold" : "dim"),
    span(`  ${pad(state.type, widths.type)}`, "dim"),
    ...(isReached ? [span(`  ${time.padStart(7)}`)] : []),
    ...notesOf(state, now).flatMap(({ text, style: own }) => [span("  "), span(text, own)]),
  ];
};

/** Columns that a state's notes are given beside others. What does not fit is cut, so that boxes stay where they are while the notes change. */
const notesColumns = { Task: 24, Wait: 24, Map: 16, Parallel: 16 } as const;

/** A state's own line as wide as it may become, whatever its status. */
export const widestStateLine = ({ type }: Pick<StateNode, "type">, widths: Widths): Line => {
  const notes = type in notesColumns ? notesColumns[type as keyof typeof notesColumns] : 0;
  return [span(" ".repeat(2 + widths.name + 2 + widths.type + 2 + 7 + notes))];
};

const notesOf = (state: StateNode, now: number): Line => {
  const { status, retries, entered, until, iterations } = state;
  const { style, word } = signs[status];
  const isPlain = status === "SUCCEEDED" || status === "NOT_REACHED";
  const pause = until === undefined ? "" : ` for ${duration(until - now)} more`;
  return [
    ...(isPlain ? [] : [span(`${word}${pause}`, style)]),
    ...(retries > 0 ? [span(`${retries} ${retries === 1 ? "retry" : "retries"}`)] : []),
    ...(entered > 1 ? [span(`×${entered}`)] : []),
    ...(iterations && iterations.total === 0 ? [span("no items", "dim")] : []),
    ...(state.resource === undefined ? [] : [span(calleeOf(state.resource), "dim")]),
  ];
};

/** A resource in short: `sqs:sendMessage.waitForTaskToken`, `function:resize`, `activity:check`. */
const calleeOf = (resource: string): string => {
  const parts = resource.split(":");
  return printable(resource.startsWith("arn:aws:states:::") ? parts.slice(5).join(":") : parts.slice(5, 7).join(":"));
};

/** What a state failed with, and its data, within so many columns. */
export const dataLines = (
  state: Pick<StateNode, "input" | "output" | "error" | "cause">,
  columns: number,
  { data }: DrawOptions,
): Line[] => {
  const { input, output, error, cause } = state;
  const shown = (label: string, text: string, style: Style): Line[] => {
    const room = columns - label.length - 1;
    // What is clipped later need not be made printable whole.
    const lines = data === "whole" ? wrap(printable(text), Math.max(room, 1)) : [printable(text.slice(0, columns * 2))];
    return lines.map((line, index) => [span(`${index === 0 ? label : " ".repeat(label.length)} `, "dim"), span(line, style)]);
  };
  const failure = [error, cause].filter((part) => part !== undefined && part !== "").join(": ");
  const isInputShown = input !== undefined && (data === "whole" || (output === undefined && failure === ""));
  const isOutputShown = output !== undefined && (data === "whole" || output !== input);
  return [
    ...(isInputShown ? shown("in ", input, "dim") : []),
    ...(failure === "" ? [] : shown("err", failure, "red")),
    ...(isOutputShown ? shown("out", output, "dim") : []),
  ];
};
