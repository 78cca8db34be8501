import { accepting, integer, replacing, resourceType, tagChanges, tagMap, tags, text } from "../resource-type.ts";
import type { ResourceContext } from "../resource-type.ts";

const setRetention = async (call: ResourceContext["call"], logGroupName: string, retentionInDays: number | undefined): Promise<void> => {
  if (retentionInDays === undefined) await call("logs", "DeleteRetentionPolicy", { logGroupName });
  else await call("logs", "PutRetentionPolicy", { logGroupName, retentionInDays });
};

const arnOf = (name: string, { region, accountId }: ResourceContext) => `arn:aws:logs:${region}:${accountId}:log-group:${name}`;

const logGroup = resourceType({
  name: "AWS::Logs::LogGroup",
  properties: { LogGroupName: replacing(text()), RetentionInDays: integer(), Tags: tags() },
  attributes: ["Arn"],
  create: async ({ properties, isRepeated }, context) => {
    const name = properties.LogGroupName ?? context.name({ longest: 512 });
    const made = context.call("logs", "CreateLogGroup", { logGroupName: name, tags: properties.Tags && tagMap(properties.Tags) });
    await accepting(made, /^ResourceAlreadyExistsException$/, isRepeated);
    await context.created(name);
    if (properties.RetentionInDays !== undefined) await setRetention(context.call, name, properties.RetentionInDays);
    return { physicalId: name, attributes: { Arn: `${arnOf(name, context)}:*` } };
  },
  update: async ({ properties }, { physicalId, properties: before, attributes }, context) => {
    await setRetention(context.call, physicalId, properties.RetentionInDays);
    const { set, gone } = tagChanges(before.Tags, properties.Tags);
    const resourceArn = arnOf(physicalId, context);
    if (gone.length > 0) await context.call("logs", "UntagResource", { resourceArn, tagKeys: gone });
    if (set.length > 0) await context.call("logs", "TagResource", { resourceArn, tags: tagMap(set) });
    return { physicalId, attributes };
  },
  remove: ({ physicalId }, { call }) =>
    accepting(call("logs", "DeleteLogGroup", { logGroupName: physicalId }), /^ResourceNotFoundException$/),
});

export const resourceTypes = [logGroup];
