import { checkMapRunArn, labelledArn } from "./arns.ts";
import { resourceNotFound, validation } from "./faults.ts";
import { quotas } from "./limits.ts";
import { sumOf } from "./map-runs/count-rows.ts";
import type { Count, Counts } from "./map-runs/count-rows.ts";
import type { MapRun } from "./map-runs/map-run-rows.ts";
import { requireExecution } from "./executions.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

export const requireMapRun = async (arn: string, { mapRuns }: Pick<SfnContext, "mapRuns">): Promise<MapRun> => {
  const found = await mapRuns.find(checkMapRunArn(arn));
  if (!found) throw resourceNotFound(arn);
  return found;
};

export const ListMapRuns: Sfn["ListMapRuns"] = async (input, context) => {
  const { arn, machineArn } = await requireExecution(input.executionArn, context);
  const at = pageOf(input);
  const { page, nextToken } = cut(await context.mapRuns.list(arn, at), at);
  const mapRuns = page.map((row) => ({
    executionArn: row.execution_arn,
    mapRunArn: row.arn,
    stateMachineArn: labelledArn(machineArn, row.label),
    startDate: new Date(row.started_at),
    ...(row.stopped_at === null ? {} : { stopDate: new Date(row.stopped_at) }),
  }));
  return { mapRuns, ...(nextToken === undefined ? {} : { nextToken }) };
};

export const DescribeMapRun: Sfn["DescribeMapRun"] = async ({ mapRunArn }, context) => {
  const run = await requireMapRun(mapRunArn, context);
  const { limits, status, stoppedAt, redriveCount, redrivenAt } = run;
  const counts = await context.mapRuns.counts(run.arn);
  const inFlight = context.mapRuns.inFlight(run.arn);
  const isRedrivable = stoppedAt === undefined || stoppedAt >= context.now - quotas.redriveMs;
  const executions = countsOf(counts, { of: "executions", isRedrivable });
  const items = countsOf(counts, { of: "items", isRedrivable });
  // A running Express child has no row: its items are known to be given, not how many they are.
  const running = executions.running + inFlight;
  const total = Math.max(run.totalItems ?? 0, items.total);
  return {
    mapRunArn: run.arn,
    executionArn: run.executionArn,
    status,
    startDate: new Date(run.startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: new Date(stoppedAt) }),
    maxConcurrency: limits.concurrency,
    toleratedFailureCount: limits.toleratedFailureCount ?? 0,
    toleratedFailurePercentage: limits.toleratedFailurePercentage ?? 0,
    itemCounts: { ...items, pending: total - items.total, total, resultsWritten: run.written.items },
    executionCounts: { ...executions, running, total: executions.total + inFlight, resultsWritten: run.written.executions },
    redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: new Date(redrivenAt) }),
  };
};

const countsOf = (counts: Counts, { of, isRedrivable }: { of: keyof Count; isRedrivable: boolean }) => {
  const count = (...statuses: string[]) => sumOf(counts, statuses)[of];
  return {
    pending: 0,
    running: count("RUNNING"),
    succeeded: count("SUCCEEDED"),
    failed: count("FAILED"),
    timedOut: count("TIMED_OUT"),
    aborted: count("ABORTED"),
    total: sumOf(counts, Object.keys(counts))[of],
    failuresNotRedrivable: isRedrivable ? 0 : count("FAILED", "TIMED_OUT", "ABORTED"),
    pendingRedrive: count("PENDING_REDRIVE"),
  };
};

/** A run that is under way goes by the new limits from its next look on. */
export const UpdateMapRun: Sfn["UpdateMapRun"] = async (input, context) => {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = input;
  if (maxConcurrency === undefined && toleratedFailureCount === undefined && toleratedFailurePercentage === undefined)
    throw validation(
      "One of maxConcurrency, toleratedFailurePercentage or toleratedFailureCount must be specified",
      "MISSING_REQUIRED_PARAMETER",
    );
  const { arn, limits } = await requireMapRun(input.mapRunArn, context);
  const isChanged = await context.mapRuns.setLimits(arn, {
    concurrency: maxConcurrency ?? limits.concurrency,
    toleratedFailureCount: toleratedFailureCount ?? limits.toleratedFailureCount,
    toleratedFailurePercentage: toleratedFailurePercentage ?? limits.toleratedFailurePercentage,
  });
  if (!isChanged) throw validation(`The Map Run has ended and cannot be updated: '${arn}'`, "CANNOT_UPDATE_COMPLETED_MAP_RUN");
  context.mapRuns.look(arn);
  return {};
};
