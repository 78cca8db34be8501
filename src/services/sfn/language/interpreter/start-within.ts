import type { Machine, State } from "../definition.ts";
import { stateOf } from "../definition.ts";
import type { StepEvent } from "./events.ts";
import type { Execution, Phase, Thread } from "./execution.ts";
import { startExecution } from "./start.ts";

/** A state within a machine: each scope's states are named on their own. */
export type Place = { readonly scope: number; readonly state: string };

/** Uses of a state's retriers before the test. */
export type Before = { readonly retries: number };

/**
 * An execution that is about to arrive at one state, for a test of it. The states that it is inside of come first: each waits for more than the
 * one thread that is there, so that a success goes no further than its own scope, while a failure reaches their retriers and catchers.
 */
export const startWithin = (
  machine: Machine,
  event: StepEvent,
  { lineage, retries }: Before & { lineage: readonly Place[] },
): Execution => {
  const begun = startExecution(machine, event);
  const first = begun.threads["0"];
  if (first === undefined) return begun;
  const threads = lineage.map(({ scope, state }, index): Thread => {
    const isTested = index === lineage.length - 1;
    const own = { ...first, id: String(index), parent: index === 0 ? undefined : String(index - 1), scope, state };
    const found = stateOf(machine, scope, state);
    return isTested ? tried(own, found, retries) : { ...own, phase: waiting(found) };
  });
  const maps = threads.filter(({ phase }) => phase.kind === "iterating").map(({ id }) => [id, [begun.origin.input]]);
  return {
    ...begun,
    nextThread: threads.length,
    threads: Object.fromEntries(threads.map((thread) => [thread.id, thread])),
    items: Object.fromEntries(maps) as Record<string, string[]>,
  };
};

const tried = (thread: Thread, state: State | undefined, retries: number): Thread => ({
  ...thread,
  retryCount: retries,
  retries: state !== undefined && "retry" in state ? state.retry.map(() => retries) : [],
});

const waiting = (state: State | undefined): Phase =>
  state?.type === "Map"
    ? { kind: "iterating", count: 2, next: 2, done: 0, concurrency: 1, startedEventId: 0 }
    : { kind: "branches", count: 2, done: 0, startedEventId: 0 };

/** The states that one is inside of, from the outside in, and it itself at the end; `undefined` if there is none of that name. */
export const lineageOf = (machine: Machine, name: string): Place[] | undefined => {
  const owners = new Map<number, Place>();
  for (const scope of machine.scopes) {
    for (const state of scope.states.values()) {
      const inner = state.type === "Map" ? [state.processor] : state.type === "Parallel" ? state.branches : [];
      for (const id of inner) owners.set(id, { scope: scope.id, state: state.name });
    }
  }
  const home = machine.scopes.find(({ states }) => states.has(name));
  if (home === undefined) return undefined;
  const lineage: Place[] = [{ scope: home.id, state: name }];
  for (let owner = owners.get(home.id); owner !== undefined; owner = owners.get(owner.scope)) lineage.unshift(owner);
  return lineage;
};
