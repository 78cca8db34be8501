import type { Machine, Scope, State } from "../language/definition.ts";

/** One passage through the states of a scope: the execution's own, a branch's, an iteration's. */
export type Frame = {
  readonly scope: Scope;
  readonly owner: Visit | undefined;
  /** Which branch or iteration this is. */
  readonly index: number;
  /** The event that began it: for a branch, that of its Parallel. */
  readonly born: number;
  status: "open" | "succeeded" | "failed" | "aborted";
  /** The latest visit of each state. */
  readonly visits: Map<string, Visit>;
  last: Visit | undefined;
};

/** One stay in a state, from its StateEntered event on. */
export type Visit = {
  readonly state: State;
  readonly frame: Frame;
  readonly enteredEventId: number;
  readonly enteredAt: number;
  status: "RUNNING" | "WAITING" | "RETRYING" | "SUCCEEDED" | "CAUGHT" | "FAILED" | "ABORTED";
  retries: number;
  exitedEventId: number | undefined;
  exitedAt: number | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** Branches or iterations of the attempt that runs, or ran last, and the event that began it. */
  frames: Frame[];
  begunEventId: number;
  /** Iterations that the Map is to go through. */
  length: number;
  mapRunArn: string | undefined;
  /** Reopened by a redrive, and nothing heard of since. */
  isAwaited: boolean;
};

/** Where an event stands: in a frame and, once a state of it has been entered, in a visit. */
export type Spot = { readonly frame: Frame; readonly visit: Visit | undefined };

export const newFrame = (scope: Scope, { owner, index = 0, born = 0 }: { owner?: Visit; index?: number; born?: number } = {}): Frame => ({
  scope,
  owner,
  index,
  born,
  status: "open",
  visits: new Map(),
  last: undefined,
});

export const isOpen = ({ status }: Visit): boolean => status === "RUNNING" || status === "WAITING" || status === "RETRYING";

/** The scopes inside a state. */
export const scopesIn = (state: State): readonly number[] =>
  state.type === "Parallel" ? state.branches : state.type === "Map" ? [state.processor] : [];

/** Visits that are open, from the outside in. */
export const openVisits = (frame: Frame): Visit[] =>
  frame.last && isOpen(frame.last) ? [frame.last, ...frame.last.frames.flatMap((inner) => openVisits(inner))] : [];

/** Visits that a redrive took up and that nothing has been heard of since, in the order in which they are taken up: that of their threads. */
export const awaitedVisits = (root: Frame): Visit[] =>
  openVisits(root)
    .filter(({ isAwaited }) => isAwaited)
    .toSorted(({ frame: one }, { frame: other }) => one.born - other.born || one.index - other.index);

/** The first visit that `wanted` takes, from a spot outwards. */
export const outwards = (spot: Spot | undefined, wanted: (visit: Visit) => boolean): Visit | undefined => {
  for (let visit = spot?.visit ?? spot?.frame.owner; visit; visit = visit.frame.owner) if (wanted(visit)) return visit;
  return undefined;
};

/** Ends what is still open below a visit. */
export const closeBelow = (visit: Visit, at: number): void => {
  for (const frame of visit.frames) {
    if (frame.last && isOpen(frame.last)) close(frame.last, "ABORTED", at);
    if (frame.status === "open") frame.status = "aborted";
  }
};

export const close = (visit: Visit, status: "FAILED" | "ABORTED", at: number): void => {
  closeBelow(visit, at);
  // What was about to be tried again has given up its last attempt: a redrive begins anew.
  if (status === "ABORTED" && visit.status === "RETRYING") visit.frames = [];
  visit.status = status;
  visit.exitedAt = at;
};

/** A redrive takes up what did not succeed, wherever all that it is inside of is taken up as well. */
export const reopen = (frame: Frame): void => {
  const { last } = frame;
  if (frame.status !== "succeeded") frame.status = "open";
  if (last?.status !== "FAILED" && last?.status !== "ABORTED") return;
  last.status = last.state.type === "Wait" ? "WAITING" : "RUNNING";
  last.isAwaited = true;
  last.exitedAt = last.error = last.cause = undefined;
  for (const inner of last.frames) if (inner.status !== "succeeded") reopen(inner);
};

/** The state that a scope is inside of. */
export const ownersOf = ({ scopes }: Machine): ReadonlyMap<number, State> =>
  new Map(scopes.flatMap(({ states }) => [...states.values()].flatMap((state) => scopesIn(state).map((scope) => [scope, state] as const))));

/** Every state by its name: names are unique in a machine, across all scopes. */
export const statesByName = ({ scopes }: Machine): ReadonlyMap<string, { scope: Scope; state: State }> =>
  new Map(scopes.flatMap((scope) => [...scope.states].map(([name, state]) => [name, { scope, state }] as const)));
