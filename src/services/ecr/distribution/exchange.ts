import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "#wire/context.ts";
import type { Registry, Repository, RepositoryKey } from "../ecr.ts";
import { repositoryNotFound } from "../faults.ts";
import { namePattern, repositoryAt } from "../registry-names.ts";
import { RegistryError } from "./errors.ts";

export type Distribution = Registry & { auth: boolean; now: () => number; newId: () => string; log: Log };

/** One request to the distribution API, and what its answer is made of. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  registry: Distribution;
  method: string;
  query: URLSearchParams;
  /** Whom the password stands for; undefined where none is asked for. */
  bearer: { account: string; arn: string } | undefined;
};

/** Says which repository a name in a path is, when the bearer may see it. */
export const keyAt = ({ request, bearer }: Exchange, name: string): RepositoryKey => {
  const key = repositoryAt(request.headers.host ?? "", name);
  if (!namePattern.test(key.name) || key.name.length > 256)
    throw new RegistryError("NAME_INVALID", `invalid repository name: ${key.name}`, 400);
  if (bearer && bearer.account !== key.account)
    throw new RegistryError("DENIED", `${bearer.arn} is not authorized to use the registry with id '${key.account}'`, 403);
  return key;
};

/** @throws Fault `RepositoryNotFoundException` */
export const repositoryIn = async (exchange: Exchange, name: string): Promise<Repository> => {
  const key = keyAt(exchange, name);
  const repository = await exchange.registry.repositories.find(key);
  if (!repository) throw repositoryNotFound(key);
  return repository;
};

/** For a push: without authentication a repository is made by the first push to it, as local registries do. */
export const repositoryForPush = async (exchange: Exchange, name: string): Promise<RepositoryKey> => {
  const { registry } = exchange;
  const key = keyAt(exchange, name);
  if (await registry.repositories.find(key)) return key;
  if (registry.auth) throw repositoryNotFound(key);
  await registry.repositories.add({
    ...key,
    createdAt: registry.now(),
    tagMutability: "MUTABLE",
    scanOnPush: false,
    encryption: { encryptionType: "AES256" },
    policy: undefined,
    tags: {},
  });
  return key;
};

export const answer = ({ response }: Exchange, status: number, headers: Record<string, string | number> = {}, body?: string): void => {
  const length =
    body === undefined
      ? status === 204
        ? {}
        : { "content-length": headers["content-length"] ?? 0 }
      : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { "docker-distribution-api-version": "registry/2.0", ...headers, ...length });
  response.end(body);
};

export const answerJson = (exchange: Exchange, value: unknown, headers: Record<string, string> = {}): void =>
  answer(exchange, 200, { "content-type": "application/json", ...headers }, JSON.stringify(value));
