import type { FunctionVersion } from "../lambda.ts";
import type { Run } from "./environment.ts";
import { describeExit, timeoutWords } from "./outcomes.ts";

type Reported = { requestId: string; version: FunctionVersion; maxMemoryBytes: number | undefined; now: number };

/** The lines that AWS writes behind an invocation. Memory is left out where the runtime does not tell it. */
export const reportLines = ({ ending, durationMs, initMs }: Run, { requestId, version, maxMemoryBytes, now }: Reported): string[] => {
  const duration = ending.kind === "timed-out" ? version.timeoutSeconds * 1000 : durationMs;
  const memory =
    maxMemoryBytes === undefined ? "" : `\tMax Memory Used: ${Math.min(version.memoryMb, Math.ceil(maxMemoryBytes / 2 ** 20))} MB`;
  const init = initMs === undefined ? "" : `\tInit Duration: ${initMs.toFixed(2)} ms`;
  const status =
    ending.kind === "timed-out"
      ? "\tStatus: timeout"
      : ending.kind === "exited" || ending.kind === "init-failed"
        ? `\tStatus: error\tError Type: ${ending.kind === "exited" ? "Runtime.ExitError" : "Runtime.Unknown"}`
        : "";
  return [
    ...(ending.kind === "timed-out" ? [`${new Date(now).toISOString()} ${requestId} ${timeoutWords(version)}\n`] : []),
    ...(ending.kind === "exited"
      ? [`RequestId: ${requestId} Error: ${describeExit(ending.exitCode)}`, ...(ending.exitCode ? ["Runtime.ExitError"] : [])]
      : []),
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${Math.ceil(duration + (initMs ?? 0))} ms\tMemory Size: ${version.memoryMb} MB${memory}${init}${status}\t`,
  ];
};
