import type { Ecr, EcrContext, Image, Repository } from "./ecr.ts";
import { imageNotFound, invalidParameter } from "./faults.ts";
import { imageFact } from "./image-facts.ts";
import type { Reference, Tagged } from "./image-rows.ts";
import { isDigest } from "./manifest.ts";
import { maxBatch } from "./limits.ts";
import { nextToken, pageLimit, readToken } from "./paging.ts";
import { findRepository } from "./repositories.ts";

type ImageId = { imageDigest?: string | undefined; imageTag?: string | undefined };
type FailureCode =
  | "ImageNotFound"
  | "MissingDigestAndTag"
  | "InvalidImageDigest"
  | "ImageTagDoesNotMatchDigest"
  | "ImageReferencedByManifestList";
type Failure = { imageId: ImageId; failureCode: FailureCode; failureReason: string };

const failure = (imageId: ImageId, failureCode: FailureCode, failureReason: string): Failure => ({ imageId, failureCode, failureReason });

const referenceOf = (id: ImageId): Reference => (id.imageDigest === undefined ? { tag: id.imageTag ?? "" } : { digest: id.imageDigest });

/** The image that an id means, or what is wrong with the id. */
const findImage = async (repository: Repository, id: ImageId, { images }: EcrContext): Promise<Image | Failure> => {
  const { imageDigest, imageTag } = id;
  if (imageDigest === undefined && imageTag === undefined)
    return failure(id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null");
  if (imageDigest !== undefined && !isDigest(imageDigest))
    return failure(
      id,
      "InvalidImageDigest",
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    );
  const image = await images.find(repository, referenceOf(id));
  if (!image) return failure(id, "ImageNotFound", "Requested image not found");
  if (imageDigest !== undefined && imageTag !== undefined && !(await images.tagsOf(repository, image.digest)).includes(imageTag))
    return failure(id, "ImageTagDoesNotMatchDigest", `The image tag '${imageTag}' does not match the image digest '${imageDigest}'`);
  return image;
};

export const DescribeImages: Ecr["DescribeImages"] = async (input, context) => {
  const repository = await findRepository(input, context);
  if (input.imageIds && input.imageIds.length > 0) {
    const described = await Promise.all(input.imageIds.map((id) => describeOne(repository, id, context)));
    const unique = new Map(described.map((each) => [each.image.digest, each]));
    return { imageDetails: [...unique.values()].map((each) => detailsOf(repository, each)) };
  }
  const limit = pageLimit(input.maxResults);
  const page = await context.images.list(repository, { after: readToken(input.nextToken), limit: limit + 1 });
  const shown = page.slice(0, limit).filter(({ tags }) => hasTagStatus(input.filter?.tagStatus, tags.length > 0));
  return { imageDetails: shown.map((each) => detailsOf(repository, each)), ...nextToken(page, limit, ({ image }) => image.digest) };
};

const describeOne = async (repository: Repository, id: ImageId, context: EcrContext): Promise<Tagged> => {
  const found = await findImage(repository, id, context);
  if (!("failureCode" in found)) return { image: found, tags: await context.images.tagsOf(repository, found.digest) };
  if (found.failureCode === "MissingDigestAndTag" || found.failureCode === "InvalidImageDigest")
    throw invalidParameter(found.failureReason);
  throw imageNotFound(repository, id);
};

const hasTagStatus = (wanted: string | undefined, isTagged: boolean): boolean =>
  wanted === undefined || wanted === "ANY" || (wanted === "TAGGED") === isTagged;

const detailsOf = ({ account, name }: Repository, { image, tags }: Tagged) => ({
  registryId: account,
  repositoryName: name,
  imageDigest: image.digest,
  ...(tags.length > 0 ? { imageTags: [...tags] } : {}),
  imageSizeInBytes: image.sizeBytes,
  imagePushedAt: new Date(image.pushedAt),
  imageManifestMediaType: image.mediaType,
  ...(image.artifactType === undefined ? {} : { artifactMediaType: image.artifactType }),
});

export const ListImages: Ecr["ListImages"] = async (input, context) => {
  const repository = await findRepository(input, context);
  const limit = pageLimit(input.maxResults);
  const page = await context.images.list(repository, { after: readToken(input.nextToken), limit: limit + 1 });
  const imageIds = page.slice(0, limit).flatMap(({ image, tags }): ImageId[] => {
    if (!hasTagStatus(input.filter?.tagStatus, tags.length > 0)) return [];
    if (tags.length === 0) return [{ imageDigest: image.digest }];
    return tags.map((imageTag) => ({ imageDigest: image.digest, imageTag }));
  });
  return { imageIds, ...nextToken(page, limit, ({ image }) => image.digest) };
};

const checkIds = (ids: readonly ImageId[]): void => {
  if (ids.length < 1 || ids.length > maxBatch)
    throw invalidParameter(`Invalid parameter at 'imageIds' failed to satisfy constraint: 'must have length between 1 and ${maxBatch}'`);
};

export const BatchGetImage: Ecr["BatchGetImage"] = async (input, context) => {
  const repository = await findRepository(input, context);
  checkIds(input.imageIds);
  const found = await Promise.all(input.imageIds.map(async (id) => ({ id, image: await findImage(repository, id, context) })));
  const images = found.flatMap(({ id, image }) =>
    "failureCode" in image
      ? []
      : [
          {
            registryId: repository.account,
            repositoryName: repository.name,
            imageId: { imageDigest: image.digest, ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
            imageManifest: image.manifest,
            imageManifestMediaType: image.mediaType,
          },
        ],
  );
  return { images, failures: found.flatMap(({ image }) => ("failureCode" in image ? [image] : [])) };
};

export const BatchDeleteImage: Ecr["BatchDeleteImage"] = async (input, context) => {
  const repository = await findRepository(input, context);
  checkIds(input.imageIds);
  const imageIds: ImageId[] = [];
  const failures: Failure[] = [];
  for (const id of input.imageIds) {
    const outcome = await deleteOne(repository, id, context);
    if ("failureCode" in outcome) failures.push(outcome);
    else imageIds.push(...outcome.deleted);
  }
  return { imageIds, failures };
};

/** A tag alone takes the tag away, and the image with the last one; a digest takes the image with all of its tags. */
const deleteOne = async (repository: Repository, id: ImageId, context: EcrContext): Promise<Failure | { deleted: ImageId[] }> => {
  const { images, now } = context;
  const image = await findImage(repository, id, context);
  if ("failureCode" in image) return image;
  const tags = await images.tagsOf(repository, image.digest);
  const fact = (tag: string | undefined) => imageFact(repository, { image, tag, action: "DELETE", now });
  if (id.imageTag !== undefined && (tags.length > 1 || id.imageDigest !== undefined)) {
    await images.removeTag(repository, id.imageTag, [fact(id.imageTag)]);
    if (tags.length > 1) return { deleted: [{ imageDigest: image.digest, imageTag: id.imageTag }] };
  }
  const index = await images.indexOf(repository, image.digest);
  if (index !== undefined) return failure(id, "ImageReferencedByManifestList", `Requested image referenced by manifest list: [${index}]`);
  await images.remove(repository, image.digest, tags.length > 0 ? tags.map(fact) : [fact(undefined)]);
  return { deleted: tags.length > 0 ? tags.map((imageTag) => ({ imageDigest: image.digest, imageTag })) : [{ imageDigest: image.digest }] };
};
