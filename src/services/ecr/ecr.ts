import type { Blobs } from "#store/blobs.ts";
import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { ImageRows } from "./image-rows.ts";
import type { LayerRows } from "./layer-rows.ts";
import type { RegistryHost } from "./registry-names.ts";
import type { RepositoryRows } from "./repository-rows.ts";
import type { TokenRows } from "./token-rows.ts";
import type { UploadRows } from "./upload-rows.ts";

/** What the service keeps, for its operations and for the distribution API alike. */
export type Registry = {
  repositories: RepositoryRows;
  images: ImageRows;
  layers: LayerRows;
  uploads: UploadRows;
  tokens: TokenRows;
  blobs: Blobs;
  /** `localhost:4566`, or the account's own name where this machine resolves it. */
  host: RegistryHost;
};

export type EcrContext = RequestContext & Registry;

export type Ecr = Operations<SdkModules["ecr"], EcrContext>;

/** Which repository: every account has a registry in every region. */
export type RepositoryKey = { account: string; region: string; name: string };

type TagMutability = "MUTABLE" | "IMMUTABLE";

export type Repository = RepositoryKey & {
  createdAt: number;
  tagMutability: TagMutability;
  scanOnPush: boolean;
  encryption: { encryptionType: "AES256" | "KMS"; kmsKey?: string };
  policy: string | undefined;
  tags: Readonly<Record<string, string>>;
};

/** A manifest, by its digest (`sha256:…`). */
export type Image = {
  digest: string;
  mediaType: string;
  artifactType: string | undefined;
  manifest: string;
  /** Of its layers and its configuration together. */
  sizeBytes: number;
  subject: string | undefined;
  pushedAt: number;
};
