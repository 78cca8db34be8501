import type { RepositoryKey } from "./ecr.ts";

type InRepository = { account: string; region: string; repository: string };

/** The service's rows, as the database has them. */
export type Tables = {
  ecr_repositories: InRepository & {
    created_at: number;
    tag_mutability: string;
    scan_on_push: number;
    encryption: string;
    policy: string | null;
    tags: string;
  };
  ecr_images: InRepository & {
    digest: string;
    media_type: string;
    artifact_type: string | null;
    manifest: string;
    size_bytes: number;
    subject: string | null;
    pushed_at: number;
  };
  ecr_image_tags: InRepository & { tag: string; digest: string };
  /** What an image names: its layers and configuration, or the images of an index. */
  ecr_image_parts: InRepository & { image: string; digest: string };
  ecr_layers: InRepository & { digest: string; size_bytes: number; uploaded_at: number };
  ecr_uploads: InRepository & { id: string; started_at: number };
  ecr_upload_parts: { upload_id: string; first_byte: number; size_bytes: number; digest: string };
  ecr_tokens: { token_hash: string; account: string; arn: string; expires_at: number };
};

export const columnsOf = ({ account, region, name }: RepositoryKey): InRepository => ({ account, region, repository: name });

/** The holder of a layer's blob: a repository. */
export const layerOwner = ({ account, region, name }: RepositoryKey): string => `ecr:layers:${account}/${region}/${name}`;

export const uploadOwner = (uploadId: string): string => `ecr:upload:${uploadId}`;

/** `sha256:…` is how registries name what the store calls by the hex alone. */
export const hexOf = (digest: string): string => digest.slice("sha256:".length);
