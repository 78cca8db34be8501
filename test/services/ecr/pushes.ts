import { createHash, randomBytes } from "node:crypto";

export const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A small image as bytes: made up, but of the right form. */
export const newImage = (layers = [randomBytes(1000)], extra: object = {}) => {
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: layers.map(sha256) } }),
  );
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256(config), size: config.length },
    layers: layers.map((layer) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: sha256(layer),
      size: layer.length,
    })),
    ...extra,
  });
  return { blobs: [config, ...layers], manifest, digest: sha256(manifest) };
};

export const pushBlob = async (endpoint: string, repository: string, blob: Uint8Array, digest = sha256(blob)): Promise<Response> =>
  fetch(`${endpoint}/v2/${repository}/blobs/uploads/?digest=${digest}`, { method: "POST", body: blob as Uint8Array<ArrayBuffer> });

export const putManifest = (endpoint: string, repository: string, reference: string, manifest: string): Promise<Response> =>
  fetch(`${endpoint}/v2/${repository}/manifests/${reference}`, {
    method: "PUT",
    headers: { "content-type": (JSON.parse(manifest) as { mediaType: string }).mediaType },
    body: manifest,
  });

export const pushImage = async (endpoint: string, repository: string, tag: string, image = newImage()) => {
  for (const blob of image.blobs) await pushBlob(endpoint, repository, blob);
  const answer = await putManifest(endpoint, repository, tag, image.manifest);
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  return image;
};
