import { invalidParameter, streamExists, streamNotFound } from "./faults.ts";
import { limits } from "./limits.ts";
import type { Logs } from "./logs.ts";
import { requireGroup, streamArn } from "./names.ts";
import { readToken, writeToken } from "./page-tokens.ts";

export const CreateLogStream: Logs["CreateLogStream"] = async (input, context) => {
  const group = await requireGroup(input, context);
  const added = await context.streams.add({ groupId: group.id, name: input.logStreamName, createdAt: context.now });
  if (!added) throw streamExists();
  return {};
};

export const DeleteLogStream: Logs["DeleteLogStream"] = async (input, context) => {
  const group = await requireGroup(input, context);
  const stream = await context.streams.find(group.id, input.logStreamName);
  if (!stream) throw streamNotFound();
  await context.streams.remove(stream);
  return {};
};

export const DescribeLogStreams: Logs["DescribeLogStreams"] = async (input, context) => {
  const byTime = input.orderBy === "LastEventTime";
  if (byTime && input.logStreamNamePrefix !== undefined)
    throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const group = await requireGroup(input, context);
  const limit = input.limit ?? limits.describePage;
  const offset = readToken(input.nextToken)?.offset ?? 0;
  const found = await context.streams.list({
    groupId: group.id,
    ...(input.logStreamNamePrefix === undefined ? {} : { prefix: input.logStreamNamePrefix }),
    orderBy: byTime ? "lastEvent" : "name",
    descending: input.descending ?? false,
    offset,
    limit: limit + 1,
  });
  return {
    logStreams: found.slice(0, limit).map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      ...(stream.firstEventAt === undefined ? {} : { firstEventTimestamp: stream.firstEventAt }),
      ...(stream.lastEventAt === undefined ? {} : { lastEventTimestamp: stream.lastEventAt }),
      ...(stream.lastIngestedAt === undefined ? {} : { lastIngestionTime: stream.lastIngestedAt }),
      uploadSequenceToken: String(stream.lastIngestedAt ?? stream.createdAt).padStart(56, "4"),
      arn: streamArn(group, group.name, stream.name),
      storedBytes: 0,
    })),
    ...(found.length > limit ? { nextToken: writeToken({ offset: offset + limit }) } : {}),
  };
};
