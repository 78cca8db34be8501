import { Fault } from "#wire/fault.ts";
import type { InputOf } from "#wire/operation.ts";
import { accepting, list, replacing, resourceType, struct, tagChanges, tags, text } from "../resource-type.ts";
import type { JsonMembers, JsonValue, Properties, ResourceContext, Shape } from "../resource-type.ts";
import { taskDefinitionProperties } from "./task-definition-properties.ts";

type Tag = { readonly Key: string; readonly Value: string };

const ecsTags = (wanted: readonly Tag[] = []) => wanted.map(({ Key, Value }) => ({ key: Key, value: Value }));

/** A template's `ContainerDefinitions` is the operation's `containerDefinitions`; keys of maps, such as labels, are the user's own and stay. */
const inCamelCase = (value: JsonValue, shape: Shape): JsonValue => {
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item: JsonValue) => inCamelCase(item, shape.of));
  if (shape.kind !== "object" || typeof value !== "object" || value === null) return value;
  return membersInCamelCase(value as JsonMembers, shape.members);
};

const membersInCamelCase = (value: JsonMembers, declared: Properties): JsonMembers =>
  Object.fromEntries(
    Object.entries(value).map(([name, child]) => {
      const shape = declared[name]?.shape;
      return [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, shape === undefined ? child : inCamelCase(child, shape)];
    }),
  );

const setTags = async (
  call: ResourceContext["call"],
  resourceArn: string,
  tagLists: [readonly Tag[] | undefined, readonly Tag[] | undefined],
) => {
  const { set, gone } = tagChanges(...tagLists);
  if (gone.length > 0) await call("ecs", "UntagResource", { resourceArn, tagKeys: gone });
  if (set.length > 0) await call("ecs", "TagResource", { resourceArn, tags: ecsTags(set) });
};

const cluster = resourceType({
  name: "AWS::ECS::Cluster",
  properties: {
    CapacityProviders: replacing(list(text())),
    ClusterName: replacing(text()),
    ClusterSettings: replacing(list(struct({ Name: text(), Value: text() }))),
    Tags: tags(),
  },
  attributes: ["Arn"],
  create: async ({ properties, isRepeated }, { call, name, created }) => {
    const clusterName = properties.ClusterName ?? name({ longest: 255 });
    // CreateCluster answers with a cluster that is there; a template may not take it over.
    const { clusters = [] } = await call("ecs", "DescribeClusters", { clusters: [clusterName] });
    if (!isRepeated && clusters.some(({ status }) => status === "ACTIVE"))
      throw new Fault(
        "AlreadyExistsException",
        `Resource of type 'AWS::ECS::Cluster' with identifier '${clusterName}' already exists.`,
        400,
      );
    const answer = await call("ecs", "CreateCluster", {
      clusterName,
      capacityProviders: properties.CapacityProviders && [...properties.CapacityProviders],
      settings: properties.ClusterSettings?.map(({ Name, Value }) => ({ name: Name as "containerInsights", value: Value })),
      tags: ecsTags(properties.Tags),
    });
    await created(clusterName);
    return { physicalId: clusterName, attributes: { Arn: answer.cluster?.clusterArn ?? "" } };
  },
  update: async ({ properties }, { physicalId, properties: before, attributes }, { call }) => {
    await setTags(call, String(attributes["Arn"]), [before.Tags, properties.Tags]);
    return { physicalId, attributes };
  },
  remove: ({ physicalId }, { call }) => accepting(call("ecs", "DeleteCluster", { cluster: physicalId }), /^ClusterNotFoundException$/),
});

const taskDefinition = resourceType({
  name: "AWS::ECS::TaskDefinition",
  properties: taskDefinitionProperties,
  attributes: ["TaskDefinitionArn"],
  create: async ({ properties }, { call, name }) => {
    const { Tags, ...own } = properties;
    const family = properties.Family ?? name({ longest: 255 });
    const members = membersInCamelCase(own, taskDefinitionProperties);
    const input = { containerDefinitions: [], ...members, family, tags: ecsTags(Tags) };
    const answer = await call("ecs", "RegisterTaskDefinition", input as unknown as InputOf<"ecs", "RegisterTaskDefinition">);
    const arn = answer.taskDefinition?.taskDefinitionArn ?? "";
    return { physicalId: arn, attributes: { TaskDefinitionArn: arn } };
  },
  update: async ({ properties }, { physicalId, properties: before, attributes }, { call }) => {
    await setTags(call, physicalId, [before.Tags, properties.Tags]);
    return { physicalId, attributes };
  },
  remove: ({ physicalId }, { call }) =>
    accepting(call("ecs", "DeregisterTaskDefinition", { taskDefinition: physicalId }), /^(ClientException|InvalidParameterException)$/),
});

export const resourceTypes = [cluster, taskDefinition];
