import type { Ecr } from "./ecr.ts";
import { emptyUpload, invalidLayer, invalidLayerPart, layerAlreadyExists, layerNotFound, uploadNotFound } from "./faults.ts";
import { layerPartBytes, tokenLifeMs } from "./limits.ts";
import { isDigest } from "./manifest.ts";
import { findRepository } from "./repositories.ts";
import { joinParts } from "./uploads.ts";

const layerMediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export const BatchCheckLayerAvailability: Ecr["BatchCheckLayerAvailability"] = async (input, context) => {
  const repository = await findRepository(input, context);
  const valid = input.layerDigests.filter(isDigest);
  const found = new Map((await context.layers.present(repository, valid)).map((layer) => [layer.digest, layer]));
  return {
    layers: valid.map((layerDigest) => {
      const layer = found.get(layerDigest);
      return layer
        ? { layerDigest, layerAvailability: "AVAILABLE" as const, layerSize: layer.sizeBytes, mediaType: layerMediaType }
        : { layerDigest, layerAvailability: "UNAVAILABLE" as const };
    }),
    failures: input.layerDigests
      .filter((digest) => !isDigest(digest))
      .map((layerDigest) => ({
        layerDigest,
        failureCode: "InvalidLayerDigest" as const,
        failureReason: `Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'`,
      })),
  };
};

/** The address carries a password of its own, as a presigned one does. */
export const GetDownloadUrlForLayer: Ecr["GetDownloadUrlForLayer"] = async (input, context) => {
  const repository = await findRepository(input, context);
  if (!(await context.layers.find(repository, input.layerDigest))) throw layerNotFound(repository, input.layerDigest);
  const { account, region, name } = repository;
  const token = context.newId();
  await context.tokens.put(token, { account, arn: context.caller.arn, expiresAt: context.now + tokenLifeMs / 12 }, context.now);
  const path = `/v2/${account}.dkr.ecr.${region}/${name}/blobs/${input.layerDigest}`;
  return { downloadUrl: `${context.endpoint}${path}?token=${token}`, layerDigest: input.layerDigest };
};

export const InitiateLayerUpload: Ecr["InitiateLayerUpload"] = async (input, context) => {
  const repository = await findRepository(input, context);
  const uploadId = context.newId();
  await context.uploads.start(repository, uploadId, context.now);
  return { uploadId, partSize: layerPartBytes };
};

const findUpload = async (
  input: { uploadId: string; repositoryName: string; registryId?: string | undefined },
  context: Parameters<Ecr["UploadLayerPart"]>[1],
) => {
  const repository = await findRepository(input, context);
  const upload = await context.uploads.find(input.uploadId);
  if (!upload || upload.name !== repository.name || upload.account !== repository.account || upload.region !== repository.region)
    throw uploadNotFound(repository, input.uploadId);
  return { repository, upload };
};

export const UploadLayerPart: Ecr["UploadLayerPart"] = async (input, context) => {
  const { repository, upload } = await findUpload(input, context);
  const bytes = input.layerPartBlob;
  const wrong = () => invalidLayerPart(repository, upload.id, upload.sizeBytes);
  if (input.partFirstByte !== upload.sizeBytes || input.partLastByte - input.partFirstByte + 1 !== bytes.length) throw wrong();
  const { digest, sizeBytes } = await context.blobs.put(bytes);
  if (!(await context.uploads.addPart(upload.id, { firstByte: upload.sizeBytes, sizeBytes, digest }))) throw wrong();
  return { registryId: repository.account, repositoryName: repository.name, uploadId: upload.id, lastByteReceived: input.partLastByte };
};

export const CompleteLayerUpload: Ecr["CompleteLayerUpload"] = async (input, context) => {
  const { repository, upload } = await findUpload(input, context);
  if (upload.parts.length === 0) throw emptyUpload(repository, upload.id);
  const layer = await joinParts(upload, context.blobs);
  const [wanted = ""] = input.layerDigests;
  if (layer.digest !== wanted) {
    await context.uploads.drop(upload.id);
    throw invalidLayer(wanted, layer.digest);
  }
  if (await context.layers.find(repository, layer.digest)) throw layerAlreadyExists(repository, layer.digest);
  await context.uploads.complete(upload, layer, context.now);
  return { registryId: repository.account, repositoryName: repository.name, uploadId: upload.id, layerDigest: layer.digest };
};
