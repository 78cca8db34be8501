import type { Loop } from "#reconcile/loops.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";

const atOnce = 500;
const longestMs = 60_000;
const afterFailureMs = 1_000;

/** Wakes executions when they are due: one query over one index, whatever they wait for. */
export const timerLoop = (parts: {
  executions: Pick<JournalledExecutions, "due" | "nextWake">;
  now: () => number;
  look(arn: string): Promise<void>;
  next(at: number): void;
}): Loop => ({
  name: "sfn-timers",
  keys: async () => ["due"],
  reconcile: async () => {
    const { executions, now, look, next } = parts;
    const lookedAt = now();
    const due = await executions.due(lookedAt, atOnce);
    // One that cannot go on holds up no other.
    const looks = await Promise.allSettled(due.map((arn) => look(arn)));
    const hasFailed = looks.some(({ status }) => status === "rejected");
    const wanted =
      due.length === atOnce ? lookedAt : Math.min((await executions.nextWake(lookedAt)) ?? Number.POSITIVE_INFINITY, now() + longestMs);
    const at = hasFailed ? now() + afterFailureMs : wanted;
    next(at);
    return Math.max(at - now(), 0);
  },
});

/** Takes up executions that an earlier process left in the middle of a task, and those whose last step failed. */
export const adoptionLoop = (parts: { executions: Pick<JournalledExecutions, "pending">; look(arn: string): Promise<void> }): Loop => ({
  name: "sfn-executions",
  keys: () => parts.executions.pending(),
  reconcile: (arn) => parts.look(arn),
});
