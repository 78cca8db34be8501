import type { HistoryEvent as ToldEvent } from "@aws-sdk/client-sfn";
import { invalidToken } from "./faults.ts";
import { requireExecution } from "./executions.ts";
import type { HistoryEvent } from "./language/interpreter/history.ts";
import { pageOf } from "./pages.ts";
import type { Sfn } from "./sfn.ts";
import { withoutData } from "./without-data.ts";

export const GetExecutionHistory: Sfn["GetExecutionHistory"] = async (input, context) => {
  const { arn, execution } = await requireExecution(input.executionArn, context);
  const { offset, limit } = pageOf(input);
  const last = execution.lastEventId;
  if (offset > last) throw invalidToken();
  const [from, to] = input.reverseOrder ? [last - offset - limit + 1, last - offset] : [offset + 1, offset + limit];
  const found = await context.executions.history(arn, from, to);
  const events = (input.reverseOrder ? found.toReversed() : found).map((event) => told(event, input.includeExecutionData !== false));
  const isMore = offset + limit < last;
  return { events, ...(isMore ? { nextToken: Buffer.from(String(offset + limit)).toString("base64") } : {}) };
};

const told = ({ timestamp, ...event }: HistoryEvent, isDataIncluded: boolean): ToldEvent => {
  const shown = isDataIncluded ? event : Object.fromEntries(Object.entries(event).map(([key, value]) => [key, withoutData(value)]));
  return { ...(shown as unknown as Omit<ToldEvent, "timestamp">), timestamp: new Date(timestamp) };
};
