import { Readable } from "node:stream";
import { Fault } from "#wire/fault.ts";
import { parseOwnImage } from "./code/own-images.ts";
import { imageNotFound, invalidParameter, tooLarge } from "./faults.ts";
import type { FunctionVersion, LambdaContext } from "./lambda.ts";
import { limits } from "./limits.ts";

type Code = {
  ZipFile?: Uint8Array | undefined;
  S3Bucket?: string | undefined;
  S3Key?: string | undefined;
  S3ObjectVersion?: string | undefined;
  ImageUri?: string | undefined;
};

export type NewCode = Pick<FunctionVersion, "codeSha256" | "codeSizeBytes" | "packageType"> &
  Partial<Pick<FunctionVersion, "codeDigest" | "imageUri" | "imageDigest" | "hotReloadPath">>;

/** The bucket that stands for this machine's folders: `S3Key` is the folder's absolute path. */
const hotReloadBucket = "hot-reload";

/** Fetches, checks and unpacks the code that a request brings or points at. */
export const takeCode = async (code: Code, packageType: "Zip" | "Image", context: LambdaContext): Promise<NewCode> => {
  if (packageType === "Image") {
    if (code.ImageUri === undefined) throw invalidParameter("Please provide ImageUri when updating a function with packageType Image.");
    const imageDigest = await digestOf(code.ImageUri, context);
    const codeSha256 = imageDigest?.slice("sha256:".length) ?? "";
    return { packageType, imageUri: code.ImageUri, ...(imageDigest === undefined ? {} : { imageDigest }), codeSha256, codeSizeBytes: 0 };
  }
  if (code.ImageUri !== undefined) throw invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.");
  if (code.ZipFile !== undefined) {
    if (code.ZipFile.length > limits.zippedBytes) throw tooLarge(limits.requestBytes, "CreateFunction");
    return stored(await context.code.put(code.ZipFile));
  }
  if (code.S3Bucket === undefined || code.S3Key === undefined) throw invalidParameter("Please provide a source for function code.");
  if (code.S3Bucket === hotReloadBucket) return hotReload(code.S3Key, context);
  return stored(await context.code.put(await fetchObject(code, context)));
};

const stored = ({ digest, sha256, sizeBytes }: { digest: string; sha256: string; sizeBytes: number }): NewCode => ({
  packageType: "Zip",
  codeDigest: digest,
  codeSha256: sha256,
  codeSizeBytes: sizeBytes,
});

const hotReload = (path: string, { isShared }: LambdaContext): NewCode => {
  if (isShared) throw invalidParameter(`A folder of the machine (${hotReloadBucket}) can't be code on a cloud that runs with --auth.`);
  if (!path.startsWith("/"))
    throw invalidParameter(`S3Key of the bucket ${hotReloadBucket} is the absolute path of a folder, not ${path}.`);
  return { packageType: "Zip", hotReloadPath: path, codeSha256: "hot-reload", codeSizeBytes: 0 };
};

/** As on AWS, a tag is followed once: when the function is given its image. Images that are not ours are the engine's business. */
const digestOf = async (imageUri: string, { call }: LambdaContext): Promise<string | undefined> => {
  const own = parseOwnImage(imageUri);
  if (!own) return undefined;
  const { account: registryId, repository: repositoryName, digest, tag } = own;
  const imageIds = [digest === undefined ? { imageTag: tag } : { imageDigest: digest }];
  const { images } = await call("ecr", "BatchGetImage", { registryId, repositoryName, imageIds }).catch((error: unknown) => {
    if (error instanceof Fault) throw imageNotFound(imageUri);
    throw error;
  });
  const found = images?.[0]?.imageId?.imageDigest;
  if (found === undefined) throw imageNotFound(imageUri);
  return found;
};

const fetchObject = async ({ S3Bucket, S3Key, S3ObjectVersion }: Code, { call }: LambdaContext): Promise<AsyncIterable<Uint8Array>> => {
  const input = { Bucket: S3Bucket ?? "", Key: S3Key ?? "", ...(S3ObjectVersion === undefined ? {} : { VersionId: S3ObjectVersion }) };
  const { Body } = await call("s3", "GetObject", input).catch((error: Error & { code?: string }) => {
    if (error.code === undefined) throw error;
    throw invalidParameter(`Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
  });
  return Body instanceof Readable ? Body : Readable.from([Body ?? new Uint8Array()]);
};
