import type { Tag } from "@aws-sdk/client-sfn";
import { checkArn } from "./arns.ts";
import { resourceNotFound, tooManyTags, validation } from "./faults.ts";
import { quotas } from "./limits.ts";
import type { ChangeTags, Tags } from "./machine-rows.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

/** Letters, digits, white space and these symbols: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#sfn-limits-tagging */
const allowed = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

/** Tags as they are kept, checked: those of `arn` once they are added to `before`. */
export const tagsOf = (arn: string, tags: readonly Tag[] | undefined, before: Tags = {}): Tags => {
  for (const { key = "", value = "" } of tags ?? []) {
    if (/^aws:/i.test(key)) throw validation("aws: prefixed tag key names are not allowed for external use.");
    if (!allowed.test(key)) throw validation(`Invalid tag key: '${key}'`);
    if (!allowed.test(value)) throw validation(`Invalid tag value: '${value}'`);
  }
  const after = { ...before, ...Object.fromEntries((tags ?? []).map(({ key = "", value = "" }) => [key, value])) };
  if (Object.keys(after).length > quotas.tags) throw tooManyTags(arn);
  return after;
};

/** Tags are on state machines and activities. */
const rowsOf = (arn: string, { machines, activities }: SfnContext) => (checkArn(arn).split(":")[5] === "activity" ? activities : machines);

const changeTags = async (arn: string, change: ChangeTags, context: SfnContext): Promise<void> => {
  if (!(await rowsOf(arn, context).changeTags(arn, change))) throw resourceNotFound(arn);
};

export const TagResource: Sfn["TagResource"] = async ({ resourceArn, tags }, context) => {
  await changeTags(resourceArn, (before) => tagsOf(resourceArn, tags, before), context);
  return {};
};

export const UntagResource: Sfn["UntagResource"] = async ({ resourceArn, tagKeys }, context) => {
  const without: ChangeTags = (before) => Object.fromEntries(Object.entries(before).filter(([key]) => !tagKeys.includes(key)));
  await changeTags(resourceArn, without, context);
  return {};
};

export const ListTagsForResource: Sfn["ListTagsForResource"] = async ({ resourceArn }, context) => {
  const found = await rowsOf(resourceArn, context).find(resourceArn);
  if (!found) throw resourceNotFound(resourceArn);
  return { tags: Object.entries(found.tags).map(([key, value]) => ({ key, value })) };
};
