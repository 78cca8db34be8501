import { exceedsBytes } from "../json.ts";
import { limits } from "../limits.ts";
import { dataLimitExceeded } from "../state-failure.ts";
import { reasonDetails } from "./end.ts";
import type { PendingMapRun } from "./execution.ts";
import { recover } from "./failure.ts";
import { leaveWith } from "./leave.ts";
import type { Run } from "./run.ts";

const waitingFor = (run: Run, key: string): { id: string; pending: PendingMapRun } | undefined => {
  const thread = run.waiting(key);
  return thread?.phase.kind === "mapRun" ? { id: thread.id, pending: thread.phase.run } : undefined;
};

export const mapRunStarted = (run: Run, key: string, mapRunArn: string): void => {
  const found = waitingFor(run, key);
  if (found === undefined || found.pending.mapRunArn !== undefined) return;
  run.record(found.id, "MapRunStarted", { mapRunStartedEventDetails: { mapRunArn } });
  run.phase(found.id, { kind: "mapRun", run: { ...found.pending, mapRunArn } });
};

/** The success of the map run and of the state are told beside the chain, as for an inline Map. */
export const mapRunSucceeded = async (run: Run, key: string, output: string): Promise<void> => {
  const found = waitingFor(run, key);
  if (found === undefined) return;
  const thread = run.thread(found.id);
  run.append("MapRunSucceeded", thread.lastEventId);
  run.append("MapStateSucceeded", thread.lastEventId);
  if (exceedsBytes(output, limits.payloadBytes)) throw dataLimitExceeded(thread.state);
  await leaveWith(run, found.id, { state: run.state(thread), result: run.read(output) });
};

export const mapRunFailed = async (run: Run, key: string, reason: { error: string; cause?: string }): Promise<void> => {
  const found = waitingFor(run, key);
  if (found === undefined) return;
  run.record(found.id, "MapRunFailed", { mapRunFailedEventDetails: reasonDetails(reason) });
  run.record(found.id, "MapStateFailed");
  await recover(run, found.id, reason);
};
