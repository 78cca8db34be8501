import type { Machine, Scope, State } from "../language/definition.ts";
import type { Details, HistoryEvent } from "../language/interpreter/history.ts";
import { edgeKey } from "./edges.ts";
import {
  awaitedVisits,
  close,
  closeBelow,
  isOpen,
  newFrame,
  openVisits,
  outwards,
  ownersOf,
  reopen,
  scopesIn,
  statesByName,
} from "./visits.ts";
import type { Frame, Spot, Visit } from "./visits.ts";

type Failed = { readonly error?: string; readonly cause?: string };

/**
 * Reads a history, event by event, into the visits of states that it tells of. Events name their state when it is entered and left; those in between are
 * placed by their chain of previous events.
 */
export class Replay {
  readonly root: Frame;
  /** The latest visit of each state, whatever became of its frame. */
  readonly latest = new Map<string, Visit>();
  readonly entered = new Map<string, number>();
  readonly taken = new Map<string, number>();
  readonly #states: ReadonlyMap<string, { scope: Scope; state: State }>;
  readonly #owners: ReadonlyMap<number, State>;
  /** Where the last event stands that tells of no abortion: that which the abortions after it are due to. */
  #recent: Spot | undefined;
  readonly #spots = new Map<number, Spot & { readonly type: string }>();

  constructor(machine: Machine, scope: Scope) {
    this.#states = statesByName(machine);
    this.#owners = ownersOf(machine);
    this.root = newFrame(scope);
  }

  take(event: HistoryEvent): void {
    const spot = this.#place(event);
    if (spot && !event.type.endsWith("Aborted")) this.#recent = spot;
    if (spot) this.#spots.set(event.id, { ...spot, type: event.type });
  }

  /** Applies an event; answers where it stands. */
  #place(event: HistoryEvent): Spot | undefined {
    const { type } = event;
    if (type.endsWith("StateEntered")) return this.#enter(event);
    if (type.endsWith("StateExited")) return this.#exit(event);
    if (type.startsWith("MapIteration")) return this.#iterate(event);
    if (type.startsWith("Execution")) return this.#turn(event);
    if (type.startsWith("MapRun")) return this.#mapRun(event);
    if (type.endsWith("StateAborted")) return this.#abort(event);
    if (/^(?:Map|Parallel)State/.test(type)) return this.#container(event);
    const visit = this.#working(event);
    if (!visit) return undefined;
    work(visit, event);
    return { frame: visit.frame, visit };
  }

  #before({ previousEventId }: HistoryEvent) {
    return this.#spots.get(previousEventId);
  }

  #enter(event: HistoryEvent): Spot | undefined {
    const found = this.#states.get(event.stateEnteredEventDetails?.name ?? "");
    const frame = found && this.#frameFor(found.scope, this.#before(event));
    if (!frame) return undefined;
    const visit = newVisit(found.state, frame, event);
    const { last } = frame;
    if (last) this.#lead(last, visit);
    frame.visits.set(found.state.name, visit);
    frame.last = visit;
    frame.status = "open";
    this.latest.set(found.state.name, visit);
    this.entered.set(found.state.name, (this.entered.get(found.state.name) ?? 0) + 1);
    return { frame, visit };
  }

  /** The way from one state to the next; some failures are told by nothing but the way that a catcher takes. */
  #lead(from: Visit, to: Visit): void {
    const { state } = from;
    const isNext = "next" in state && state.next === to.state.name;
    const isCaught = from.status === "CAUGHT" || ("catch" in state && !isNext);
    if (isCaught) from.status = "CAUGHT";
    const key = edgeKey(state.name, to.state.name, isCaught);
    this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
  }

  /** The frame in which a state of a scope is entered: that of the event before, a branch that begins, or one further out. */
  #frameFor(scope: Scope, before: Spot | undefined): Frame | undefined {
    if (!before) return this.root.scope === scope ? this.root : this.#unfinished(scope);
    for (let frame: Frame | undefined = before.frame; frame; frame = frame.owner?.frame) if (frame.scope === scope) return frame;
    const { visit } = before;
    const index = visit ? scopesIn(visit.state).indexOf(scope.id) : -1;
    return visit && index >= 0 ? begin(visit, scope, { index }) : undefined;
  }

  /** After a redrive, threads go on from the event that tells of it, which stands nowhere. */
  #unfinished(scope: Scope): Frame | undefined {
    const owners = openVisits(this.root).filter(({ state }) => state === this.#owners.get(scope.id));
    const frames = owners.flatMap((owner) => owner.frames.filter((frame) => frame.scope === scope && frame.status === "open"));
    const idle = frames.find(({ last }) => last === undefined || !isOpen(last));
    const [owner] = owners;
    return idle ?? (owner && begin(owner, scope, { index: scopesIn(owner.state).indexOf(scope.id) }));
  }

  #exit(event: HistoryEvent): Spot | undefined {
    const { id, timestamp, stateExitedEventDetails: details } = event;
    const visit = this.#named(event, details?.name);
    if (!visit) return undefined;
    closeBelow(visit, timestamp);
    visit.status = visit.status === "RETRYING" ? "CAUGHT" : "SUCCEEDED";
    visit.exitedAt = timestamp;
    visit.exitedEventId = id;
    const { owner } = visit.frame;
    const isLast =
      !("next" in visit.state && visit.state.next !== undefined) && visit.state.type !== "Choice" && visit.status === "SUCCEEDED";
    if (isLast && owner?.state.type === "Parallel") visit.frame.status = "succeeded";
    return { frame: visit.frame, visit };
  }

  #named(event: HistoryEvent, name: string | undefined): Visit | undefined {
    const isIt = (visit: Visit) => visit.state.name === name && isOpen(visit);
    return outwards(this.#before(event), isIt) ?? openVisits(this.root).find(isIt);
  }

  #nearest(event: HistoryEvent, type: string, isWanted: (awaited: Visit) => boolean = () => true): Visit | undefined {
    const isIt = (visit: Visit) => visit.state.type === type && isOpen(visit);
    return outwards(this.#before(event), isIt) ?? awaitedVisits(this.root).find((visit) => isIt(visit) && isWanted(visit));
  }

  /** What a failure stops, from the inside out; after a redrive, all that is known of it is that it is beside what failed. */
  #abort(event: HistoryEvent): Spot | undefined {
    const [type = ""] = event.type.split("StateAborted");
    const isIt = (visit: Visit) => visit.state.type === type && isOpen(visit);
    const failed = this.#recent?.frame.owner;
    const isBeside = (visit: Visit) => outwards({ frame: visit.frame, visit: undefined }, (outer) => outer === failed) !== undefined;
    const visit = outwards(this.#before(event), isIt) ?? awaitedVisits(this.root).findLast((each) => isIt(each) && isBeside(each));
    if (visit) close(visit, "ABORTED", event.timestamp);
    return visit && { frame: visit.frame, visit };
  }

  /** The visit whose task, evaluation or other work an event tells of. */
  #working(event: HistoryEvent): Visit | undefined {
    if (event.evaluationFailedEventDetails) return this.#named(event, event.evaluationFailedEventDetails.state);
    const before = this.#before(event);
    if (before) return before.visit && isOpen(before.visit) ? before.visit : undefined;
    const awaited = awaitedVisits(this.root).filter(({ state }) => state.type === "Task");
    return awaited.find(({ state }) => state.type === "Task" && resourceOf(event) === state.resource.arn) ?? awaited[0];
  }

  #iterate(event: HistoryEvent): Spot | undefined {
    const { type, timestamp } = event;
    const details: Details["mapIterationStartedEventDetails"] | undefined =
      event.mapIterationStartedEventDetails ??
      event.mapIterationSucceededEventDetails ??
      event.mapIterationFailedEventDetails ??
      event.mapIterationAbortedEventDetails;
    const map = this.#named(event, details?.name);
    if (map?.state.type !== "Map" || !details) return undefined;
    const scope = this.#states.get(map.state.name) && this.#scopeOf(map.state.processor);
    if (!scope) return undefined;
    if (type === "MapIterationStarted") return { frame: begin(map, scope, { index: details.index, born: event.id }), visit: undefined };
    const frame = frameIn(map, this.#before(event)) ?? map.frames.findLast(({ index }) => index === details.index);
    if (!frame) return undefined;
    frame.status = type === "MapIterationSucceeded" ? "succeeded" : type === "MapIterationFailed" ? "failed" : "aborted";
    if (frame.last && isOpen(frame.last)) close(frame.last, type === "MapIterationFailed" ? "FAILED" : "ABORTED", timestamp);
    return { frame, visit: frame.last };
  }

  #scopeOf(id: number): Scope | undefined {
    for (const { scope } of this.#states.values()) if (scope.id === id) return scope;
    return undefined;
  }

  #mapRun(event: HistoryEvent): Spot | undefined {
    const map = this.#nearest(event, "Map");
    if (!map) return undefined;
    map.mapRunArn = event.mapRunStartedEventDetails?.mapRunArn ?? event.mapRunRedrivenEventDetails?.mapRunArn ?? map.mapRunArn;
    if (event.mapRunFailedEventDetails) fail(map, event.mapRunFailedEventDetails);
    return { frame: map.frame, visit: map };
  }

  /** Events of a Parallel or a Map itself; what tells of success stands beside the chain, and the exit follows. */
  #container(event: HistoryEvent): Spot | undefined {
    const { type, timestamp } = event;
    const [, kind = "", what = ""] = /^(Map|Parallel)State(\w+)$/.exec(type) ?? [];
    if (what === "Succeeded") return undefined;
    if (what === "Started") {
      const started = this.#nearest(event, kind, ({ frames }) => frames.length === 0);
      if (started) restart(started, event);
      return started && { frame: started.frame, visit: started };
    }
    const before = this.#before(event);
    const isOwn = before?.type.startsWith("MapRun") === true;
    const visit = isOwn ? before.visit : (before?.frame.owner ?? this.#nearest(event, kind));
    if (!visit || !isOpen(visit)) return undefined;
    if (!isOwn && before) this.#failInside(before, visit, timestamp);
    if (visit.status !== "RETRYING") fail(visit, {});
    return { frame: visit.frame, visit };
  }

  /** The branch or iteration that a Parallel or Map failed with: its error is theirs. */
  #failInside({ frame, visit }: Spot, owner: Visit, at: number): void {
    if (visit) {
      if (isOpen(visit)) close(visit, "FAILED", at);
      fail(owner, reasonOf(visit));
    }
    if (frame.owner === owner) frame.status = "failed";
    closeBelow(owner, at);
  }

  /** What happens to the execution as a whole. */
  #turn(event: HistoryEvent): undefined {
    const { type, timestamp } = event;
    if (type === "ExecutionRedriven") reopen(this.root);
    if (type === "ExecutionFailed") {
      const at = this.#before(event);
      const failing = at ? outwards(at, isOpen) : openVisits(this.root).at(-1);
      for (let visit = failing; visit && isOpen(visit); visit = visit.frame.owner) {
        fail(visit, event.executionFailedEventDetails ?? {});
        close(visit, "FAILED", timestamp);
        if (visit.frame.owner) visit.frame.status = "failed";
      }
    }
    if (type !== "ExecutionStarted" && type !== "ExecutionRedriven")
      for (const visit of openVisits(this.root)) close(visit, "ABORTED", timestamp);
    return undefined;
  }
}

/** The branch or iteration of a visit that a spot is in. */
const frameIn = (owner: Visit, spot: Spot | undefined): Frame | undefined => {
  for (let frame = spot?.frame; frame; frame = frame.owner?.frame) if (frame.owner === owner) return frame;
  return undefined;
};

const newVisit = (state: State, frame: Frame, { id, timestamp }: HistoryEvent): Visit => ({
  state,
  frame,
  enteredEventId: id,
  enteredAt: timestamp,
  status: state.type === "Wait" ? "WAITING" : "RUNNING",
  retries: 0,
  exitedEventId: undefined,
  exitedAt: undefined,
  error: undefined,
  cause: undefined,
  frames: [],
  begunEventId: 0,
  length: 0,
  mapRunArn: undefined,
  isAwaited: false,
});

const begin = (owner: Visit, scope: Scope, place: { index: number; born?: number }): Frame => {
  const frame = newFrame(scope, { owner, born: owner.begunEventId, ...place });
  owner.frames.push(frame);
  return frame;
};

/** A Parallel or Map begins, for the first time or once more. */
const restart = (visit: Visit, event: HistoryEvent): void => {
  closeBelow(visit, event.timestamp);
  if (visit.status === "RETRYING" || (visit.frames.length > 0 && !visit.isAwaited)) visit.retries += 1;
  visit.frames = [];
  visit.begunEventId = event.id;
  visit.status = "RUNNING";
  visit.error = visit.cause = undefined;
  visit.isAwaited = false;
  visit.length = event.mapStateStartedEventDetails?.length ?? 0;
};

const fail = (visit: Visit, { error, cause }: Failed): void => {
  visit.status = "RETRYING";
  visit.isAwaited = false;
  visit.error = error ?? visit.error;
  visit.cause = cause ?? visit.cause;
};

/** What a visit failed with: a Fail state says so in the definition alone. */
const reasonOf = ({ state, error, cause }: Visit): Failed => {
  const literal = state.type === "Fail" ? { error: state.error, cause: state.cause } : {};
  const told = error ?? (literal.error?.kind === "literal" ? literal.error.value : undefined);
  const why = cause ?? (literal.cause?.kind === "literal" ? literal.cause.value : undefined);
  return { ...(told === undefined ? {} : { error: told }), ...(why === undefined ? {} : { cause: why }) };
};

const detailsOf = (event: HistoryEvent): Failed & { resource?: string; resourceType?: string } => {
  const [, details] = Object.entries(event).find(([key]) => key.endsWith("EventDetails")) ?? [];
  return (details ?? {}) as Failed & { resource?: string; resourceType?: string };
};

const resourceOf = (event: HistoryEvent): string | undefined => {
  const { resource, resourceType } = detailsOf(event);
  return resourceType === undefined ? resource : `arn:aws:states:::${resourceType}:${resource ?? ""}`;
};

/** What the events of a task make of its visit; a failure is for good only when no retry and no catcher follows. */
const work = (visit: Visit, event: HistoryEvent): void => {
  const { type } = event;
  if (/Failed$|TimedOut$/.test(type)) return fail(visit, detailsOf(event));
  if (type.endsWith("Scheduled")) {
    if (visit.status === "RETRYING") visit.retries += 1;
    visit.error = visit.cause = undefined;
  }
  visit.isAwaited = false;
  const isCallback = type === "TaskSubmitted" && detailsOf(event).resource?.endsWith(".waitForTaskToken") === true;
  visit.status = type === "ActivityScheduled" || isCallback ? "WAITING" : "RUNNING";
};
