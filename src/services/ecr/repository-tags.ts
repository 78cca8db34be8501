import type { Ecr, EcrContext, Repository } from "./ecr.ts";
import { invalidParameter, repositoryNotFound } from "./faults.ts";
import { maxTagsPerResource } from "./limits.ts";
import { Fault } from "#wire/fault.ts";

type Tag = { Key: string | undefined; Value: string | undefined };

export const checkTags = (tags: readonly Tag[], present: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const all = { ...present };
  for (const { Key, Value } of tags) {
    if (!Key || Key.length > 128 || Key.startsWith("aws:"))
      throw new Fault(
        "InvalidTagParameterException",
        `Invalid parameter at 'tags' failed to satisfy constraint: 'key ${Key ?? "null"} is not allowed'`,
      );
    all[Key] = Value ?? "";
  }
  if (Object.keys(all).length > maxTagsPerResource)
    throw new Fault("TooManyTagsException", `A resource can have up to ${maxTagsPerResource} tags.`);
  return all;
};

export const TagResource: Ecr["TagResource"] = async (input, context) => {
  const repository = await findByArn(input.resourceArn, context);
  await context.repositories.change(repository, { tags: checkTags(input.tags, repository.tags) });
  return {};
};

export const UntagResource: Ecr["UntagResource"] = async (input, context) => {
  const repository = await findByArn(input.resourceArn, context);
  const left = Object.entries(repository.tags).filter(([name]) => !input.tagKeys.includes(name));
  await context.repositories.change(repository, { tags: Object.fromEntries(left) });
  return {};
};

export const ListTagsForResource: Ecr["ListTagsForResource"] = async (input, context) => {
  const { tags } = await findByArn(input.resourceArn, context);
  return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
};

const findByArn = async (arn: string, { repositories }: EcrContext): Promise<Repository> => {
  const [, region, account, name] = /^arn:aws[a-z-]*:ecr:([a-z0-9-]+):(\d{12}):repository\/(.+)$/.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined)
    throw invalidParameter(`Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'`);
  const key = { account, region, name };
  const repository = await repositories.find(key);
  if (!repository) throw repositoryNotFound(key);
  return repository;
};
