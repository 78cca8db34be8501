import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { EventRows } from "./event-rows.ts";
import type { GroupRows } from "./group-rows.ts";
import type { StreamRows } from "./stream-rows.ts";

export type LogsContext = RequestContext & {
  groups: GroupRows;
  streams: StreamRows;
  events: EventRows;
  /** Says that a group has events to expire. */
  expire: (groupId: number) => void;
};

export type Logs = Operations<SdkModules["logs"], LogsContext>;

export type Place = { account: string; region: string };

export type Group = Place & {
  id: number;
  name: string;
  createdAt: number;
  retentionDays: number | undefined;
  groupClass: LogGroupClass;
  isProtected: boolean;
  tags: Record<string, string>;
  storedBytes: number;
};

export type Stream = {
  id: number;
  groupId: number;
  name: string;
  createdAt: number;
  firstEventAt: number | undefined;
  lastEventAt: number | undefined;
  lastIngestedAt: number | undefined;
};

/** `sequence` counts all events of the group: with the time it gives them one order. */
export type Position = { at: number; sequence: number };

export type StoredEvent = Position & { streamId: number; ingestedAt: number; message: string };
