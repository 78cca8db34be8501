import type { Ecr } from "./ecr.ts";
import { invalidParameter, repositoryPolicyNotFound } from "./faults.ts";
import { findRepository } from "./repositories.ts";

export const SetRepositoryPolicy: Ecr["SetRepositoryPolicy"] = async (input, context) => {
  const repository = await findRepository(input, context);
  if (!isPolicy(input.policyText))
    throw invalidParameter(`Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'`);
  await context.repositories.change(repository, { policy: input.policyText });
  return { registryId: repository.account, repositoryName: repository.name, policyText: input.policyText };
};

export const GetRepositoryPolicy: Ecr["GetRepositoryPolicy"] = async (input, context) => {
  const repository = await findRepository(input, context);
  if (repository.policy === undefined) throw repositoryPolicyNotFound(repository);
  return { registryId: repository.account, repositoryName: repository.name, policyText: repository.policy };
};

export const DeleteRepositoryPolicy: Ecr["DeleteRepositoryPolicy"] = async (input, context) => {
  const repository = await findRepository(input, context);
  if (repository.policy === undefined) throw repositoryPolicyNotFound(repository);
  await context.repositories.change(repository, { policy: undefined });
  return { registryId: repository.account, repositoryName: repository.name, policyText: repository.policy };
};

const isPolicy = (text: string): boolean => {
  try {
    const policy = JSON.parse(text) as { Statement?: unknown } | null;
    return typeof policy === "object" && policy !== null && typeof policy.Statement === "object" && policy.Statement !== null;
  } catch {
    return false;
  }
};
