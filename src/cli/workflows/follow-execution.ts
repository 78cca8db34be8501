import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "../terminal.ts";
import { getWorkflow } from "./ask-workflows.ts";
import type { Cloud } from "./ask-workflows.ts";
import { drawWorkflow } from "./draw.ts";
import { statesOf } from "./graph.ts";
import type { StateNode, WorkflowGraph } from "./graph.ts";
import { signs } from "./state-lines.ts";
import type { DrawOptions } from "./state-lines.ts";
import { printable } from "./text.ts";

const pollMs = 250;

type Following = { executionArn: string; data: DrawOptions["data"]; terminal: Terminal; signal: AbortSignal };

/** Shows an execution until it has ended or the signal comes: drawn over and over, or, where nobody looks on, a line for each change. */
export const followExecution = async (cloud: Cloud, { executionArn, data, terminal, signal }: Following): Promise<WorkflowGraph> => {
  let before: WorkflowGraph | undefined;
  for (;;) {
    const graph = await getWorkflow(cloud, executionArn);
    const isEnded = graph.execution.status !== "RUNNING";
    const drawing = () => drawWorkflow(graph, terminal, { now: Date.now(), data });
    if (terminal.isInteractive && !isEnded) terminal.redraw(drawing());
    else if (terminal.isInteractive) {
      if (before) terminal.redraw("");
      terminal.result(graph, drawing);
    } else if (terminal.isJson) {
      if (JSON.stringify(graph) !== JSON.stringify(before)) terminal.line(graph, "");
    } else {
      for (const change of changesBetween(before, graph)) terminal.line(graph, changeLine(change));
      if (isEnded) terminal.line(graph, `\n${drawing()}`);
    }
    if (isEnded || signal.aborted) return graph;
    before = graph;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return graph;
  }
};

/** The states whose status, or number of visits, is another one than before, in the order of the time. */
export const changesBetween = (before: WorkflowGraph | undefined, after: WorkflowGraph): StateNode[] => {
  const known = new Map(before ? statesOf(before.scope).map((state) => [state.name, state]) : []);
  const isNew = ({ name, status, entered, retries }: StateNode) => {
    const old = known.get(name);
    return status !== (old?.status ?? "NOT_REACHED") || entered !== (old?.entered ?? 0) || retries !== (old?.retries ?? 0);
  };
  return statesOf(after.scope)
    .filter(isNew)
    .toSorted((one, other) => lastChange(one) - lastChange(other));
};

const lastChange = ({ enteredAt = 0, exitedAt = enteredAt }: StateNode): number => exitedAt;

const changeLine = (state: StateNode): string => {
  const { sign, word } = signs[state.status];
  const error = state.error === undefined ? "" : `  ${printable(state.error)}`;
  return `${new Date(lastChange(state)).toISOString()}  ${sign} ${printable(state.name)}  ${word}${error}`;
};
