import type { Fact } from "#store/outbox.ts";
import type { Change, ExecutionRecord } from "./execution-rows.ts";
import type { Execution } from "./language/interpreter/execution.ts";
import { notRedrivable } from "./redrivable.ts";

export const statusTopic = "sfn.execution-status-changed";

/** Input or output that an event takes, escaped: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
const longestData = 248 * 1024;

/** What a commit changed in the status of an execution: that it began, began again, or ended. */
export const statusFacts = ({ record, history }: Pick<Change, "record" | "history">, now: number): Fact[] => {
  const { execution } = record;
  const began = history.find(({ type }) => type === "ExecutionStarted" || type === "ExecutionRedriven");
  const facts: Fact[] = [];
  if (began) facts.push(factOf(record, runningAgain(execution), began.timestamp));
  if (execution.status !== "RUNNING" && history.length > 0) facts.push(factOf(record, execution, execution.stoppedAt ?? now));
  return facts;
};

/** The execution as it was when it began, though it may have ended in the same commit. */
const runningAgain = (execution: Execution): Execution => ({
  ...execution,
  status: "RUNNING",
  stoppedAt: undefined,
  output: undefined,
  error: undefined,
  cause: undefined,
});

/** The detail of AWS's `Step Functions Execution Status Change` event: times in milliseconds, null for what is not there. */
const factOf = ({ arn, account, machineArn, name }: ExecutionRecord, execution: Execution, at: number): Fact => {
  const { origin, status, startedAt, stoppedAt, redriveCount, redrivenAt, error, cause } = execution;
  const why = notRedrivable(execution, at);
  return {
    topic: statusTopic,
    account,
    region: origin.region,
    subject: arn,
    at,
    detail: {
      executionArn: arn,
      stateMachineArn: machineArn,
      name,
      status,
      startDate: startedAt,
      stopDate: stoppedAt ?? null,
      ...dataOf("input", origin.input),
      ...dataOf("output", execution.output),
      stateMachineVersionArn: origin.stateMachineVersionArn ?? null,
      stateMachineAliasArn: origin.stateMachineAliasArn ?? null,
      redriveCount,
      redriveDate: redrivenAt ?? null,
      redriveStatus: why === undefined ? "REDRIVABLE" : "NOT_REDRIVABLE",
      redriveStatusReason: why ?? null,
      error: error ?? null,
      cause: cause ?? null,
    },
  };
};

const dataOf = (name: "input" | "output", text: string | undefined) => {
  if (text === undefined) return { [name]: null, [`${name}Details`]: null };
  const isIncluded = text.length < longestData / 6 || Buffer.byteLength(JSON.stringify(text)) - 2 <= longestData;
  return { [name]: isIncluded ? text : null, [`${name}Details`]: { included: isIncluded } };
};
