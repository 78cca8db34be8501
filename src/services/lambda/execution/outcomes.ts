import type { FunctionVersion } from "../lambda.ts";

/** How an environment's work on one invocation ended. */
export type Ending =
  | { kind: "answered" | "failed" | "init-failed"; payload: Buffer }
  | { kind: "too-large" }
  | { kind: "timed-out" }
  | { kind: "exited"; exitCode: number | undefined }
  /** It was gone before the invocation reached it: another may take it. */
  | { kind: "missed" };

const signals: Readonly<Record<number, string>> = {
  129: "hangup",
  130: "interrupt",
  131: "quit",
  132: "illegal instruction",
  134: "aborted",
  135: "bus error",
  136: "floating point exception",
  137: "killed",
  139: "segmentation fault",
  141: "broken pipe",
  143: "terminated",
};

export const describeExit = (exitCode: number | undefined): string => {
  if (exitCode === undefined || exitCode === 0) return "Runtime exited without providing a reason";
  const signal = signals[exitCode];
  return `Runtime exited with error: ${signal === undefined ? `exit status ${exitCode}` : `signal: ${signal}`}`;
};

export const timeoutWords = ({ timeoutSeconds }: Pick<FunctionVersion, "timeoutSeconds">): string =>
  `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;

const error = (errorType: string, errorMessage: string): Buffer => Buffer.from(JSON.stringify({ errorType, errorMessage }));

/** What the caller gets: the function's own words, or the platform's, as AWS phrases them. */
export const payloadOf = (ending: Exclude<Ending, { kind: "missed" }>, requestId: string, version: FunctionVersion): Buffer => {
  switch (ending.kind) {
    case "timed-out":
      return error("Sandbox.Timedout", `RequestId: ${requestId} Error: ${timeoutWords(version)}`);
    case "exited":
      return error("Runtime.ExitError", `RequestId: ${requestId} Error: ${describeExit(ending.exitCode)}`);
    case "too-large":
      return error("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    default:
      return ending.payload;
  }
};

/** Whether the environment can take another invocation. */
export const survives = ({ kind }: Ending): boolean => kind === "answered" || kind === "failed" || kind === "too-large";
