import type { MapRunSpec } from "../interpreter/map-run-spec.ts";
import { limits } from "../limits.ts";
import { exceedsTolerance } from "./tally.ts";

/** How a map run stands: `started` child executions, of which some have ended; items of the dataset. */
export type Progress = {
  /** Whether the dataset has been read to its end and every batch of it been started. */
  readonly exhausted: boolean;
  readonly started: number;
  readonly ended: number;
  readonly items: number;
  readonly failedItems: number;
};

/** What a map run does next. `start`: at most so many more children; `fail`: stop those that run, for too much has failed. */
export type MapRunStep =
  | { readonly kind: "start"; readonly most: number }
  | { readonly kind: "await" }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail" };

export const planMapRun = (
  spec: Pick<MapRunSpec, "concurrency" | "toleratedFailureCount" | "toleratedFailurePercentage">,
  { exhausted, started, ended, items, failedItems }: Progress,
): MapRunStep => {
  if (exceedsTolerance(spec, { total: exhausted ? items : undefined, failed: failedItems })) return { kind: "fail" };
  if (exhausted) return { kind: ended === started ? "succeed" : "await" };
  const most = Math.min(spec.concurrency || limits.distributedMapConcurrency, limits.distributedMapConcurrency);
  const room = most - (started - ended);
  return room > 0 ? { kind: "start", most: room } : { kind: "await" };
};
