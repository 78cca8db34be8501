import type { Readable } from "node:stream";
import { imageFact } from "../image-facts.ts";
import type { Reference } from "../image-rows.ts";
import { maxManifestBytes } from "../limits.ts";
import { isDigest } from "../manifest.ts";
import { pushManifest } from "../put-image.ts";
import { manifestUnknown, RegistryError } from "./errors.ts";
import { answer, keyAt, repositoryForPush, repositoryIn } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";

type ManifestRoute = { name: string; reference: string };

const referenceOf = (reference: string): Reference => (reference.includes(":") ? { digest: reference } : { tag: reference });

/** Whether the repository is there is only asked when the image is not: most are. */
const find = async (exchange: Exchange, name: string, reference: string) => {
  const image = await exchange.registry.images.find(keyAt(exchange, name), referenceOf(reference));
  if (image) return image;
  const repository = await repositoryIn(exchange, name);
  throw manifestUnknown(`Requested image not found: ${repository.name}${reference.includes(":") ? "@" : ":"}${reference}`);
};

export const getManifest = async (exchange: Exchange, { name, reference }: ManifestRoute): Promise<void> => {
  const { request, method } = exchange;
  const image = await find(exchange, name, reference);
  const headers = { "content-type": image.mediaType, "docker-content-digest": image.digest, etag: `"${image.digest}"` };
  if (request.headers["if-none-match"] === headers.etag) return answer(exchange, 304, headers);
  if (method === "HEAD") return answer(exchange, 200, { ...headers, "content-length": Buffer.byteLength(image.manifest) });
  answer(exchange, 200, headers, image.manifest);
};

export const putManifest = async (exchange: Exchange, { name, reference }: ManifestRoute): Promise<void> => {
  const { request, registry } = exchange;
  if (reference.includes(":") && !isDigest(reference)) throw new RegistryError("DIGEST_INVALID", `invalid digest: ${reference}`, 400);
  const manifest = await readText(request);
  const key = await repositoryForPush(exchange, name);
  const repository = await repositoryIn(exchange, name);
  const { image } = await pushManifest({ ...repository, ...key }, registry, {
    manifest,
    mediaType: request.headers["content-type"],
    tag: reference.includes(":") ? undefined : reference,
    digest: reference.includes(":") ? reference : undefined,
    now: registry.now(),
  });
  answer(exchange, 201, {
    location: `/v2/${name}/manifests/${image.digest}`,
    "docker-content-digest": image.digest,
    ...(image.subject === undefined ? {} : { "oci-subject": image.subject }),
  });
};

/** By tag: the tag goes. By digest: the image, unless an index names it. */
export const deleteManifest = async (exchange: Exchange, { name, reference }: ManifestRoute): Promise<void> => {
  const { images, now } = exchange.registry;
  const repository = await repositoryIn(exchange, name);
  const image = await find(exchange, name, reference);
  const fact = (tag: string | undefined) => imageFact(repository, { image, tag, action: "DELETE", now: now() });
  if (!reference.includes(":")) await images.removeTag(repository, reference, [fact(reference)]);
  else {
    const index = await images.indexOf(repository, image.digest);
    if (index !== undefined) throw new RegistryError("DENIED", `Requested image referenced by manifest list: [${index}]`, 403);
    const tags = await images.tagsOf(repository, image.digest);
    await images.remove(repository, image.digest, tags.length > 0 ? tags.map(fact) : [fact(undefined)]);
  }
  answer(exchange, 202);
};

const readText = async (body: Readable): Promise<string> => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxManifestBytes) throw new RegistryError("SIZE_INVALID", `A manifest has at most ${maxManifestBytes} bytes.`, 413);
  }
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString("utf8");
  // A digest is of bytes: what is no UTF-8 would come back as others.
  if (!Buffer.from(text, "utf8").equals(bytes)) throw new RegistryError("MANIFEST_INVALID", "The manifest is no UTF-8.", 400);
  return text;
};
