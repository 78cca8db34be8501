import type { Migration } from "#store/store.ts";

const repository = "account TEXT NOT NULL, region TEXT NOT NULL, repository TEXT NOT NULL";

export const migrations: readonly Migration[] = [
  {
    name: "0001_registry",
    statements: [
      `CREATE TABLE ecr_repositories (
        ${repository},
        created_at BIGINT NOT NULL,
        tag_mutability TEXT NOT NULL,
        scan_on_push BIGINT NOT NULL,
        encryption TEXT NOT NULL,
        policy TEXT,
        tags TEXT NOT NULL,
        PRIMARY KEY (account, region, repository)
      )`,
      `CREATE TABLE ecr_images (
        ${repository},
        digest TEXT NOT NULL,
        media_type TEXT NOT NULL,
        artifact_type TEXT,
        manifest TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        subject TEXT,
        pushed_at BIGINT NOT NULL,
        PRIMARY KEY (account, region, repository, digest)
      )`,
      "CREATE INDEX ecr_images_by_subject ON ecr_images (account, region, repository, subject)",
      `CREATE TABLE ecr_image_tags (
        ${repository},
        tag TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (account, region, repository, tag)
      )`,
      "CREATE INDEX ecr_image_tags_by_digest ON ecr_image_tags (account, region, repository, digest)",
      `CREATE TABLE ecr_image_parts (
        ${repository},
        image TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (account, region, repository, image, digest)
      )`,
      "CREATE INDEX ecr_image_parts_by_digest ON ecr_image_parts (account, region, repository, digest)",
      `CREATE TABLE ecr_layers (
        ${repository},
        digest TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        uploaded_at BIGINT NOT NULL,
        PRIMARY KEY (account, region, repository, digest)
      )`,
      `CREATE TABLE ecr_uploads (
        id TEXT PRIMARY KEY,
        ${repository},
        started_at BIGINT NOT NULL
      )`,
      `CREATE TABLE ecr_upload_parts (
        upload_id TEXT NOT NULL,
        first_byte BIGINT NOT NULL,
        size_bytes BIGINT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (upload_id, first_byte)
      )`,
      `CREATE TABLE ecr_tokens (
        token_hash TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        arn TEXT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
    ],
  },
];
