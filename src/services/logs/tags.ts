import { resourceNotFound, tooManyTags } from "./faults.ts";
import { limits } from "./limits.ts";
import type { Group, Logs, LogsContext } from "./logs.ts";
import { groupNameOf, requireGroup } from "./names.ts";

const resourceOf = async (arn: string, context: LogsContext): Promise<Group> => {
  const group = await context.groups.find(context, groupNameOf(arn));
  if (!group) throw resourceNotFound();
  return group;
};

const add = async (group: Group, tags: Record<string, string>, { groups }: LogsContext) => {
  const all = { ...group.tags, ...tags };
  if (Object.keys(all).length > limits.tags) throw tooManyTags();
  await groups.change(group, { tags: all });
  return {};
};

const remove = async (group: Group, keys: readonly string[], { groups }: LogsContext) => {
  await groups.change(group, { tags: Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key))) });
  return {};
};

export const TagResource: Logs["TagResource"] = async (input, context) =>
  add(await resourceOf(input.resourceArn, context), input.tags, context);

export const UntagResource: Logs["UntagResource"] = async (input, context) =>
  remove(await resourceOf(input.resourceArn, context), input.tagKeys, context);

export const ListTagsForResource: Logs["ListTagsForResource"] = async (input, context) => ({
  tags: (await resourceOf(input.resourceArn, context)).tags,
});

export const TagLogGroup: Logs["TagLogGroup"] = async (input, context) => add(await requireGroup(input, context), input.tags, context);

export const UntagLogGroup: Logs["UntagLogGroup"] = async (input, context) =>
  remove(await requireGroup(input, context), input.tags, context);

export const ListTagsLogGroup: Logs["ListTagsLogGroup"] = async (input, context) => ({
  tags: (await requireGroup(input, context)).tags,
});
