import { limits } from "../limits.ts";
import { joinBranches, joinIterations, startIterations } from "./children.ts";
import type { Active, Thread } from "./execution.ts";
import type { Run } from "./run.ts";
import { deadlineOf } from "./start.ts";

/**
 * Takes up a failed, aborted or timed-out execution where it stopped: states that did not succeed run again with
 * the same input and fresh retries; what succeeded stays.
 */
export const redrive = async (run: Run, { clientToken }: { readonly clientToken?: string | undefined }): Promise<void> => {
  if (run.running || run.execution.status === "SUCCEEDED") return;
  const { redriveTokens = [] } = run.execution;
  const redriveCount = run.execution.redriveCount + 1;
  run.update({
    status: "RUNNING",
    stoppedAt: undefined,
    error: undefined,
    cause: undefined,
    redriveCount,
    redrivenAt: run.now,
    ...(clientToken === undefined ? {} : { redriveTokens: [...redriveTokens, { clientToken, at: run.now }].slice(-limits.redriveTokens) }),
    deadline: deadlineOf(run.machine, run.execution.origin, run.now),
  });
  const eventId = run.append("ExecutionRedriven", 0, { executionRedrivenEventDetails: { redriveCount } });
  for (const thread of run.threads()) takeUp(run, thread, { eventId, redriveCount });
  await rejoin(run);
};

const takeUp = (run: Run, thread: Thread, { eventId, redriveCount }: { eventId: number; redriveCount: number }): void => {
  const { phase } = thread;
  if (phase.kind !== "failed" && phase.kind !== "aborted") return;
  const next = again(run, thread, phase.was);
  run.put({ ...thread, lastEventId: eventId, retries: [], retryCount: 0, phase: next });
  if (next.kind !== "mapRun") return;
  const { key, spec, mapRunArn } = next.run;
  run.effects.push({ kind: "mapRun", key, spec, redriven: true });
  if (mapRunArn !== undefined) run.record(thread.id, "MapRunRedriven", { mapRunRedrivenEventDetails: { mapRunArn, redriveCount } });
};

const again = (run: Run, thread: Thread, was: Active): Active => {
  const done = run.children(thread.id).filter(({ phase }) => phase.kind === "done").length;
  switch (was.kind) {
    case "branches":
      return { ...was, done };
    case "iterating":
      return { ...was, done };
    case "waiting":
    case "mapRun":
    case "beginning":
    case "arriving":
      return was;
    default:
      return { kind: "running" };
  }
};

/** States whose branches had all succeeded before they failed themselves, and Maps with room for more iterations. */
const rejoin = async (run: Run): Promise<void> => {
  for (const { id } of run.threads()) {
    const phase = run.find(id)?.phase;
    if (phase?.kind === "branches" && phase.done === phase.count) await joinBranches(run, id);
    else if (phase?.kind === "iterating" && phase.done === phase.count) await joinIterations(run, id);
    else if (phase?.kind === "iterating") startIterations(run, id);
  }
};
