import type { Tag } from "@aws-sdk/client-ecs";
import { clusterName, parseDefinition } from "./arns.ts";
import type { Ecs, EcsContext, Tags } from "./ecs.ts";
import { invalidParameter, resourceNotFound } from "./faults.ts";
import { maxTags } from "./limits.ts";

export const checkTags = (tags: readonly Tag[], present: Tags = []): Tag[] => {
  const all = new Map(present.map(({ key, value }) => [key, value]));
  for (const { key, value } of tags) {
    if (!key || key.length > 128) throw invalidParameter("Tag keys must have from 1 to 128 characters.");
    if (key.toLowerCase().startsWith("aws:")) throw invalidParameter("Tags with the prefix aws: can't be set.");
    all.set(key, value ?? "");
  }
  if (all.size > maxTags) throw invalidParameter(`A resource can have up to ${maxTags} tags.`);
  return [...all].map(([key, value]) => ({ key, value }));
};

type Tagged = { tags: Tags; setTags: (tags: Tags) => Promise<void> };

const findTagged = async (arn: string, { account, region, clusters, definitions, tasks }: EcsContext): Promise<Tagged> => {
  const scope = { account, region };
  const [, kind] = /^arn:aws[a-z-]*:ecs:[^:]+:\d{12}:([a-z-]+)\//.exec(arn) ?? [];
  if (kind === "cluster") {
    const cluster = await clusters.find(scope, clusterName(arn));
    if (cluster) return { tags: cluster.tags, setTags: (tags) => clusters.put({ ...cluster, tags }) };
  }
  if (kind === "task-definition") {
    const named = parseDefinition(arn);
    const record = named && (await definitions.find(scope, named.family, named.revision));
    if (record) return { tags: record.tags, setTags: (tags) => definitions.setTags(record, tags) };
  }
  if (kind === "task") {
    const task = await tasks.find(arn.slice(arn.lastIndexOf("/") + 1));
    if (task && task.account === account && task.region === region)
      return { tags: task.tags, setTags: (tags) => tasks.setTags(task.id, tags) };
  }
  throw resourceNotFound(arn);
};

export const TagResource: Ecs["TagResource"] = async (input, context) => {
  const { tags, setTags } = await findTagged(input.resourceArn, context);
  await setTags(checkTags(input.tags, tags));
  return {};
};

export const UntagResource: Ecs["UntagResource"] = async (input, context) => {
  const { tags, setTags } = await findTagged(input.resourceArn, context);
  await setTags(tags.filter(({ key }) => !input.tagKeys.includes(key ?? "")));
  return {};
};

export const ListTagsForResource: Ecs["ListTagsForResource"] = async (input, context) => {
  const { tags } = await findTagged(input.resourceArn, context);
  return { tags: [...tags] };
};
