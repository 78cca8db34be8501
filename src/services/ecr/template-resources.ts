import { accepting, document, flag, replacing, resourceType, tagChanges, tags, text } from "../resource-type.ts";
import type { ResourceContext } from "../resource-type.ts";

type Call = ResourceContext["call"];

const attributesOf = async (call: Call, repositoryName: string) => {
  const { repositories } = await call("ecr", "DescribeRepositories", { repositoryNames: [repositoryName] });
  return { Arn: repositories?.[0]?.repositoryArn ?? "", RepositoryUri: repositories?.[0]?.repositoryUri ?? "" };
};

const setPolicy = async (call: Call, repositoryName: string, policy: object | undefined): Promise<void> => {
  if (policy === undefined)
    await accepting(call("ecr", "DeleteRepositoryPolicy", { repositoryName }), /^RepositoryPolicyNotFoundException$/);
  else await call("ecr", "SetRepositoryPolicy", { repositoryName, policyText: JSON.stringify(policy) });
};

const repository = resourceType({
  name: "AWS::ECR::Repository",
  properties: {
    EmptyOnDelete: flag(),
    ImageTagMutability: text(),
    RepositoryName: replacing(text()),
    RepositoryPolicyText: document(),
    Tags: tags(),
  },
  attributes: ["Arn", "RepositoryUri"],
  create: async ({ properties, isRepeated }, { call, name, created }) => {
    const repositoryName = properties.RepositoryName ?? name({ longest: 256, lowerCase: true });
    const imageTagMutability = properties.ImageTagMutability as "MUTABLE" | "IMMUTABLE" | undefined;
    const made = call("ecr", "CreateRepository", { repositoryName, imageTagMutability, tags: properties.Tags && [...properties.Tags] });
    await accepting(made, /^RepositoryAlreadyExistsException$/, isRepeated);
    await created(repositoryName);
    if (properties.RepositoryPolicyText) await setPolicy(call, repositoryName, properties.RepositoryPolicyText);
    return { physicalId: repositoryName, attributes: await attributesOf(call, repositoryName) };
  },
  update: async ({ properties }, { physicalId, properties: before }, { call }) => {
    const imageTagMutability = (properties.ImageTagMutability ?? "MUTABLE") as "MUTABLE" | "IMMUTABLE";
    await call("ecr", "PutImageTagMutability", { repositoryName: physicalId, imageTagMutability });
    await setPolicy(call, physicalId, properties.RepositoryPolicyText);
    const attributes = await attributesOf(call, physicalId);
    const { set, gone } = tagChanges(before.Tags, properties.Tags);
    if (gone.length > 0) await call("ecr", "UntagResource", { resourceArn: attributes.Arn, tagKeys: gone });
    if (set.length > 0) await call("ecr", "TagResource", { resourceArn: attributes.Arn, tags: set });
    return { physicalId, attributes };
  },
  remove: ({ physicalId, properties }, { call }) =>
    accepting(
      call("ecr", "DeleteRepository", { repositoryName: physicalId, force: properties.EmptyOnDelete ?? false }),
      /^RepositoryNotFoundException$/,
    ),
});

export const resourceTypes = [repository];
