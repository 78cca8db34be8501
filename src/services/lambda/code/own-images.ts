/** An image of our own registry, by the name that a function gives for it. */
export type OwnImage = { account: string; region: string; repository: string; tag: string | undefined; digest: string | undefined };

const ownHost =
  /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|localhost(?:\.localstack\.cloud)?)(?::\d+)?\/([^@:]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;
/** The same behind this machine's port, as `docker push` names it. */
const ownPort = /^(?:localhost|127\.0\.0\.1):\d+\/(?:(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\/)([^@:]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;

export const parseOwnImage = (uri: string): OwnImage | undefined => {
  const [, account, region, repository, tag, digest] = ownHost.exec(uri) ?? ownPort.exec(uri) ?? [];
  if (account === undefined || region === undefined || repository === undefined) return undefined;
  return { account, region, repository, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
};

/** The name by which the engine asks our registry for the image; a digest, so that the function's code stays what it was. */
export const pullName = ({ account, region, repository }: OwnImage, digest: string, port: string): string =>
  `127.0.0.1:${port}/${account}.dkr.ecr.${region}/${repository}@${digest}`;
