import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { GetAuthorizationToken } from "./authorization.ts";
import { serveDistribution } from "./distribution/serve.ts";
import type { EcrContext, Registry } from "./ecr.ts";
import { newImageRows } from "./image-rows.ts";
import { BatchDeleteImage, BatchGetImage, DescribeImages, ListImages } from "./images.ts";
import { newLayerRows } from "./layer-rows.ts";
import {
  BatchCheckLayerAvailability,
  CompleteLayerUpload,
  GetDownloadUrlForLayer,
  InitiateLayerUpload,
  UploadLayerPart,
} from "./layers.ts";
import { unfinishedLifeMs } from "./limits.ts";
import { migrations } from "./migrations/all.ts";
import { PutImage } from "./put-image.ts";
import { newRegistryHost } from "./registry-names.ts";
import { CreateRepository, DeleteRepository, DescribeRepositories, PutImageTagMutability } from "./repositories.ts";
import { DeleteRepositoryPolicy, GetRepositoryPolicy, SetRepositoryPolicy } from "./repository-policies.ts";
import { newRepositoryRows } from "./repository-rows.ts";
import { ListTagsForResource, TagResource, UntagResource } from "./repository-tags.ts";
import { resetRegistry } from "./reset.ts";
import { resourceTypes } from "./template-resources.ts";
import { newTokenRows } from "./token-rows.ts";
import { newUploadRows } from "./upload-rows.ts";

export const openEcr: OpenService = async ({ store, config, loops, endpoint, now, newId, log }) => {
  await store.migrate("ecr", migrations);
  const registry: Registry = {
    repositories: newRepositoryRows(store),
    images: newImageRows(store),
    layers: newLayerRows(store),
    uploads: newUploadRows(store),
    tokens: newTokenRows(store),
    blobs: store.blobs,
    host: newRegistryHost(endpoint),
  };
  loops.add({
    name: "ecr-unfinished",
    keys: async () => ["all"],
    sweepMs: 3_600_000,
    reconcile: async () => {
      await registry.uploads.dropOld(now() - unfinishedLifeMs);
      await registry.layers.dropUnused(now() - unfinishedLifeMs);
    },
  });
  return {
    operations: handlersOf<"ecr", EcrContext>()({
      BatchCheckLayerAvailability,
      BatchDeleteImage,
      BatchGetImage,
      CompleteLayerUpload,
      CreateRepository,
      DeleteRepository,
      DeleteRepositoryPolicy,
      DescribeImages,
      DescribeRepositories,
      GetAuthorizationToken,
      GetDownloadUrlForLayer,
      GetRepositoryPolicy,
      InitiateLayerUpload,
      ListImages,
      ListTagsForResource,
      PutImage,
      PutImageTagMutability,
      SetRepositoryPolicy,
      TagResource,
      UntagResource,
      UploadLayerPart,
    }),
    resourceTypes,
    context: registry,
    http: serveDistribution({ ...registry, auth: config.auth, now, newId, log }),
    reset: () => resetRegistry(store),
  };
};
