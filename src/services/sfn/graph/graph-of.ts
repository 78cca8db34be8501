import type { Machine, Scope, State } from "../language/definition.ts";
import type { Execution, Thread } from "../language/interpreter/execution.ts";
import type { HistoryEvent } from "../language/interpreter/history.ts";
import { edgesOf } from "./edges.ts";
import type { ExecutionHead, Iterations, NodeStatus, ScopeGraph, StateNode, WorkflowGraph } from "./graph.ts";
import { Replay } from "./replay.ts";
import { isOpen } from "./visits.ts";
import type { Frame, Visit } from "./visits.ts";

/** Draws an execution over its machine: what the history up to now has made of each state. Inputs and outputs are for `fillTexts` to add. */
export const graphOf = (machine: Machine, history: Iterable<HistoryEvent>, execution: Execution): WorkflowGraph => {
  const root = machine.scopes[execution.origin.scope ?? 0];
  if (!root) throw new Error(`The machine has no scope ${execution.origin.scope}`);
  const replay = new Replay(machine, root);
  for (const event of history) replay.take(event);
  const pauses = pausesOf(Object.values(execution.threads));
  return { execution: headOf(execution), scope: scopeGraph(root, [replay.root], { machine, replay, pauses }) };
};

type Sight = { machine: Machine; replay: Replay; pauses: ReadonlyMap<number, number> };

const headOf = ({ origin, status, startedAt, stoppedAt, redriveCount, error, cause }: Execution): ExecutionHead => ({
  executionArn: origin.executionArn,
  stateMachineArn: origin.stateMachineArn,
  stateMachine: origin.stateMachineName,
  name: origin.name,
  status,
  startedAt,
  ...(stoppedAt === undefined ? {} : { stoppedAt }),
  redriveCount,
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

/** Until when threads wait, by the event with which they entered their state: the history does not tell. */
const pausesOf = (threads: readonly Thread[]): ReadonlyMap<number, number> =>
  new Map(
    threads.flatMap(({ enteredEventId, phase }) =>
      phase.kind === "waiting" || phase.kind === "backingOff" ? [[enteredEventId, phase.until] as const] : [],
    ),
  );

const scopeGraph = (scope: Scope, frames: readonly Frame[], sight: Sight): ScopeGraph => ({
  path: scope.location,
  startAt: scope.startAt,
  states: [...scope.states.values()].map((state) => nodeOf(state, frames, sight)),
  edges: edgesOf(scope, sight.replay.taken),
});

/** Which status a state shows that several flows have visited: what goes on first, then what went wrong. */
const precedence = ["RUNNING", "RETRYING", "WAITING", "FAILED", "ABORTED", "CAUGHT", "SUCCEEDED"] as const;

const nodeOf = (state: State, frames: readonly Frame[], sight: Sight): StateNode => {
  const { replay, pauses } = sight;
  const visits = visitsOf(state.name, frames, replay);
  const counts: Partial<Record<NodeStatus, number>> = {};
  for (const { status } of visits) counts[status] = (counts[status] ?? 0) + 1;
  const status = precedence.find((each) => counts[each] !== undefined);
  const shown = visits.findLast((visit) => visit.status === status);
  const until = shown && isOpen(shown) ? pauses.get(shown.enteredEventId) : undefined;
  return {
    name: state.name,
    path: state.location,
    type: state.type,
    status: status ?? "NOT_REACHED",
    entered: replay.entered.get(state.name) ?? 0,
    retries: visits.reduce((sum, { retries }) => sum + retries, 0),
    counts,
    ...(state.type === "Task" ? { resource: state.resource.arn } : {}),
    ...(shown && shownOf(shown)),
    ...(until === undefined ? {} : { until }),
    ...insideOf(state, visits, sight),
  };
};

/** The last visit of each flow, in the order in which they began. Where an attempt that was given up is all that has been there, its visit. */
const visitsOf = (name: string, frames: readonly Frame[], { latest }: Replay): Visit[] => {
  const visits = frames
    .flatMap((frame) => frame.visits.get(name) ?? [])
    .toSorted((one, other) => one.enteredEventId - other.enteredEventId);
  const last = latest.get(name);
  return visits.length > 0 || !last ? visits : [last];
};

const shownOf = ({ enteredEventId, enteredAt, exitedEventId, exitedAt, status, error, cause }: Visit): Partial<StateNode> => ({
  enteredEventId,
  enteredAt,
  ...(exitedEventId === undefined ? {} : { exitedEventId }),
  ...(exitedAt === undefined ? {} : { exitedAt }),
  ...(error === undefined || status === "SUCCEEDED" ? {} : { error }),
  ...(cause === undefined || status === "SUCCEEDED" ? {} : { cause }),
});

const insideOf = (state: State, visits: readonly Visit[], sight: Sight): Partial<StateNode> => {
  const frames = visits.flatMap((visit) => visit.frames);
  const inside = (id: number): ScopeGraph[] => {
    const scope = sight.machine.scopes[id];
    return scope
      ? [
          scopeGraph(
            scope,
            frames.filter((frame) => frame.scope === scope),
            sight,
          ),
        ]
      : [];
  };
  if (state.type === "Parallel") return { branches: state.branches.flatMap(inside) };
  if (state.type !== "Map") return {};
  const [processor] = inside(state.processor);
  const mapRunArn = visits.findLast((visit) => visit.mapRunArn !== undefined)?.mapRunArn;
  return {
    ...(processor === undefined ? {} : { processor }),
    ...(visits.length === 0 || state.distributed ? {} : { iterations: iterationsOf(visits, frames) }),
    ...(mapRunArn === undefined ? {} : { mapRunArn }),
  };
};

const iterationsOf = (visits: readonly Visit[], frames: readonly Frame[]): Iterations => {
  const count = (status: Frame["status"]) => frames.filter((frame) => frame.status === status).length;
  return {
    total: visits.reduce((sum, { length }) => sum + length, 0),
    running: count("open"),
    succeeded: count("succeeded"),
    failed: count("failed"),
    aborted: count("aborted"),
  };
};
