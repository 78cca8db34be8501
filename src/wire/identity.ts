import { createHash } from "node:crypto";
import type { Caller, FindCredentials, IssuedCredentials } from "./context.ts";
import { Fault } from "./fault.ts";
import type { WireRequest } from "./http.ts";
import { checkPresigned } from "./presigned.ts";
import type { Signature } from "./signature.ts";
import { signingKey, verifySignature } from "./signature.ts";
import type { ChunkSigner } from "./chunked.ts";

export const defaultAccount = "000000000000";
export const defaultRegion = "us-east-1";

/** The root of an account, which an unknown or absent access key stands for where no authentication is asked. */
export const rootOf = (account: string, accessKeyId = ""): Caller => ({
  account,
  arn: `arn:aws:iam::${account}:root`,
  userId: account,
  accessKeyId,
});

export type Identified = { caller: Caller; signer?: ChunkSigner };

/**
 * Says who signed a request. Without `--auth` any key is taken: one that we issued is its principal, 12 digits are an account, everything else is the
 * default account. With it the signature must be right; a request without one is anonymous, which only S3 may allow.
 */
export const identify = async (
  request: WireRequest,
  signature: Signature | undefined,
  { auth, find, now, payloadHash }: { auth: boolean; find: FindCredentials; now: number; payloadHash: () => Promise<string> },
): Promise<Identified> => {
  checkPresigned(request, signature, now);
  if (!auth) return { caller: await takeAtItsWord(signature, find) };
  if (!signature) throw new Fault("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  const credentials = await find(signature.accessKeyId);
  if (!credentials) throw unknownKey(signature.service);
  verifySignature(request, signature, { credentials, now, payloadHash: await payloadHash() });
  return { caller: callerOf(credentials), signer: chunkSigner(signature, credentials) };
};

const takeAtItsWord = async (signature: Signature | undefined, find: FindCredentials): Promise<Caller> => {
  const accessKeyId = signature?.accessKeyId ?? "";
  if (/^\d{12}$/.test(accessKeyId)) return rootOf(accessKeyId, accessKeyId);
  const issued = /^A[KS]IA/.test(accessKeyId) ? await find(accessKeyId) : undefined;
  return issued ? callerOf(issued) : rootOf(defaultAccount, accessKeyId);
};

const callerOf = ({ account, arn, userId, accessKeyId }: IssuedCredentials): Caller => ({ account, arn, userId, accessKeyId });

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and the common errors of the other protocols. */
const unknownKey = (service: string) =>
  service === "s3"
    ? new Fault("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    : new Fault(
        ["iam", "sts", "sqs", "sns", "cloudformation", "ec2"].includes(service) ? "InvalidClientTokenId" : "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
      );

const chunkSigner = (signature: Signature, credentials: IssuedCredentials): ChunkSigner => ({
  key: signingKey(credentials.secretAccessKey, signature),
  timestamp: signature.timestamp,
  scope: `${signature.date}/${signature.region}/${signature.service}/aws4_request`,
  seed: signature.signature,
});

/** The payload hash that a signer used: what the request states, else the hash of its whole body. */
export const payloadHashOf = async (
  request: WireRequest,
  signature: Signature | undefined,
  collect: () => Promise<Buffer>,
): Promise<string> => {
  const stated = request.headers["x-amz-content-sha256"];
  if (stated !== undefined) return stated;
  if (signature?.service === "s3") return "UNSIGNED-PAYLOAD";
  return createHash("sha256")
    .update(await collect())
    .digest("hex");
};
