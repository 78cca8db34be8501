import { Fault } from "#wire/fault.ts";
import type { RepositoryKey } from "./ecr.ts";

const inRegistry = ({ name, account }: RepositoryKey) => `with name '${name}' in the registry with id '${account}'`;

export const invalidParameter = (message: string) => new Fault("InvalidParameterException", message);

export const repositoryNotFound = ({ name, account }: RepositoryKey) =>
  new Fault("RepositoryNotFoundException", `The repository with name '${name}' does not exist in the registry with id '${account}'`);

export const repositoryAlreadyExists = ({ name, account }: RepositoryKey) =>
  new Fault("RepositoryAlreadyExistsException", `The repository with name '${name}' already exists in the registry with id '${account}'`);

export const repositoryNotEmpty = ({ name, account }: RepositoryKey) =>
  new Fault(
    "RepositoryNotEmptyException",
    `The repository with name '${name}' in registry with id '${account}' cannot be deleted because it still contains images`,
  );

export const repositoryPolicyNotFound = ({ name, account }: RepositoryKey) =>
  new Fault(
    "RepositoryPolicyNotFoundException",
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );

export const imageNotFound = (key: RepositoryKey, id: { imageDigest?: string | undefined; imageTag?: string | undefined }) =>
  new Fault(
    "ImageNotFoundException",
    `The image with imageId {imageDigest:'${id.imageDigest ?? "null"}', imageTag:'${id.imageTag ?? "null"}'} does not exist within the repository ${inRegistry(key)}`,
  );

export const imageAlreadyExists = (key: RepositoryKey, digest: string, tag: string | undefined) =>
  new Fault(
    "ImageAlreadyExistsException",
    `Image with digest '${digest}' and tag '${tag ?? "null"}' already exists in the repository ${inRegistry(key)}`,
  );

export const imageTagAlreadyExists = (key: RepositoryKey, tag: string) =>
  new Fault(
    "ImageTagAlreadyExistsException",
    `The image tag '${tag}' already exists in the '${key.name}' repository and cannot be overwritten because the tag is immutable.`,
  );

export const imageDigestDoesNotMatch = (wanted: string, found: string) =>
  new Fault("ImageDigestDoesNotMatchException", `The provided image digest ${wanted} does not match the digest of the image ${found}`);

export const layersNotFound = (key: RepositoryKey, digests: readonly string[]) =>
  new Fault(
    "LayersNotFoundException",
    `Layers with digests '[${digests.join(", ")}]' required for pushing image into ${inRegistry(key)} not found`,
    undefined,
    {
      details: { digests },
    },
  );

export const layerNotFound = (key: RepositoryKey, digest: string) =>
  new Fault("LayersNotFoundException", `Layers with digests '[${digest}]' not found in the repository ${inRegistry(key)}`);

export const referencedImagesNotFound = (key: RepositoryKey, digests: readonly string[]) =>
  new Fault(
    "ReferencedImagesNotFoundException",
    `Images with digests '[${digests.join(", ")}]' required for pushing image into repository ${inRegistry(key)} don't exist`,
    undefined,
    { details: { digests } },
  );

export const uploadNotFound = (key: RepositoryKey, id: string) =>
  new Fault("UploadNotFoundException", `The upload with id '${id}' was not found in the repository ${inRegistry(key)}`);

export const emptyUpload = (key: RepositoryKey, id: string) =>
  new Fault("EmptyUploadException", `The upload with id '${id}' in the repository ${inRegistry(key)} has no parts`);

export const invalidLayer = (wanted: string, found: string) =>
  new Fault("InvalidLayerException", `Layer digest '${found}' does not match the digest '${wanted}' that was provided`);

export const layerAlreadyExists = (key: RepositoryKey, digest: string) =>
  new Fault("LayerAlreadyExistsException", `Layer with digest '${digest}' already exists in the repository ${inRegistry(key)}`);

export const invalidLayerPart = (key: RepositoryKey, uploadId: string, sizeBytes: number) =>
  new Fault(
    "InvalidLayerPartException",
    `The layer part does not begin behind byte ${sizeBytes - 1}, the last valid one received.`,
    undefined,
    {
      details: { registryId: key.account, repositoryName: key.name, uploadId, lastValidByteReceived: sizeBytes - 1 },
    },
  );
