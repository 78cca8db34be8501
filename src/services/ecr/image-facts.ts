import type { Fact } from "#store/outbox.ts";
import type { Image, RepositoryKey } from "./ecr.ts";
import { arnOf } from "./repositories.ts";

/** A push or a removal, with the detail of AWS's `ECR Image Action` event. */
export const imageFact = (
  key: RepositoryKey,
  { image, tag, action, now }: { image: Image; tag: string | undefined; action: "PUSH" | "DELETE"; now: number },
): Fact => ({
  topic: action === "PUSH" ? "ecr.image-pushed" : "ecr.image-deleted",
  account: key.account,
  region: key.region,
  subject: arnOf(key),
  at: now,
  detail: {
    "action-type": action,
    result: "SUCCESS",
    "repository-name": key.name,
    "image-digest": image.digest,
    ...(tag === undefined ? {} : { "image-tag": tag }),
    "manifest-media-type": image.mediaType,
    ...(image.artifactType === undefined ? {} : { "artifact-media-type": image.artifactType }),
  },
});
