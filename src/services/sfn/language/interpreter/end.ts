import type { JsonText } from "./execution.ts";
import { whole } from "./history.ts";
import type { Run } from "./run.ts";

type Reason = { readonly error?: string | undefined; readonly cause?: string | undefined };

/** The members of a failure that are there. */
export const reasonDetails = ({ error, cause }: Reason): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

export const succeed = (run: Run, id: string, output: JsonText): void => {
  run.record(id, "ExecutionSucceeded", { executionSucceededEventDetails: { output, outputDetails: whole } });
  end(run, "SUCCEEDED", { output });
};

export const failExecution = (run: Run, id: string, reason: Reason): void => {
  run.record(id, "ExecutionFailed", { executionFailedEventDetails: reasonDetails(reason) });
  end(run, "FAILED", reason);
};

/** StopExecution: the event stands outside of the chain of events. */
export const abortExecution = (run: Run, reason: Reason): void => {
  run.append("ExecutionAborted", 0, { executionAbortedEventDetails: reasonDetails(reason) });
  end(run, "ABORTED", reason);
};

/** The state machine's own TimeoutSeconds: `States.Timeout` is told by the history alone. */
export const timeOutExecution = (run: Run): void => {
  run.append("ExecutionTimedOut", 0, { executionTimedOutEventDetails: { error: "States.Timeout" } });
  const { deadline } = run.execution;
  end(run, "TIMED_OUT", {});
  // AWS tells the moment at which it was due, whenever that is noticed.
  run.update({ stoppedAt: deadline ?? run.now });
};

/** The event that would be one too many is the execution's last. */
export const exhaustHistory = (run: Run): void => {
  const reason = {
    error: "States.Runtime",
    cause: `The execution reached the maximum number of history events (${run.execution.origin.historyLimit}).`,
  };
  failAtOnce(run, reason);
};

/** Whatever the execution is at. */
export const failAtOnce = (run: Run, reason: Reason): void => {
  run.append("ExecutionFailed", run.execution.lastEventId, { executionFailedEventDetails: reasonDetails(reason) });
  end(run, "FAILED", reason);
};

const end = (run: Run, status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED", result: Reason & { output?: JsonText }): void => {
  const { output, error, cause } = result;
  run.ready.length = 0;
  run.update({ status, stoppedAt: run.now, output, error, cause });
  if (status !== "SUCCEEDED") for (const { id } of run.threads()) halt(run, id);
  run.effects.push({ kind: "finished", status, output, error, cause });
};

/** Stops a thread where it is, so that a redrive can take it up again; calls off what it waits for. */
export const halt = (run: Run, id: string): void => {
  const { phase } = run.thread(id);
  if (phase.kind === "task") run.effects.push({ kind: "cancelTask", key: phase.task.key });
  if (phase.kind === "mapRun") run.effects.push({ kind: "cancelMapRun", key: phase.run.key });
  if (phase.kind !== "done" && phase.kind !== "failed" && phase.kind !== "aborted") run.phase(id, { kind: "aborted", was: phase });
};
