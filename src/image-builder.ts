import { createHash } from "node:crypto";
import { extract } from "tar-stream";
import { whereabouts } from "#config";
import { buildContext } from "#engine/docker/build-context.ts";
import { connectDocker } from "#engine/docker/connect.ts";
import { dockerImages } from "#engine/docker/images.ts";
import type { Images } from "#engine/engine.ts";

/** What the command line builds and pushes images with: the user's own container engine, by its public API. */
export const openImageBuilder = async (): Promise<Images> => dockerImages(await connectDocker(whereabouts()));

/** A digest of what an image is built from: names, modes and bytes of the build context as the builder gets it, without times. */
export const contextDigest = async (contextPath: string, dockerfile: string): Promise<string> => {
  const hash = createHash("sha256").update(dockerfile);
  const archive = (await buildContext(contextPath, dockerfile)).pipe(extract());
  for await (const entry of archive) {
    const { name, type, mode, linkname, size } = entry.header;
    hash.update(`\0${name}\0${type}\0${mode}\0${linkname ?? ""}\0${size}\0`);
    for await (const chunk of entry) hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
};
