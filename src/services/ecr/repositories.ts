import type { Ecr, EcrContext, Repository, RepositoryKey } from "./ecr.ts";
import { invalidParameter, repositoryAlreadyExists, repositoryNotEmpty, repositoryNotFound } from "./faults.ts";
import { nextToken, pageLimit, readToken } from "./paging.ts";
import { namePattern } from "./registry-names.ts";
import { checkTags } from "./repository-tags.ts";

type Named = { repositoryName: string; registryId?: string | undefined };

const keyOf = ({ repositoryName, registryId }: Named, { account, region }: Pick<EcrContext, "account" | "region">): RepositoryKey => ({
  account: registryId ?? account,
  region,
  name: repositoryName,
});

/** @throws Fault `RepositoryNotFoundException` */
export const findRepository = async (input: Named, context: EcrContext): Promise<Repository> => {
  const key = keyOf(input, context);
  const repository = await context.repositories.find(key);
  if (!repository) throw repositoryNotFound(key);
  return repository;
};

export const CreateRepository: Ecr["CreateRepository"] = async (input, context) => {
  const key = keyOf(input, context);
  checkName(key.name);
  if (input.imageTagMutability && !["MUTABLE", "IMMUTABLE"].includes(input.imageTagMutability))
    throw invalidParameter(`Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'must be MUTABLE or IMMUTABLE'`);
  const encryption = input.encryptionConfiguration;
  const repository: Repository = {
    ...key,
    createdAt: context.now,
    tagMutability: input.imageTagMutability === "IMMUTABLE" ? "IMMUTABLE" : "MUTABLE",
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption:
      encryption?.encryptionType === "KMS"
        ? { encryptionType: "KMS", ...(encryption.kmsKey ? { kmsKey: encryption.kmsKey } : {}) }
        : { encryptionType: "AES256" },
    policy: undefined,
    tags: checkTags(input.tags ?? []),
  };
  if (!(await context.repositories.add(repository))) throw repositoryAlreadyExists(key);
  return { repository: await describe(repository, context) };
};

const checkName = (name: string): void => {
  if (name.length < 2 || name.length > 256)
    throw invalidParameter(`Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length between 2 and 256'`);
  if (!namePattern.test(name))
    throw invalidParameter(
      `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '${namePattern.source.slice(1, -1).replaceAll("\\/", "/")}''`,
    );
};

export const DescribeRepositories: Ecr["DescribeRepositories"] = async (input, context) => {
  const registry = { account: input.registryId ?? context.account, region: context.region };
  if (input.repositoryNames) {
    const found = await Promise.all(
      input.repositoryNames.map((repositoryName) => findRepository({ repositoryName, registryId: registry.account }, context)),
    );
    return { repositories: await Promise.all(found.map((each) => describe(each, context))) };
  }
  const limit = pageLimit(input.maxResults);
  const page = await context.repositories.list(registry, { after: readToken(input.nextToken), limit: limit + 1 });
  const shown = page.slice(0, limit);
  return { repositories: await Promise.all(shown.map((each) => describe(each, context))), ...nextToken(page, limit, ({ name }) => name) };
};

export const DeleteRepository: Ecr["DeleteRepository"] = async (input, context) => {
  const repository = await findRepository(input, context);
  const outcome = await context.repositories.remove(repository, { force: input.force ?? false });
  if (outcome === "not empty") throw repositoryNotEmpty(repository);
  return { repository: await describe(repository, context) };
};

export const PutImageTagMutability: Ecr["PutImageTagMutability"] = async (input, context) => {
  const { account, name, ...repository } = await findRepository(input, context);
  const tagMutability = input.imageTagMutability === "IMMUTABLE" ? "IMMUTABLE" : "MUTABLE";
  if (input.imageTagMutability !== tagMutability)
    throw invalidParameter(`Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'must be MUTABLE or IMMUTABLE'`);
  await context.repositories.change({ ...repository, account, name }, { tagMutability });
  return { registryId: account, repositoryName: name, imageTagMutability: tagMutability };
};

export const arnOf = ({ account, region, name }: RepositoryKey): string => `arn:aws:ecr:${region}:${account}:repository/${name}`;

const uriOf = async (key: RepositoryKey, { host }: Pick<EcrContext, "host">): Promise<string> =>
  `${await host(key.account, key.region)}/${key.name}`;

const describe = async (repository: Repository, context: Pick<EcrContext, "host">) => ({
  repositoryArn: arnOf(repository),
  registryId: repository.account,
  repositoryName: repository.name,
  repositoryUri: await uriOf(repository, context),
  createdAt: new Date(repository.createdAt),
  imageTagMutability: repository.tagMutability,
  imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
  encryptionConfiguration: repository.encryption,
});
