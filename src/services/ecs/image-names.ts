/** An image of our own registry, as its names say. */
export type OwnImage = { account: string; region: string; repository: string; tag?: string; digest?: string };

const accountHost = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)(?:\.(?:amazonaws\.com(?:\.cn)?|localhost(?:\.localstack\.cloud)?)(?::\d+)?)?$/;

type Home = { account: string; region: string; port: string };

/**
 * Reads an image's name when it is one of ours: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, the same below `localhost`, or
 * `localhost:<our port>/<repository>` with or without the account's folder. `home` is what the last leaves open.
 */
export const parseOwnImage = (name: string, home: Home): OwnImage | undefined => {
  const slash = name.indexOf("/");
  if (slash < 0) return undefined;
  const host = name.slice(0, slash);
  const rest = name.slice(slash + 1);
  const [, account, region] = accountHost.exec(host) ?? [];
  if (account !== undefined && region !== undefined) return { account, region, ...referenceOf(rest) };
  if (host !== `localhost:${home.port}` && host !== `127.0.0.1:${home.port}`) return undefined;
  const [, folderAccount, folderRegion, inner] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\/(.+)$/.exec(rest) ?? [];
  return folderAccount !== undefined && folderRegion !== undefined && inner !== undefined
    ? { account: folderAccount, region: folderRegion, ...referenceOf(inner) }
    : { account: home.account, region: home.region, ...referenceOf(rest) };
};

const referenceOf = (text: string): { repository: string; tag?: string; digest?: string } => {
  const [name = "", digest] = text.split("@");
  const colon = name.lastIndexOf(":");
  const repository = colon < 0 ? name : name.slice(0, colon);
  if (digest !== undefined) return { repository, digest };
  return { repository, tag: colon < 0 ? "latest" : name.slice(colon + 1) };
};
