import { lookup } from "node:dns/promises";
import { defaultAccount, defaultRegion } from "#wire/identity.ts";
import type { RepositoryKey } from "./ecr.ts";

/** What clients put before a repository's name to reach an account's registry: host, port and, where need be, a folder. */
export type RegistryHost = (account: string, region: string) => Promise<string>;

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const namePattern = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

const ownName = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)$/;
const ownHost = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\./;

/**
 * Reads which repository a path of the distribution API names. The account and region are in the host (`<account>.dkr.ecr.<region>.amazonaws.com`), or lead
 * the name (`localhost:4566/<account>.dkr.ecr.<region>/<name>`), or are the default ones.
 */
export const repositoryAt = (host: string, name: string): RepositoryKey => {
  const [, account, region] = ownHost.exec(host) ?? [];
  if (account !== undefined && region !== undefined) return { account, region, name };
  const slash = name.indexOf("/");
  const [, leadingAccount, leadingRegion] = slash < 0 ? [] : (ownName.exec(name.slice(0, slash)) ?? []);
  return leadingAccount !== undefined && leadingRegion !== undefined
    ? { account: leadingAccount, region: leadingRegion, name: name.slice(slash + 1) }
    : { account: defaultAccount, region: defaultRegion, name };
};

const lookupMs = 500;

/**
 * `<account>.dkr.ecr.<region>.localhost:4566` where this machine's resolver knows names below `localhost`; elsewhere container engines could not reach that, so
 * the address is `localhost:4566` for the default account and region and `localhost:4566/<account>.dkr.ecr.<region>` for others.
 */
export const newRegistryHost = (endpoint: () => string): RegistryHost => {
  let resolves: Promise<boolean> | undefined;
  return async (account, region) => {
    const { port } = new URL(endpoint());
    const name = `${account}.dkr.ecr.${region}`;
    resolves ??= resolvesHere(`${name}.localhost`);
    if (await resolves) return `${name}.localhost:${port}`;
    return account === defaultAccount && region === defaultRegion ? `localhost:${port}` : `localhost:${port}/${name}`;
  };
};

const resolvesHere = async (name: string): Promise<boolean> => {
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), lookupMs).unref());
  const found = lookup(name).then(
    ({ address }) => address === "::1" || address.startsWith("127."),
    () => false,
  );
  return Promise.race([found, late]);
};
