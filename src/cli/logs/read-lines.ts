import { setTimeout as sleep } from "node:timers/promises";
import { paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";

export type LogLine = { timestamp: number; stream: string; message: string };

export type Reading = { group: string; from: number; filter?: string | undefined; follow: boolean; signal: AbortSignal };

const pollMs = 500;
/** Lines may arrive so long after the time that they carry. */
const lateMs = 30_000;

/** The lines of a log group by time, and then those that come. */
export async function* readLines(client: CloudWatchLogsClient, { group, from, filter, follow, signal }: Reading): AsyncGenerator<LogLine> {
  const seen = new Map<string, number>();
  let startTime = from;
  let newest = from;
  while (!signal.aborted) {
    const input = { logGroupName: group, startTime, ...(filter === undefined ? {} : { filterPattern: filter }) };
    for await (const { events = [] } of paginateFilterLogEvents({ client }, input))
      for (const { eventId = "", timestamp = 0, logStreamName = "", message = "" } of events) {
        if (seen.has(eventId)) continue;
        seen.set(eventId, timestamp);
        newest = Math.max(newest, timestamp);
        yield { timestamp, stream: logStreamName, message: message.replace(/\n$/, "") };
      }
    if (!follow) return;
    startTime = Math.max(from, newest - lateMs);
    for (const [id, timestamp] of seen) if (timestamp < startTime) seen.delete(id);
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
