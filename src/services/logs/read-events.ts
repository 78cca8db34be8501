import { backwardToken, eventIdOf, forwardToken, readEventToken, readFilterToken, writeFilterToken } from "./event-positions.ts";
import { invalidParameter, streamNotFound } from "./faults.ts";
import type { EventRange, EventRows } from "./event-rows.ts";
import { compilePattern } from "./filter-pattern.ts";
import { limits } from "./limits.ts";
import type { Group, Logs, LogsContext, Position, StoredEvent } from "./logs.ts";
import { requireGroup } from "./names.ts";
import { retainedFrom } from "./retained-from.ts";

const endOfTime = Number.MAX_SAFE_INTEGER;
/** Rows at a time: an event may be as large as a whole page. */
const scanRows = 250;

const sizeOf = ({ message }: StoredEvent) => Buffer.byteLength(message) + limits.eventOverheadBytes;

/** As many events as one answer may carry; at least one. */
const readPage = async (events: EventRows, range: EventRange): Promise<StoredEvent[]> => {
  const page: StoredEvent[] = [];
  let bytes = 0;
  let edge: Pick<EventRange, "after" | "before"> = {};
  while (page.length < range.limit) {
    const rows = await events.read({ ...range, ...edge, limit: Math.min(scanRows, range.limit - page.length) });
    for (const row of rows) {
      bytes += sizeOf(row);
      if (bytes > limits.pageBytes && page.length > 0) return page;
      page.push(row);
    }
    const last = rows.at(-1);
    if (!last || rows.length < scanRows) return page;
    edge = { [range.order === "asc" ? "after" : "before"]: last };
  }
  return page;
};

export const GetLogEvents: Logs["GetLogEvents"] = async (input, context) => {
  const group = await requireGroup(input, context);
  const stream = await context.streams.find(group.id, input.logStreamName);
  if (!stream) throw streamNotFound();
  const token = input.nextToken === undefined ? undefined : readEventToken(input.nextToken);
  const forward = token ? token.direction === "forward" : input.startFromHead === true;
  const read = await readPage(context.events, {
    groupId: group.id,
    streamIds: [stream.id],
    from: Math.max(input.startTime ?? 0, retainedFrom(group.retentionDays, context.now)),
    until: input.endTime ?? endOfTime,
    ...(token ? { [forward ? "after" : "before"]: token.position } : {}),
    order: forward ? "asc" : "desc",
    limit: input.limit ?? limits.pageEvents,
  });
  const page = forward ? read : read.toReversed();
  const nowhere: Position = token?.position ?? { at: input.startTime ?? 0, sequence: 0 };
  return {
    events: page.map(({ at, ingestedAt, message }) => ({ timestamp: at, message, ingestionTime: ingestedAt })),
    nextForwardToken: forwardToken(page.at(-1) ?? nowhere),
    nextBackwardToken: backwardToken(page.at(0) ?? nowhere),
  };
};

export const FilterLogEvents: Logs["FilterLogEvents"] = async (input, context) => {
  if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined)
    throw invalidParameter("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
  const matches = compilePattern(input.filterPattern ?? "");
  const group = await requireGroup(input, context);
  const names = await searched(group, input, context);
  const limit = input.limit ?? limits.pageEvents;
  const found: StoredEvent[] = [];
  let after = input.nextToken === undefined ? undefined : readFilterToken(input.nextToken);
  let scannedBytes = 0;
  const range = {
    groupId: group.id,
    ...(names.ids ? { streamIds: names.ids } : {}),
    from: Math.max(input.startTime ?? 0, retainedFrom(group.retentionDays, context.now)),
    until: input.endTime === undefined ? endOfTime : input.endTime + 1,
  };
  for (;;) {
    const rows = await context.events.read({ ...range, ...(after ? { after } : {}), order: "asc", limit: scanRows });
    for (const row of rows) {
      if (found.length === limit || scannedBytes > limits.pageBytes)
        return { events: await withNames(found, names, context), searchedLogStreams: [], nextToken: writeFilterToken(after ?? row) };
      after = { at: row.at, sequence: row.sequence };
      scannedBytes += sizeOf(row);
      if (matches(row.message)) found.push(row);
    }
    if (rows.length < scanRows) return { events: await withNames(found, names, context), searchedLogStreams: [] };
  }
};

type Searched = { groupId: number; ids: readonly number[] | undefined; names: Map<number, string> };
type Filter = { logStreamNames?: string[] | undefined; logStreamNamePrefix?: string | undefined };

const searched = async (group: Group, { logStreamNames, logStreamNamePrefix }: Filter, { streams }: LogsContext): Promise<Searched> => {
  if (!logStreamNames?.length && logStreamNamePrefix === undefined) return { groupId: group.id, ids: undefined, names: new Map() };
  const page = { groupId: group.id, orderBy: "name" as const, descending: false, offset: 0, limit: 10_000 };
  const found = logStreamNames?.length
    ? await Promise.all(logStreamNames.map((name) => streams.find(group.id, name)))
    : await streams.list({ ...page, prefix: logStreamNamePrefix ?? "" });
  const names = new Map<number, string>();
  for (const stream of found) {
    if (!stream) throw streamNotFound();
    names.set(stream.id, stream.name);
  }
  return { groupId: group.id, ids: [...names.keys()], names };
};

const withNames = async (found: readonly StoredEvent[], { names }: Searched, { streams }: LogsContext) => {
  const missing = new Set(found.map(({ streamId }) => streamId).filter((id) => !names.has(id)));
  for (const [id, name] of await streams.names([...missing])) names.set(id, name);
  return found.map((event) => ({
    logStreamName: names.get(event.streamId) ?? "",
    timestamp: event.at,
    message: event.message,
    ingestionTime: event.ingestedAt,
    eventId: eventIdOf(event),
  }));
};
