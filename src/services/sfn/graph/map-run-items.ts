import { sumOf } from "../map-runs/count-rows.ts";
import type { SfnParts } from "../sfn.ts";
import type { Iterations } from "./graph.ts";

/** What became of the items of a map run, whose iterations are executions of their own. */
export const newMapRunItems =
  ({ find, counts }: Pick<SfnParts["mapRuns"], "find" | "counts">) =>
  async (mapRunArn: string): Promise<Iterations | undefined> => {
    const run = await find(mapRunArn);
    if (!run) return undefined;
    const known = await counts(mapRunArn);
    const items = (...statuses: string[]) => sumOf(known, statuses).items;
    return {
      total: Math.max(run.totalItems ?? 0, items(...Object.keys(known))),
      running: items("RUNNING", "PENDING_REDRIVE"),
      succeeded: items("SUCCEEDED"),
      failed: items("FAILED", "TIMED_OUT"),
      aborted: items("ABORTED"),
    };
  };
