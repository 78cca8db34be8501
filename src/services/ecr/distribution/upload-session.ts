import type { RepositoryKey } from "../ecr.ts";
import { isDigest } from "../manifest.ts";
import type { Layer } from "../layer-rows.ts";
import { joinParts } from "../uploads.ts";
import type { Upload } from "../upload-rows.ts";
import { digestInvalid, RegistryError, uploadUnknown } from "./errors.ts";
import { answer, keyAt, repositoryForPush } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";

type UploadRoute = { name: string; id: string };

/** Begins an upload; or ends it at once, when the whole comes along or another repository has the blob. */
export const startUpload = async (exchange: Exchange, name: string): Promise<void> => {
  const { query, registry } = exchange;
  const key = await repositoryForPush(exchange, name);
  const mount = query.get("mount");
  if (mount && (await mountBlob(exchange, key, mount))) return created(exchange, name, mount);
  const id = registry.newId();
  await registry.uploads.start(key, id, registry.now());
  if (query.has("digest")) return finishUpload(exchange, { name, id });
  answer(exchange, 202, sessionHeaders(name, { id, sizeBytes: 0 }));
};

const mountBlob = async (exchange: Exchange, key: RepositoryKey, digest: string): Promise<boolean> => {
  const { query, registry } = exchange;
  const from = query.get("from");
  if (!from || !isDigest(digest)) return false;
  const layer = await registry.layers.find(keyAt(exchange, from), digest);
  if (!layer) return false;
  await registry.layers.add(key, layer, registry.now());
  return true;
};

export const showUpload = async (exchange: Exchange, { name, id }: UploadRoute): Promise<void> =>
  answer(exchange, 204, sessionHeaders(name, await findUpload(exchange, { name, id })));

export const appendToUpload = async (exchange: Exchange, { name, id }: UploadRoute): Promise<void> => {
  const upload = await findUpload(exchange, { name, id });
  checkOrder(exchange, name, upload);
  const sizeBytes = upload.sizeBytes + (await storePart(exchange, upload));
  answer(exchange, 202, sessionHeaders(name, { id, sizeBytes }));
};

/** The last part may come along. What does not have the digest it was announced with is forgotten. */
export const finishUpload = async (exchange: Exchange, { name, id }: UploadRoute): Promise<void> => {
  const { query, registry } = exchange;
  const wanted = query.get("digest") ?? "";
  if (!isDigest(wanted)) throw digestInvalid(`invalid digest: ${wanted}`);
  const upload = await findUpload(exchange, { name, id });
  checkOrder(exchange, name, upload);
  const layer = await wholeOf(exchange, upload);
  if (layer.digest !== wanted) {
    await registry.uploads.drop(id);
    throw digestInvalid(`provided digest did not match uploaded content: ${wanted}, not ${layer.digest}`);
  }
  await registry.uploads.complete(upload, layer, registry.now());
  created(exchange, name, wanted);
};

/** All that was sent before, and what comes along now: often the one or the other is the whole. */
const wholeOf = async (exchange: Exchange, upload: Upload): Promise<Layer> => {
  const { request, registry } = exchange;
  if (upload.parts.length === 0 && hasBody(request.headers)) {
    const { digest, sizeBytes } = await registry.blobs.put(request);
    return { digest: `sha256:${digest}`, sizeBytes };
  }
  const added = await storePart(exchange, upload);
  const whole = added === 0 ? upload : await registry.uploads.find(upload.id);
  if (!whole) throw uploadUnknown();
  return joinParts(whole, registry.blobs);
};

export const cancelUpload = async (exchange: Exchange, { name, id }: UploadRoute): Promise<void> => {
  await findUpload(exchange, { name, id });
  await exchange.registry.uploads.drop(id);
  answer(exchange, 204);
};

const findUpload = async (exchange: Exchange, { name, id }: UploadRoute): Promise<Upload> => {
  const key = keyAt(exchange, name);
  const upload = await exchange.registry.uploads.find(id);
  if (!upload || upload.name !== key.name || upload.account !== key.account || upload.region !== key.region) throw uploadUnknown();
  return upload;
};

/** Keeps what the body brings as the next part: durable when this resolves, and nothing when it breaks off. */
const storePart = async ({ request, registry }: Exchange, upload: Upload): Promise<number> => {
  if (request.headers["content-length"] === "0" || !hasBody(request.headers)) return 0;
  const { digest, sizeBytes } = await registry.blobs.put(request);
  if (sizeBytes === 0) return 0;
  const added = await registry.uploads.addPart(upload.id, { firstByte: upload.sizeBytes, sizeBytes, digest });
  if (!added) throw new RegistryError("BLOB_UPLOAD_INVALID", "Another part was stored in its place.", 416);
  return sizeBytes;
};

const hasBody = (headers: { "content-length"?: string | undefined; "transfer-encoding"?: string | undefined }) =>
  headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;

const checkOrder = ({ request }: Exchange, name: string, upload: Upload): void => {
  const [, first] = /^(?:bytes[ =])?(\d+)-\d+/.exec(request.headers["content-range"] ?? "") ?? [];
  if (first !== undefined && Number(first) !== upload.sizeBytes)
    throw new RegistryError("BLOB_UPLOAD_INVALID", `The next byte is number ${upload.sizeBytes}.`, 416, sessionHeaders(name, upload));
};

const sessionHeaders = (name: string, { id, sizeBytes }: { id: string; sizeBytes: number }) => ({
  location: `/v2/${name}/blobs/uploads/${id}`,
  range: `0-${Math.max(0, sizeBytes - 1)}`,
  "docker-upload-uuid": id,
});

const created = (exchange: Exchange, name: string, digest: string): void =>
  answer(exchange, 201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
