import { groupNotFound, invalidParameter } from "./faults.ts";
import type { Group, LogsContext, Place } from "./logs.ts";

export const groupArn = ({ account, region }: Place, name: string) => `arn:aws:logs:${region}:${account}:log-group:${name}`;
export const streamArn = (place: Place, group: string, stream: string) => `${groupArn(place, group)}:log-stream:${stream}`;

/** The name in a group's ARN, with or without `:*` behind it; what is no ARN is a name. */
export const groupNameOf = (identifier: string): string =>
  /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;

type Named = { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined };

/** The group that a reading operation means: by name, or by identifier, but not both. */
export const requireGroup = async ({ logGroupName, logGroupIdentifier }: Named, context: LogsContext): Promise<Group> => {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    throw invalidParameter("LogGroupName and LogGroupIdentifier cannot both be specified.");
  const identifier = logGroupName ?? logGroupIdentifier;
  if (identifier === undefined) throw invalidParameter("Either LogGroupName or LogGroupIdentifier must be specified.");
  const group = await context.groups.find(context, groupNameOf(identifier));
  if (!group) throw groupNotFound();
  return group;
};
