import { releaseSegments } from "./contents.ts";
import { dropUpload } from "./multipart-uploads.ts";
import type { S3Context } from "./s3.ts";

/** Forgets every bucket, step by step: what blobs are held for is let go of with each object. */
export const forgetAll = async (context: Pick<S3Context, "store" | "buckets" | "objects" | "uploads">): Promise<void> => {
  const { store, buckets } = context;
  await store.transaction((tx) => buckets.removeAll(tx));
  // oxlint-disable-next-line no-await-in-loop -- one short transaction after the other, so that others come in between
  while (await forgetSome(context));
};

const forgetSome = ({ store, objects, uploads }: Pick<S3Context, "store" | "objects" | "uploads">): Promise<boolean> =>
  store.transaction(async (tx) => {
    const someObjects = await objects.some(tx);
    const someUploads = await uploads.some(tx, undefined);
    /* oxlint-disable no-await-in-loop -- one transaction, one statement after the other */
    for (const { bucket, key, segments } of someObjects) {
      await objects.remove(tx, bucket, key);
      await releaseSegments(tx, store.blobs, segments);
    }
    for (const upload of someUploads) await dropUpload(tx, upload, { store, uploads });
    /* oxlint-enable no-await-in-loop */
    return someObjects.length + someUploads.length > 0;
  });
