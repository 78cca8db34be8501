import { assetsBucket } from "#app/template/assets.ts";
import type { CloudAddress } from "#config";
import type { Terminal } from "../terminal.ts";
import type { CodeZip } from "./load-app.ts";

/** Uploads the zips that the assets bucket does not have yet; makes the bucket where there is none. */
export const publishCode = async (
  zips: readonly CodeZip[],
  { account, address, terminal }: { account: string; address: CloudAddress; terminal: Terminal },
): Promise<void> => {
  if (zips.length === 0) return;
  const { S3Client, CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3ServiceException } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ ...address, forcePathStyle: true });
  const Bucket = assetsBucket({ account, region: address.region });
  const put = ({ key, content }: CodeZip) => client.send(new PutObjectCommand({ Bucket, Key: key, Body: content }));
  const location =
    address.region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: address.region as "eu-west-1" } };
  const isMissing = (error: unknown) => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
  try {
    for (const zip of zips) {
      const found = await client.send(new HeadObjectCommand({ Bucket, Key: zip.key })).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      const size = `${(zip.content.length / 1024).toFixed(0)} KiB`;
      if (found) {
        terminal.step("code", `${size}, uploaded before`, { key: zip.key, isNew: false });
        continue;
      }
      await put(zip).catch(async (error: unknown) => {
        if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
        await client.send(new CreateBucketCommand({ Bucket, ...location }));
        await put(zip);
      });
      terminal.step("code", `${size} uploaded`, { key: zip.key, isNew: true });
    }
  } finally {
    client.destroy();
  }
};
