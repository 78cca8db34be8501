import { maxPage } from "../limits.ts";
import { isDigest, mediaTypes, readManifest } from "../manifest.ts";
import { repositoryAt } from "../registry-names.ts";
import { digestInvalid, RegistryError } from "./errors.ts";
import { answerJson, repositoryIn } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";

/** How much was asked for, from behind what: `?n=100&last=name`. */
const pageOf = ({ query }: Exchange) => {
  const asked = query.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) throw new RegistryError("UNSUPPORTED", `invalid number of results: ${asked}`, 400);
  return { after: query.get("last") ?? "", limit: asked === null ? maxPage : Math.min(Number(asked), maxPage) };
};

const nextPage = (
  path: string,
  shown: readonly string[],
  { isMore, limit }: { isMore: boolean; limit: number },
): Record<string, string> => {
  const last = shown.at(-1);
  return isMore && last !== undefined ? { link: `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"` } : {};
};

export const listCatalog = async (exchange: Exchange): Promise<void> => {
  const { request, registry, bearer } = exchange;
  const { after, limit } = pageOf(exchange);
  const { account, region } = repositoryAt(request.headers.host ?? "", "");
  const found = await registry.repositories.list({ account: bearer?.account ?? account, region }, { after, limit: limit + 1 });
  const repositories = found.slice(0, limit).map(({ name }) => name);
  answerJson(exchange, { repositories }, nextPage("/v2/_catalog", repositories, { isMore: found.length > limit, limit }));
};

export const listTags = async (exchange: Exchange, name: string): Promise<void> => {
  const { after, limit } = pageOf(exchange);
  const found = await exchange.registry.images.listTags(await repositoryIn(exchange, name), { after, limit: limit + 1 });
  const tags = found.slice(0, limit).map(({ tag }) => tag);
  answerJson(exchange, { name, tags }, nextPage(`/v2/${name}/tags/list`, tags, { isMore: found.length > limit, limit }));
};

/** An index of the manifests whose `subject` this is: signatures, attestations. */
export const listReferrers = async (exchange: Exchange, { name, digest }: { name: string; digest: string }): Promise<void> => {
  if (!isDigest(digest)) throw digestInvalid(`invalid digest: ${digest}`);
  const wanted = exchange.query.get("artifactType");
  const found = await exchange.registry.images.referrers(await repositoryIn(exchange, name), digest);
  const manifests = found
    .filter(({ artifactType }) => wanted === null || artifactType === wanted)
    .map((image) => {
      const { annotations } = readManifest(image.manifest, image.mediaType);
      return {
        mediaType: image.mediaType,
        digest: image.digest,
        size: Buffer.byteLength(image.manifest),
        ...(image.artifactType === undefined ? {} : { artifactType: image.artifactType }),
        ...(annotations ? { annotations } : {}),
      };
    });
  answerJson(
    exchange,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    { "content-type": mediaTypes.ociIndex, ...(wanted === null ? {} : { "oci-filters-applied": "artifactType" }) },
  );
};
