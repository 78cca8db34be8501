import { StateFailure } from "../state-failure.ts";
import type { MapRunSpec } from "../interpreter/map-run-spec.ts";

/** How a map run stands, in items. `total` is not known before the dataset has been read to its end. */
export type Tally = { readonly total: number | undefined; readonly failed: number };

/** Whether more items have failed than the Map tolerates: either threshold ends the run. */
export const exceedsTolerance = (
  { toleratedFailureCount, toleratedFailurePercentage }: Pick<MapRunSpec, "toleratedFailureCount" | "toleratedFailurePercentage">,
  { total, failed }: Tally,
): boolean => {
  if (toleratedFailureCount === undefined && toleratedFailurePercentage === undefined) return failed > 0;
  if (toleratedFailureCount !== undefined && failed > toleratedFailureCount) return true;
  return (
    toleratedFailurePercentage !== undefined && total !== undefined && total > 0 && (failed / total) * 100 > toleratedFailurePercentage
  );
};

export const toleranceExceeded = () =>
  new StateFailure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");
