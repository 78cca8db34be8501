import type { Lambda } from "./lambda.ts";
import { requireFunction } from "./names.ts";

export const TagResource: Lambda["TagResource"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.Resource }, context);
  await context.functions.setTags(fn, { ...fn.tags, ...input.Tags });
  return {};
};

export const UntagResource: Lambda["UntagResource"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.Resource }, context);
  await context.functions.setTags(fn, Object.fromEntries(Object.entries(fn.tags).filter(([key]) => !input.TagKeys.includes(key))));
  return {};
};

export const ListTags: Lambda["ListTags"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.Resource }, context);
  return { Tags: fn.tags };
};
