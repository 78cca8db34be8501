import type { Readable } from "node:stream";
import { Fault } from "#wire/fault.ts";
import { decodeComponent } from "#wire/http.ts";
import type { CloudFormationContext } from "./cloudformation.ts";
import { validationError } from "./faults.ts";
import { limits } from "./limits.ts";

type TemplateInput = {
  TemplateBody?: string | undefined;
  TemplateURL?: string | undefined;
  UsePreviousTemplate?: boolean | undefined;
};

/** The text of the template that a request means: its body, an object in S3, or the one of before. */
export const loadTemplate = async (
  { TemplateBody, TemplateURL, UsePreviousTemplate }: TemplateInput,
  previous: string | undefined,
  { call }: Pick<CloudFormationContext, "call">,
): Promise<string> => {
  if (UsePreviousTemplate === true) {
    if (TemplateBody !== undefined || TemplateURL !== undefined)
      throw validationError("You cannot specify both usePreviousTemplate and Template Body/URL.");
    if (previous === undefined) throw validationError("UsePreviousTemplate is not valid for a stack that has no template.");
    return previous;
  }
  if (TemplateBody !== undefined && TemplateURL !== undefined)
    throw validationError("You cannot specify more than one of the following: Template Body, Template URL");
  if (TemplateURL !== undefined) return readObject(TemplateURL, call);
  if (TemplateBody === undefined) throw validationError("Either Template URL or Template Body must be specified.");
  if (Buffer.byteLength(TemplateBody) > limits.templateBodyBytes)
    throw validationError(
      `1 validation error detected: Value '${TemplateBody.slice(0, 200)}…' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${limits.templateBodyBytes}`,
    );
  return TemplateBody;
};

const readObject = async (url: string, call: CloudFormationContext["call"]): Promise<string> => {
  const { bucket, key } = parseObjectUrl(url);
  const { Body } = await call("s3", "GetObject", { Bucket: bucket, Key: key }).catch((error: unknown) => {
    if (error instanceof Fault)
      throw validationError(
        `S3 error: ${error.message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
      );
    throw error;
  });
  return readText(Body);
};

const readText = async (body: Readable | Uint8Array | undefined): Promise<string> => {
  if (body === undefined) return "";
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)) {
    sizeBytes += chunk.length;
    if (sizeBytes > limits.templateObjectBytes)
      throw validationError(`Template may not exceed ${limits.templateObjectBytes} bytes in size.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

/** Bucket and key of an S3 URL, path style or virtual-hosted, of AWS or of this cloud. Nothing else is ever fetched. */
const parseObjectUrl = (url: string): { bucket: string; key: string } => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const path = decodeComponent(parsed?.pathname.slice(1) ?? "");
  const [, virtual] = /^(.+)\.s3[.-]/.exec(parsed?.hostname ?? "") ?? [];
  const slash = path.indexOf("/");
  const found =
    virtual === undefined ? { bucket: path.slice(0, Math.max(0, slash)), key: path.slice(slash + 1) } : { bucket: virtual, key: path };
  if (!/^https?:$/.test(parsed?.protocol ?? "") || found.bucket === "" || found.key === "")
    throw validationError("TemplateURL must be a supported URL.");
  return found;
};
