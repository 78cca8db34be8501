import type { Execution, Phase, Thread } from "./execution.ts";

const dueAt = (phase: Phase): number | undefined => {
  if (phase.kind === "waiting" || phase.kind === "backingOff") return phase.until;
  if (phase.kind !== "task") return undefined;
  const { timeoutAt, heartbeatAt } = phase.task;
  return Math.min(timeoutAt ?? Number.POSITIVE_INFINITY, heartbeatAt ?? Number.POSITIVE_INFINITY);
};

/** The threads whose time has come, the earliest first. */
export const dueThreads = (threads: Readonly<Record<string, Thread>>, now: number): Thread[] =>
  Object.values(threads)
    .filter(({ phase }) => (dueAt(phase) ?? Number.POSITIVE_INFINITY) <= now)
    .toSorted((left, right) => (dueAt(left.phase) ?? 0) - (dueAt(right.phase) ?? 0));

/** When the execution must be woken at the latest; `undefined` if only an event from outside can move it. */
export const wakeAt = ({ status, deadline, threads }: Execution): number | undefined => {
  if (status !== "RUNNING") return undefined;
  let earliest = deadline ?? Number.POSITIVE_INFINITY;
  for (const id in threads) {
    const due = threads[id] && dueAt(threads[id].phase);
    if (due !== undefined && due < earliest) earliest = due;
  }
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
};
