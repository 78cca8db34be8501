import type { Ecr, Image, Registry, Repository } from "./ecr.ts";
import {
  imageAlreadyExists,
  imageDigestDoesNotMatch,
  imageTagAlreadyExists,
  invalidParameter,
  layersNotFound,
  referencedImagesNotFound,
} from "./faults.ts";
import { imageFact } from "./image-facts.ts";
import type { Pushed } from "./image-rows.ts";
import { maxManifestBytes } from "./limits.ts";
import { readManifest } from "./manifest.ts";
import { findRepository } from "./repositories.ts";

const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/;

export const PutImage: Ecr["PutImage"] = async (input, context) => {
  const repository = await findRepository(input, context);
  const { image, outcome } = await pushManifest(repository, context, {
    manifest: input.imageManifest,
    mediaType: input.imageManifestMediaType,
    tag: input.imageTag,
    digest: input.imageDigest,
    now: context.now,
  });
  if (outcome === "already there") throw imageAlreadyExists(repository, image.digest, input.imageTag);
  const imageId = { imageDigest: image.digest, ...(input.imageTag === undefined ? {} : { imageTag: input.imageTag }) };
  return {
    image: {
      registryId: repository.account,
      repositoryName: repository.name,
      imageId,
      imageManifest: image.manifest,
      imageManifestMediaType: image.mediaType,
    },
  };
};

export type ManifestPush = {
  manifest: string;
  mediaType: string | undefined;
  tag: string | undefined;
  digest: string | undefined;
  now: number;
};

/** Checks a manifest and what it names, and makes it an image of the repository: for PutImage and the distribution API alike. */
export const pushManifest = async (
  repository: Repository,
  registry: Pick<Registry, "images" | "layers">,
  { manifest, mediaType, tag, digest, now }: ManifestPush,
): Promise<{ image: Image; outcome: Exclude<Pushed, "tag taken"> }> => {
  if (Buffer.byteLength(manifest) > maxManifestBytes)
    throw invalidParameter(
      `Invalid parameter at 'imageManifest' failed to satisfy constraint: 'must have at most ${maxManifestBytes} bytes'`,
    );
  if (tag !== undefined && !tagPattern.test(tag))
    throw invalidParameter(
      `Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}''`,
    );
  const read = readManifest(manifest, mediaType);
  if (digest !== undefined && digest !== read.digest) throw imageDigestDoesNotMatch(digest, read.digest);
  const wanted = [...new Set(read.layers.map((layer) => layer.digest))];
  const there = new Map((await registry.layers.present(repository, wanted)).map((layer) => [layer.digest, layer]));
  const missing = wanted.filter((each) => !there.has(each));
  if (missing.length > 0) throw layersNotFound(repository, missing);
  const images = new Set(await registry.images.present(repository, read.images));
  const missingImages = read.images.filter((each) => !images.has(each));
  if (missingImages.length > 0) throw referencedImagesNotFound(repository, missingImages);
  const image: Image = {
    digest: read.digest,
    mediaType: read.mediaType,
    artifactType: read.artifactType,
    manifest,
    sizeBytes: read.layers.reduce((sum, layer) => sum + (there.get(layer.digest)?.sizeBytes ?? 0), 0),
    subject: read.subject,
    pushedAt: now,
  };
  const outcome = await registry.images.push(repository, {
    image,
    parts: [...wanted, ...read.images],
    tag,
    mayMoveTag: repository.tagMutability === "MUTABLE",
    facts: [imageFact(repository, { image, tag, action: "PUSH", now })],
  });
  if (outcome === "tag taken") throw imageTagAlreadyExists(repository, tag ?? "");
  return { image, outcome };
};
