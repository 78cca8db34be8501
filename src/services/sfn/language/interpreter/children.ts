import type { MapState, ParallelState } from "../definition.ts";
import type { Json } from "../json.ts";
import { itemContext } from "./context-object.ts";
import type { JsonText, Thread } from "./execution.ts";
import { leaveWith } from "./leave.ts";
import type { Run } from "./run.ts";
import { evaluatePayload, selectedInput, viewOf } from "./view.ts";

/** A branch or an iteration has come to its end; the last one ends the state it belongs to. */
export const childDone = async (run: Run, id: string): Promise<void> => {
  const child = run.thread(id);
  const parent = run.thread(child.parent ?? "");
  const { phase } = parent;
  if (phase.kind === "branches") {
    const done = phase.done + 1;
    run.put({ ...parent, lastEventId: child.lastEventId, phase: { ...phase, done } });
    if (done === phase.count) await joinBranches(run, parent.id);
  } else if (phase.kind === "iterating") {
    const state = run.state(parent);
    const details = { name: state.name, index: child.index };
    const last = run.record(id, "MapIterationSucceeded", { mapIterationSucceededEventDetails: details });
    const iterating = { ...phase, done: phase.done + 1 };
    run.put({ ...parent, lastEventId: last, phase: iterating });
    if (iterating.done === iterating.count) await joinIterations(run, parent.id);
    else startIterations(run, parent.id);
  }
};

const outputs = (run: Run, id: string): Json[] =>
  run
    .children(id)
    .toSorted((left, right) => left.index - right.index)
    .flatMap(({ phase }) => (phase.kind === "done" ? [run.read(phase.output)] : []));

/** The success of the whole is told beside the chain: the exit follows the last branch's last event. */
const recordBeside = (run: Run, id: string, type: "ParallelStateSucceeded" | "MapStateSucceeded"): void => {
  run.append(type, run.thread(id).lastEventId);
};

export const joinBranches = async (run: Run, id: string): Promise<void> => {
  recordBeside(run, id, "ParallelStateSucceeded");
  const state = run.state(run.thread(id)) as ParallelState;
  await leaveWith(run, id, { state, result: outputs(run, id) });
};

export const joinIterations = async (run: Run, id: string): Promise<void> => {
  recordBeside(run, id, "MapStateSucceeded");
  const state = run.state(run.thread(id)) as MapState;
  await leaveWith(run, id, { state, result: outputs(run, id) });
};

/** Lets as many iterations begin as may run at once. */
export const startIterations = (run: Run, id: string): void => {
  const parent = run.thread(id);
  const { phase } = parent;
  if (phase.kind !== "iterating") return;
  const { processor } = run.state(parent) as MapState;
  const room = Math.min(phase.count - phase.next, phase.concurrency - (phase.next - phase.done));
  run.put({ ...parent, phase: { ...phase, next: phase.next + room } });
  const begun = Array.from({ length: room }, (_, offset) => {
    const child = run.fork(parent, processor, phase.next + offset);
    run.put({ ...child, lastEventId: phase.startedEventId, phase: { kind: "beginning" } });
    return child.id;
  });
  run.ready.push(...begun.toReversed());
};

/** Selects the input of an iteration and tells that it has started. */
export const beginIteration = async (run: Run, id: string): Promise<void> => {
  const child = run.thread(id);
  const parent = run.thread(child.parent ?? "");
  const state = run.state(parent) as MapState;
  const item = run.execution.items[parent.id]?.[child.index] ?? "null";
  const input = state.itemSelector === undefined ? item : run.write(await select(run, parent, { state, index: child.index, item }));
  run.record(id, "MapIterationStarted", { mapIterationStartedEventDetails: { name: state.name, index: child.index } });
  run.put({ ...run.thread(id), input, phase: { kind: "arriving" } });
  run.ready.push(id);
};

type Selected = { readonly state: MapState; readonly index: number; readonly item: JsonText };

const select = async (run: Run, parent: Thread, { state, index, item }: Selected): Promise<Json> => {
  const input = selectedInput(run, parent, state.flow);
  const view = viewOf(run, parent, { input, item: itemContext(index, run.read(item)) });
  return state.itemSelector === undefined ? null : evaluatePayload(state.itemSelector, view);
};
