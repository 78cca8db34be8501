import type { Machine } from "../definition.ts";
import { runtimeFailure, StateFailure } from "../state-failure.ts";
import { beginIteration } from "./children.ts";
import type { Effect } from "./effects.ts";
import { abortExecution, exhaustHistory, failAtOnce, timeOutExecution } from "./end.ts";
import type { StepEvent } from "./events.ts";
import type { Execution } from "./execution.ts";
import { failState, stopChildren } from "./failure.ts";
import { whole, type HistoryEvent } from "./history.ts";
import type { Inspection } from "./inspection.ts";
import { mapRunFailed, mapRunStarted, mapRunSucceeded } from "./map-runs.ts";
import { mockItems, mockState } from "./mocked.ts";
import { redrive } from "./redrive.ts";
import { HistoryFull, Run } from "./run.ts";
import { startExecution } from "./start.ts";
import { taskFailed, taskHeartbeat, taskStarted, taskSubmitted, taskSucceeded, taskTimedOut } from "./tasks.ts";
import { dueThreads, wakeAt } from "./timers.ts";
import { endWait, enter, work } from "./work.ts";

export type StepResult = {
  readonly execution: Execution;
  readonly effects: readonly Effect[];
  /** The events to append to the history. */
  readonly history: readonly HistoryEvent[];
  /** When to send `wake`, if nothing else happens before; `now` itself if the step stopped at its budget. */
  readonly wakeAt: number | undefined;
  readonly inspection: Inspection | undefined;
};

export type StepOptions = {
  /** States that may be run in one step. A chain of states without waiting goes on in the next. */
  readonly budget?: number;
  /** Whether to note the data at each stage of the state, for TestState. */
  readonly inspect?: boolean;
};

/**
 * Drives an execution by one event. Pure: the same machine, execution and event give the same result, and nothing
 * is read or done outside. It is async because JSONata's library is.
 */
export const step = async (
  machine: Machine,
  execution: Execution | undefined,
  { event, budget = 100, inspect = false }: { event: StepEvent } & StepOptions,
): Promise<StepResult> => {
  const before = execution ?? startExecution(machine, event);
  const run = new Run(machine, before, { now: event.now, entropy: event.entropy, inspect });
  try {
    if (execution === undefined) tellStart(run);
    if (run.running || event.kind === "redrive") await take(run, event);
    if (run.running) resume(run);
    for (let left = budget; left > 0 && run.running && run.ready.length > 0; left -= 1) await advance(run, run.ready.pop() ?? "");
  } catch (thrown) {
    if (!(thrown instanceof HistoryFull)) throw thrown;
    exhaustHistory(run);
  }
  const after = run.result();
  const more = run.running && run.ready.length > 0;
  const { effects, history, inspection } = run;
  return { execution: after, effects, history, inspection, wakeAt: more ? run.now : wakeAt(after) };
};

const tellStart = (run: Run): void => {
  const { input, roleArn, stateMachineAliasArn, stateMachineVersionArn } = run.execution.origin;
  run.append("ExecutionStarted", 0, {
    executionStartedEventDetails: {
      input,
      inputDetails: whole,
      roleArn,
      ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
      ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    },
  });
};

/** What was ready when the last step stopped at its budget is ready again. */
const resume = (run: Run): void => {
  const waiting = run.threads().filter(({ id, phase }) => isReady(phase.kind) && !run.ready.includes(id));
  run.ready.unshift(...waiting.map(({ id }) => id).toReversed());
};

const isReady = (kind: string): boolean => kind === "beginning" || kind === "arriving" || kind === "running";

const take = async (run: Run, event: StepEvent): Promise<void> => {
  const { deadline } = run.execution;
  if (run.running && deadline !== undefined && deadline <= run.now && event.kind !== "stop") return timeOutExecution(run);
  switch (event.kind) {
    case "started":
      return;
    case "stop":
      return abortExecution(run, event);
    case "machineDeleted":
      // The words of https://repost.aws/knowledge-center/step-functions-stuck-deleting-status
      return failAtOnce(run, { error: "States.Runtime", cause: `State machine ${event.name} has been deleted.` });
    case "redrive":
      return redrive(run, event);
    case "wake":
      return wake(run);
    case "itemsMocked":
      return orFail(run, event.thread, () => mockItems(run, event));
    case "stateMocked":
      return orFail(run, event.thread, () => mockState(run, event));
    default:
      return guarded(run, event.key, () => hear(run, event));
  }
};

type Heard = Extract<StepEvent, { key: string }>;

const hear = async (run: Run, event: Heard): Promise<void> => {
  switch (event.kind) {
    case "taskStarted":
      return taskStarted(run, event.key, event.workerName);
    case "taskSubmitted":
      return taskSubmitted(run, event.key, event.output);
    case "taskHeartbeat":
      return taskHeartbeat(run, event.key);
    case "taskSucceeded":
      return taskSucceeded(run, event.key, event.output);
    case "taskFailed":
      return taskFailed(run, event);
    case "mapRunStarted":
      return mapRunStarted(run, event.key, event.mapRunArn);
    case "mapRunSucceeded":
      return mapRunSucceeded(run, event.key, event.output);
    case "mapRunFailed":
      return mapRunFailed(run, event.key, event);
  }
};

/** The failure of evaluating what follows a task belongs to the state that waited for it. */
const guarded = async (run: Run, key: string, action: () => Promise<void>): Promise<void> => {
  const thread = run.waiting(key);
  if (thread) await orFail(run, thread.id, action);
};

const orFail = async (run: Run, id: string, action: () => Promise<void>): Promise<void> => {
  const enclosing = lineage(run, id);
  try {
    await action();
  } catch (thrown) {
    await failWhereItWas(run, enclosing, asFailure(thrown));
  }
};

/** Data nested beyond the stack is the definition's or the caller's fault; anything else unknown is ours. */
const asFailure = (thrown: unknown): StateFailure => {
  if (thrown instanceof StateFailure) return thrown;
  if (thrown instanceof RangeError) return runtimeFailure("The data is too deeply nested.");
  throw thrown;
};

/** A thread and those it is inside of, from the inside out. */
const lineage = (run: Run, id: string | undefined): string[] => {
  const thread = id === undefined ? undefined : run.find(id);
  return thread === undefined ? [] : [thread.id, ...lineage(run, thread.parent)];
};

/** A last branch that is done hands over to the state it belongs to: then it is that state that fails. */
const failWhereItWas = async (run: Run, enclosing: readonly string[], failure: StateFailure): Promise<void> => {
  const id = enclosing.find((candidate) => run.find(candidate)?.phase.kind !== "done") ?? enclosing[0] ?? "";
  stopChildren(run, id);
  await orFail(run, id, () => failState(run, id, failure));
};

const wake = async (run: Run): Promise<void> => {
  for (const { id } of dueThreads(run.execution.threads, run.now)) {
    if (!run.running) return;
    const { phase } = run.find(id) ?? {};
    if (phase === undefined) continue;
    if (phase.kind === "waiting") await orFail(run, id, () => endWait(run, id));
    else if (phase.kind === "backingOff") {
      run.phase(id, { kind: "running" });
      run.ready.push(id);
    } else if (phase.kind === "task") await orFail(run, id, () => taskTimedOut(run, id, phase.task));
  }
};

const advance = async (run: Run, id: string): Promise<void> => {
  const thread = run.find(id);
  if (thread === undefined || !isReady(thread.phase.kind)) return;
  if (thread.phase.kind === "beginning") {
    // The ItemSelector is the Map's: where it fails, the Map fails.
    return orFail(run, thread.parent ?? id, () => beginIteration(run, id));
  }
  if (thread.phase.kind === "arriving") enter(run, id);
  await orFail(run, id, () => work(run, id, run.state(thread)));
};
