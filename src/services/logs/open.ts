import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { newEventRows } from "./event-rows.ts";
import { newGroupRows } from "./group-rows.ts";
import { CreateLogGroup, DeleteLogGroup, DeleteRetentionPolicy, DescribeLogGroups, PutRetentionPolicy } from "./groups.ts";
import type { LogsContext } from "./logs.ts";
import { resourceTypes } from "./template-resources.ts";
import { retentionLoop } from "./loops/retention.ts";
import { migrations } from "./migrations/all.ts";
import { PutLogEvents } from "./put-events.ts";
import { FilterLogEvents, GetLogEvents } from "./read-events.ts";
import { newStreamRows } from "./stream-rows.ts";
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from "./streams.ts";
import { ListTagsForResource, ListTagsLogGroup, TagLogGroup, TagResource, UntagLogGroup, UntagResource } from "./tags.ts";

export const openLogs: OpenService = async ({ store, loops, now }) => {
  await store.migrate("logs", migrations);
  const groups = newGroupRows(store);
  const streams = newStreamRows(store);
  const events = newEventRows(store);
  const retention = loops.add(retentionLoop({ groups, events, now }));
  return {
    operations: handlersOf<"logs", LogsContext>()({
      CreateLogGroup,
      CreateLogStream,
      DeleteLogGroup,
      DeleteLogStream,
      DeleteRetentionPolicy,
      DescribeLogGroups,
      DescribeLogStreams,
      FilterLogEvents,
      GetLogEvents,
      ListTagsForResource,
      ListTagsLogGroup,
      PutLogEvents,
      PutRetentionPolicy,
      TagLogGroup,
      TagResource,
      UntagLogGroup,
      UntagResource,
    }),
    resourceTypes,
    context: { groups, streams, events, expire: (groupId: number) => retention.enqueue(String(groupId)) },
    reset: groups.clear,
  };
};
