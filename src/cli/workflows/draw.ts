import type { Terminal } from "../terminal.ts";
import type { WorkflowGraph } from "./graph.ts";
import { drawScope } from "./layout.ts";
import { dataLines, duration } from "./state-lines.ts";
import type { DrawOptions } from "./state-lines.ts";
import { clipLine, printable, span } from "./text.ts";
import type { Line, Span } from "./text.ts";

type Colours = Pick<Terminal, "paint" | "columns">;

export const executionSigns: Readonly<Record<string, Span>> = {
  RUNNING: span("●", "cyan"),
  SUCCEEDED: span("✓", "green"),
  FAILED: span("✗", "red"),
  TIMED_OUT: span("✗", "red"),
  ABORTED: span("■", "red"),
};

const paintLine = (line: Line, { paint }: Pick<Colours, "paint">): string =>
  line.map(({ text, style }) => (style ? paint(style, text) : text)).join("");

const mostColumns = 120;

/** An execution as text: what it is, its states from top to bottom, and what came of it. */
export const drawWorkflow = ({ execution, scope }: WorkflowGraph, terminal: Colours, options: DrawOptions): string => {
  const columns = Math.min(terminal.columns, mostColumns);
  const { stateMachine, name, status, startedAt, stoppedAt, input, output, error, cause, redriveCount } = execution;
  const time = duration((stoppedAt ?? options.now) - startedAt);
  const redrives = redriveCount > 0 ? `, redriven ${redriveCount === 1 ? "once" : `${redriveCount} times`}` : "";
  const head: Line = [
    executionSigns[status] ?? span("?"),
    span(` ${printable(stateMachine)}/${printable(name)}`, "bold"),
    span(`  ${status.toLowerCase().replace("_", " ")}`, executionSigns[status]?.style),
    span(`  ${time}, since ${new Date(startedAt).toISOString()}${redrives}`, "dim"),
  ];
  const begin = input === undefined ? {} : { input };
  const end = {
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  const lines: Line[] = [
    head,
    ...dataLines(begin, columns, options),
    [],
    ...drawScope(scope, columns, options),
    ...(Object.keys(end).length === 0 ? [] : [[]]),
    ...dataLines(end, columns, options),
  ];
  return lines.map((line) => paintLine(clipLine(line, columns), terminal).trimEnd()).join("\n");
};
