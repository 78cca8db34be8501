import type { Catcher, Retrier, State } from "../definition.ts";
import { StateFailure } from "../state-failure.ts";
import { failExecution, halt, reasonDetails } from "./end.ts";
import type { Thread } from "./execution.ts";
import { caught, leave } from "./leave.ts";
import type { Run } from "./run.ts";

/**
 * What a state failed with. `also`: a further name that ErrorEquals may have for it; `byTask`: false where a test does not say that it was a Task
 * that failed, so that `States.TaskFailed` does not stand for it.
 */
export type Reason = {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly also?: string;
  readonly byTask?: boolean;
};

/** A state could not be evaluated: tells so as AWS does, then retries, catches or fails. */
export const failState = async (run: Run, id: string, failure: StateFailure): Promise<void> => {
  const reason = tellFailure(run, id, failure);
  // Also where it is a Fail state that cannot be evaluated, which may otherwise fail with any name.
  return reason.error === "States.Runtime" ? failExecution(run, id, reason) : recover(run, id, reason);
};

const tellFailure = (run: Run, id: string, { error, cause: told, location }: StateFailure): Reason => {
  const { state, enteredEventId } = run.thread(id);
  const where = `An error occurred while executing the state '${state}' (entered at the event id #${enteredEventId}). `;
  const cause = error === "States.DataLimitExceeded" ? told : where + told;
  if (location !== undefined) run.record(id, "EvaluationFailed", { evaluationFailedEventDetails: { error, cause, location, state } });
  return { error, cause };
};

/** Retries or catches if the state says so; else the failure is its parent's, or the execution's. */
export const recover = async (run: Run, id: string, reason: Reason): Promise<void> => {
  const state = run.state(run.thread(id));
  run.note(() => ({ failure: reasonDetails(reason) }));
  // No definition gets hold of States.Runtime: it ends the execution wherever it occurs.
  if (reason.error === "States.Runtime" && state.type !== "Fail") return failExecution(run, id, reason);
  if ("retry" in state && retry(run, id, { retriers: state.retry, reason })) return;
  const catcher = "catch" in state ? state.catch.find(({ errorEquals }) => matches(errorEquals, reason)) : undefined;
  if (catcher) return leaveByCatcher(run, id, { state, catcher, reason });
  const thread = run.thread(id);
  if (thread.parent === undefined) {
    fall(run, thread);
    return failExecution(run, id, reason);
  }
  return failParent(run, id, reason);
};

const leaveByCatcher = async (run: Run, id: string, { state, catcher, reason }: { state: State; catcher: Catcher; reason: Reason }) => {
  const error = { Error: reason.error ?? "", Cause: reason.cause ?? "" };
  run.note(() => ({ errorDetails: { catchIndex: "catch" in state ? state.catch.indexOf(catcher) : 0 } }));
  try {
    await leave(run, id, await caught(run, run.thread(id), { state, catcher, error }));
  } catch (thrown) {
    if (!(thrown instanceof StateFailure)) throw thrown;
    await failCatcher(run, id, thrown);
  }
};

/** A catcher that cannot be evaluated fails the state for good: nothing of the state catches that again. */
const failCatcher = async (run: Run, id: string, failure: StateFailure): Promise<void> => {
  const reason = tellFailure(run, id, failure);
  if (run.thread(id).parent === undefined || failure.error === "States.Runtime") return failExecution(run, id, reason);
  return failParent(run, id, reason);
};

/** Errors that `States.ALL` leaves out. */
const unnamed = new Set(["States.DataLimitExceeded", "States.Runtime"]);

const matches = (errorEquals: readonly string[], { error, also, byTask = true }: Reason): boolean =>
  errorEquals.some((name) => {
    if (name === error || (also !== undefined && name === also)) return true;
    if (name === "States.ALL") return error === undefined || !unnamed.has(error);
    return name === "States.TaskFailed" && byTask && error !== "States.Timeout" && (error === undefined || !unnamed.has(error));
  });

const retry = (run: Run, id: string, { retriers, reason }: { retriers: readonly Retrier[]; reason: Reason }): boolean => {
  const thread = run.thread(id);
  const index = retriers.findIndex(({ errorEquals }) => matches(errorEquals, reason));
  const retrier = retriers[index];
  const used = thread.retries[index] ?? 0;
  if (retrier === undefined || used >= retrier.maxAttempts) return false;
  const grown = retrier.intervalSeconds * retrier.backoffRate ** used;
  const delay = Math.min(grown, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY);
  const seconds = retrier.fullJitter ? delay * run.chance.fraction() : delay;
  const retries = Array.from({ length: retriers.length }, (_, at) => (thread.retries[at] ?? 0) + (at === index ? 1 : 0));
  run.note(() => ({ errorDetails: { retryIndex: index, retryBackoffIntervalSeconds: Math.round(seconds) } }));
  run.prune(id);
  run.put({
    ...thread,
    retries,
    retryCount: thread.retryCount + 1,
    phase: { kind: "backingOff", until: run.now + Math.round(seconds * 1000) },
  });
  return true;
};

/** Marks where a thread failed, for a redrive. */
const fall = (run: Run, { id, phase }: Thread): void => {
  if (phase.kind !== "failed" && phase.kind !== "aborted") run.phase(id, { kind: "failed", was: phase });
};

/** A branch or an iteration has failed, and the state that it belongs to with it; its siblings are stopped. */
const failParent = async (run: Run, id: string, reason: Reason): Promise<void> => {
  const child = run.thread(id);
  const parent = run.thread(child.parent ?? "");
  const iterating = parent.phase.kind === "iterating";
  fall(run, child);
  if (iterating) {
    run.append("MapIterationFailed", child.lastEventId, { mapIterationFailedEventDetails: { name: parent.state, index: child.index } });
  }
  stopChildren(run, parent.id);
  run.put({ ...run.thread(parent.id), lastEventId: child.lastEventId });
  run.record(parent.id, iterating ? "MapStateFailed" : "ParallelStateFailed");
  await recover(run, parent.id, reason);
};

/** Stops what still runs below a state, telling of each from the inside out. */
export const stopChildren = (run: Run, id: string): void => {
  const { phase } = run.thread(id);
  for (const child of run.children(id)) {
    if (child.phase.kind === "done" || child.phase.kind === "failed" || child.phase.kind === "aborted") continue;
    stopChildren(run, child.id);
    const entered = child.phase.kind !== "arriving" && child.phase.kind !== "beginning";
    const { type } = run.state(child);
    if (child.phase.kind === "mapRun" && child.phase.run.mapRunArn !== undefined) run.append("MapRunAborted", child.lastEventId);
    if (entered && isAbortable(type)) run.append(`${type}StateAborted`, child.lastEventId);
    if (phase.kind === "iterating" && child.phase.kind !== "beginning") {
      const details = { name: run.thread(id).state, index: child.index };
      run.append("MapIterationAborted", child.lastEventId, { mapIterationAbortedEventDetails: details });
    }
    halt(run, child.id);
    const queued = run.ready.indexOf(child.id);
    if (queued >= 0) run.ready.splice(queued, 1);
  }
};

type Abortable = "Task" | "Wait" | "Map" | "Parallel";

const isAbortable = (type: State["type"]): type is Abortable => type === "Task" || type === "Wait" || type === "Map" || type === "Parallel";
