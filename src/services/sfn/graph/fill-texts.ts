import type { HistoryEvent } from "../language/interpreter/history.ts";
import { withoutData } from "../without-data.ts";
import { nodesOf } from "./graph.ts";
import type { WorkflowGraph } from "./graph.ts";

/** Texts beyond this are left out of a graph: a machine may have ten thousand states, with half a megabyte each. */
const mostCharacters = 8 << 20;

/** Adds the inputs and outputs that the history holds, as far as there is room for them. */
export const fillTexts = async (graph: WorkflowGraph, find: (id: number) => Promise<HistoryEvent | undefined>): Promise<WorkflowGraph> => {
  let room = mostCharacters;
  let isDataCut = false;
  const fitting = (text: string | undefined): string | undefined => {
    if (text !== undefined && text.length > room) isDataCut = true;
    if (text === undefined || text.length > room) return undefined;
    room -= text.length;
    return text;
  };
  for (const node of nodesOf(graph.scope)) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time, so that no more is held than fits
    const entered = node.enteredEventId === undefined ? undefined : await find(node.enteredEventId);
    // oxlint-disable-next-line no-await-in-loop
    const exited = node.exitedEventId === undefined ? undefined : await find(node.exitedEventId);
    const [input, output] = [fitting(entered?.stateEnteredEventDetails?.input), fitting(exited?.stateExitedEventDetails?.output)];
    Object.assign(node, { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) });
  }
  return isDataCut ? { ...graph, isDataCut } : graph;
};

/** An event without its data, which a long history has too much of to be held at once. */
export const lean = (event: HistoryEvent): HistoryEvent =>
  Object.fromEntries(Object.entries(event).map(([key, value]) => [key, withoutData(value)])) as unknown as HistoryEvent;
