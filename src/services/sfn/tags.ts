import { resourceNotFound, tooManyTags } from "./faults.ts";
import { quotas } from "./limits.ts";
import type { Sfn, SfnContext } from "./sfn.ts";
import { tagsOf } from "./state-machines.ts";

type Tags = Readonly<Record<string, string>>;

/** Tags are on state machines and activities. */
const tagged = async (arn: string, { machines, activities }: SfnContext): Promise<{ tags: Tags; set(tags: Tags): Promise<void> }> => {
  const rows = arn.split(":")[5] === "activity" ? activities : machines;
  const found = await rows.find(arn);
  if (!found) throw resourceNotFound(arn);
  return { tags: found.tags, set: (tags) => rows.setTags(arn, tags) };
};

export const TagResource: Sfn["TagResource"] = async ({ resourceArn, tags }, context) => {
  const { tags: before, set } = await tagged(resourceArn, context);
  const after = { ...before, ...tagsOf(tags) };
  if (Object.keys(after).length > quotas.tags) throw tooManyTags(resourceArn);
  await set(after);
  return {};
};

export const UntagResource: Sfn["UntagResource"] = async ({ resourceArn, tagKeys }, context) => {
  const { tags, set } = await tagged(resourceArn, context);
  await set(Object.fromEntries(Object.entries(tags).filter(([key]) => !tagKeys.includes(key))));
  return {};
};

export const ListTagsForResource: Sfn["ListTagsForResource"] = async ({ resourceArn }, context) => {
  const { tags } = await tagged(resourceArn, context);
  return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
};
