import { groupNotFound, invalidParameter } from "./faults.ts";
import { limits } from "./limits.ts";
import type { Logs } from "./logs.ts";
import { retainedFrom } from "./retained-from.ts";

type Event = { timestamp: number; message: string };

export const PutLogEvents: Logs["PutLogEvents"] = async (input, context) => {
  const events = input.logEvents as Event[];
  checkBatch(events);
  const group = await context.groups.find(context, input.logGroupName);
  if (!group) throw groupNotFound();
  const { accepted, rejected } = sift(events, context.now, retainedFrom(group.retentionDays, context.now));
  await context.events.append(
    { account: context.account, region: context.region, group: input.logGroupName, stream: input.logStreamName, now: context.now },
    accepted.map(({ timestamp, message }) => ({ at: timestamp, message })),
  );
  return {
    nextSequenceToken: String(context.now).padStart(56, "4"),
    ...(rejected ? { rejectedLogEventsInfo: rejected } : {}),
  };
};

const checkBatch = (events: readonly Event[]): void => {
  if (events.length === 0 || events.length > limits.batchEvents)
    throw invalidParameter(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length ${
        events.length === 0 ? "greater than or equal to 1" : `less than or equal to ${limits.batchEvents}`
      }`,
    );
  let bytes = 0;
  let before = 0;
  for (const { timestamp, message } of events) {
    if (timestamp < before) throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
    before = timestamp;
    const size = Buffer.byteLength(message) + limits.eventOverheadBytes;
    if (size > limits.batchBytes) throw invalidParameter(`Log event too large: ${size} bytes exceeds limit of ${limits.batchBytes}`);
    bytes += size;
  }
  if (bytes > limits.batchBytes) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${limits.batchBytes}`);
  if (before - (events[0]?.timestamp ?? 0) > limits.batchSpanMs)
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
};

/** Drops what is too old, expired or too new; AWS says so by the places at which each begins or ends. */
const sift = (events: readonly Event[], now: number, retainedSince: number) => {
  const tooOldEnd = countWhile(events, ({ timestamp }) => timestamp < now - limits.tooOldMs);
  const expiredEnd = countWhile(events, ({ timestamp }) => timestamp < retainedSince);
  const tooNewStart = countWhile(events, ({ timestamp }) => timestamp <= now + limits.tooNewMs);
  const rejected = {
    ...(tooOldEnd > 0 ? { tooOldLogEventEndIndex: tooOldEnd } : {}),
    ...(expiredEnd > tooOldEnd ? { expiredLogEventEndIndex: expiredEnd } : {}),
    ...(tooNewStart < events.length ? { tooNewLogEventStartIndex: tooNewStart } : {}),
  };
  return {
    accepted: events.slice(Math.max(tooOldEnd, expiredEnd), tooNewStart),
    rejected: Object.keys(rejected).length > 0 ? rejected : undefined,
  };
};

const countWhile = (events: readonly Event[], test: (event: Event) => boolean): number => {
  const end = events.findIndex((event) => !test(event));
  return end < 0 ? events.length : end;
};
