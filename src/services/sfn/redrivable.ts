import type { Execution } from "./language/interpreter/execution.ts";
import { quotas } from "./limits.ts";

/** Why an execution cannot be redriven, in AWS's words; undefined when it can. */
export const notRedrivable = (execution: Execution, now: number): string | undefined => {
  const { status, startedAt, stoppedAt, redriveCount, lastEventId } = execution;
  if (status === "RUNNING" || status === "SUCCEEDED") return `Execution is ${status} and cannot be redriven`;
  if (lastEventId >= quotas.historyEvents - 1) return "Execution history event limit exceeded";
  if (startedAt < now - quotas.standardSeconds * 1000) return "Execution has exceeded the max execution time";
  if ((stoppedAt ?? 0) < now - quotas.redriveMs) return "Execution redrivable period exceeded";
  return redriveCount >= quotas.redrives ? "Execution has exceeded the maximum number of redrives" : undefined;
};
