import { createHash } from "node:crypto";
import { invalidParameter } from "./faults.ts";

/** What a manifest says of itself and what it names. */
export type Manifest = {
  digest: string;
  mediaType: string;
  /** Blobs that must be there: the configuration and the layers that are not kept elsewhere. */
  layers: readonly { digest: string; sizeBytes: number }[];
  /** Images that must be there, of an index. */
  images: readonly string[];
  artifactType: string | undefined;
  subject: string | undefined;
  annotations: Readonly<Record<string, string>> | undefined;
};

type Descriptor = { digest?: unknown; size?: unknown; mediaType?: unknown; urls?: unknown };

export const mediaTypes = {
  ociImage: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  dockerImage: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

const digestPattern = /^sha256:[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => digestPattern.test(text);

const digestOf = (bytes: string | Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/**
 * Reads an image manifest or an index of the OCI or Docker kind. `stated` is the media type that came beside it.
 * @throws Fault `InvalidParameterException` for everything else, schema 1 among it.
 */
export const readManifest = (text: string, stated?: string): Manifest => {
  const document = parse(text);
  const own = typeof document["mediaType"] === "string" ? document["mediaType"] : undefined;
  const wanted = stated?.split(";")[0]?.trim();
  if (own !== undefined && wanted && wanted !== own) throw refused(`the media type ${wanted} is not that of the manifest, ${own}`);
  const mediaType =
    own ?? (wanted && isKnown(wanted) ? wanted : Array.isArray(document["manifests"]) ? mediaTypes.ociIndex : mediaTypes.ociImage);
  if (document["schemaVersion"] !== 2 || !isKnown(mediaType)) throw refused(`manifests of the kind ${mediaType} are not supported`);
  const isIndex = mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
  const config = isIndex ? undefined : descriptor(document["config"], "config");
  const layers = isIndex ? [] : descriptors(document["layers"], "layers").filter(({ isElsewhere }) => !isElsewhere);
  return {
    digest: digestOf(text),
    mediaType,
    layers: [...(config ? [config] : []), ...layers].map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
    images: isIndex ? descriptors(document["manifests"], "manifests").map(({ digest }) => digest) : [],
    artifactType: typeof document["artifactType"] === "string" ? document["artifactType"] : configType(config?.mediaType),
    subject: document["subject"] === undefined ? undefined : descriptor(document["subject"], "subject").digest,
    annotations: document["annotations"] as Manifest["annotations"],
  };
};

const refused = (why: string) =>
  invalidParameter(`Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax': ${why}`);

const isKnown = (mediaType: string): boolean => Object.values(mediaTypes).some((known) => known === mediaType);

/** An artifact without a type of its own is known by its configuration's; an ordinary image has none. */
const configType = (mediaType: string | undefined) =>
  mediaType === undefined || /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\.v1\+json$/.test(mediaType)
    ? undefined
    : mediaType;

const parse = (text: string): Record<string, unknown> => {
  try {
    const document: unknown = JSON.parse(text);
    if (document !== null && typeof document === "object" && !Array.isArray(document)) return document as Record<string, unknown>;
  } catch {
    throw refused("it is no JSON");
  }
  throw refused("it is no object");
};

const descriptors = (value: unknown, where: string) => {
  if (!Array.isArray(value)) throw refused(`${where} is no list`);
  return value.map((each, index) => descriptor(each, `${where}[${index}]`));
};

const descriptor = (value: unknown, where: string) => {
  const { digest, size, mediaType, urls } = (value ?? {}) as Descriptor;
  if (typeof digest !== "string" || !isDigest(digest)) throw refused(`${where} has no SHA-256 digest`);
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0) throw refused(`${where} has no size`);
  const type = typeof mediaType === "string" ? mediaType : undefined;
  return { digest, sizeBytes: size, mediaType: type, isElsewhere: Array.isArray(urls) && /foreign|nondistributable/.test(type ?? "") };
};
