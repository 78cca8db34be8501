import type { InspectionData, TestExecutionStatus, TestStateOutput } from "@aws-sdk/client-sfn";
import type { Execution, Thread } from "../language/interpreter/execution.ts";
import type { Inspection } from "../language/interpreter/inspection.ts";
import type { Request } from "./check-request.ts";
import type { Outcome } from "./run-tested.ts";
import type { Tested } from "./tested.ts";

type Answer = Omit<TestStateOutput, "$metadata">;

/** What TestState tells of a test. */
export const answerOf = ({ execution, inspection, tested }: Outcome, { state }: Tested, { inspectionLevel = "INFO" }: Request): Answer => {
  const { status, thread } = standing(execution, tested, inspection);
  const next = thread?.phase.kind === "arriving" ? thread.state : undefined;
  const output = execution.output ?? (thread?.phase.kind === "done" ? thread.phase.output : next === undefined ? undefined : thread?.input);
  const { error, cause } = status === "SUCCEEDED" ? {} : failure(execution, inspection);
  return {
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(next === undefined ? {} : { nextState: next }),
    ...(inspectionLevel === "INFO" ? {} : { inspectionData: shown(inspection, state) }),
  };
};

/** How the state came out, and the thread that shows it: that of the state, or of one that it is inside of and whose handlers took its failure. */
const standing = (
  execution: Execution,
  { lineage }: Tested,
  { errorDetails }: Inspection,
): { status: TestExecutionStatus; thread?: Thread } => {
  if (execution.status !== "RUNNING") return { status: execution.status === "SUCCEEDED" ? "SUCCEEDED" : "FAILED" };
  const threads = lineage.flatMap((_, index) => execution.threads[String(index)] ?? []);
  const thread = threads.findLast(({ phase }) => phase.kind === "arriving" || phase.kind === "backingOff" || phase.kind === "done");
  if (thread === undefined) return { status: "FAILED" };
  if (thread.phase.kind === "backingOff") return { status: "RETRIABLE", thread };
  return { status: errorDetails?.catchIndex === undefined ? "SUCCEEDED" : "CAUGHT_ERROR", thread };
};

const failure = (
  { status, error, cause }: Execution,
  inspection: Inspection,
): { error?: string | undefined; cause?: string | undefined } => {
  if (status === "TIMED_OUT") return { error: "States.Timeout" };
  return status === "RUNNING" ? (inspection.failure ?? {}) : { error, cause };
};

/** What the answer is made of, besides the data. */
const ours = ["items", "failure"] satisfies (keyof Inspection)[] as string[];

/** Stages that only JSONPath has. */
const jsonPathStages = ["afterInputPath", "afterParameters", "afterResultSelector", "afterResultPath", "afterItemsPath"];

const shown = (inspection: Inspection, state: Tested["state"]): InspectionData => {
  const hasResult = state.type === "Task" || state.type === "Map" || state.type === "Parallel";
  const data = Object.entries(inspection).filter(
    ([stage, value]) =>
      !ours.includes(stage) &&
      !(state.language === "JSONata" && jsonPathStages.includes(stage)) &&
      !(stage === "result" && !hasResult) &&
      !(stage === "variables" && value === "{}"),
  );
  // The limit that we go by in place of none is not the state's.
  const unlimited = state.type === "Map" && state.maxConcurrency === undefined && inspection.maxConcurrency !== undefined;
  return { ...(Object.fromEntries(data) as InspectionData), ...(unlimited ? { maxConcurrency: 0 } : {}) };
};
