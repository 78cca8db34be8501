import { deletionProtected, groupExists, groupNotFound, invalidParameter } from "./faults.ts";
import { limits, retentionDays } from "./limits.ts";
import type { Group, Logs } from "./logs.ts";
import { groupArn, groupNameOf, requireGroup } from "./names.ts";
import { readToken, writeToken } from "./page-tokens.ts";

export const CreateLogGroup: Logs["CreateLogGroup"] = async (input, { groups, account, region, now }) => {
  const added = await groups.add({
    account,
    region,
    name: input.logGroupName,
    createdAt: now,
    retentionDays: undefined,
    groupClass: input.logGroupClass ?? "STANDARD",
    isProtected: input.deletionProtectionEnabled ?? false,
    tags: input.tags ?? {},
  });
  if (!added) throw groupExists();
  return {};
};

export const DeleteLogGroup: Logs["DeleteLogGroup"] = async (input, context) => {
  const group = await requireGroup(input, context);
  if (group.isProtected) throw deletionProtected();
  await context.groups.remove(group);
  return {};
};

export const DescribeLogGroups: Logs["DescribeLogGroups"] = async (input, context) => {
  if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined)
    throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  if (input.logGroupIdentifiers?.length) return describeThese(input.logGroupIdentifiers, context);
  const limit = input.limit ?? limits.describePage;
  const found = await context.groups.list(context, {
    prefix: input.logGroupNamePrefix ?? "",
    contains: input.logGroupNamePattern ?? "",
    after: readToken(input.nextToken)?.after ?? "",
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    logGroups: page.map(describe),
    ...(found.length > limit && last ? { nextToken: writeToken({ after: last.name }) } : {}),
  };
};

const describeThese = async (identifiers: readonly string[], context: Parameters<Logs["DescribeLogGroups"]>[1]) => {
  const found = await Promise.all(identifiers.map((identifier) => context.groups.find(context, groupNameOf(identifier))));
  return { logGroups: found.flatMap((group) => (group ? [describe(group)] : [])) };
};

const describe = (group: Group) => ({
  logGroupName: group.name,
  creationTime: group.createdAt,
  ...(group.retentionDays === undefined ? {} : { retentionInDays: group.retentionDays }),
  metricFilterCount: 0,
  arn: `${groupArn(group, group.name)}:*`,
  storedBytes: group.storedBytes,
  logGroupClass: group.groupClass,
  logGroupArn: groupArn(group, group.name),
  deletionProtectionEnabled: group.isProtected,
});

export const PutRetentionPolicy: Logs["PutRetentionPolicy"] = async (input, context) => {
  if (!retentionDays.includes(input.retentionInDays))
    throw invalidParameter(
      `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentionDays.join(", ")}]`,
    );
  const group = await context.groups.find(context, input.logGroupName);
  if (!group) throw groupNotFound();
  await context.groups.change(group, { retentionDays: input.retentionInDays });
  context.expire(group.id);
  return {};
};

export const DeleteRetentionPolicy: Logs["DeleteRetentionPolicy"] = async (input, context) => {
  const group = await requireGroup(input, context);
  await context.groups.change(group, { retentionDays: undefined });
  return {};
};
