import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Fault } from "./fault.ts";
import { queryValue } from "./http.ts";
import type { WireRequest } from "./http.ts";
import type { IssuedCredentials } from "./context.ts";

/** What a request says of its signer: in the Authorization header or, presigned, in the query. */
export type Signature = {
  algorithm: "AWS4-HMAC-SHA256" | "AWS4-ECDSA-P256-SHA256" | "AWS";
  accessKeyId: string;
  /** `20260131` */
  date: string;
  region: string;
  service: string;
  signedHeaders: readonly string[];
  signature: string;
  isPresigned: boolean;
  /** `20260131T101500Z` */
  timestamp: string;
  expiresSeconds?: number;
};

export const parseSignature = (request: WireRequest): Signature | undefined => {
  const { authorization } = request.headers;
  if (authorization?.startsWith("AWS4-")) return parseHeader(authorization, request);
  if (queryValue(request, "X-Amz-Credential") !== undefined) return parsePresigned(request);
  const old = /^AWS ([^:]+):(.+)$/.exec(authorization ?? "");
  const oldKey = old?.[1] ?? queryValue(request, "AWSAccessKeyId");
  if (oldKey === undefined) return undefined;
  return {
    ...scopeOf([oldKey, "", "us-east-1", "s3"]),
    algorithm: "AWS",
    signedHeaders: [],
    signature: old?.[2] ?? "",
    isPresigned: false,
    timestamp: "",
  };
};

const parseHeader = (authorization: string, request: WireRequest): Signature | undefined => {
  const algorithm = authorization.split(" ", 1)[0] === "AWS4-ECDSA-P256-SHA256" ? "AWS4-ECDSA-P256-SHA256" : "AWS4-HMAC-SHA256";
  const fields = new Map(
    authorization
      .slice(authorization.indexOf(" ") + 1)
      .split(",")
      .map((part) => part.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const credential = fields.get("Credential")?.split("/");
  if (!credential) return undefined;
  return {
    ...(algorithm === "AWS4-HMAC-SHA256" ? scopeOf(credential) : regionSetScope(credential, request.headers["x-amz-region-set"])),
    algorithm,
    signedHeaders: (fields.get("SignedHeaders") ?? "").split(";").filter((name) => name !== ""),
    signature: fields.get("Signature") ?? "",
    isPresigned: false,
    timestamp: request.headers["x-amz-date"] ?? "",
  };
};

const parsePresigned = (request: WireRequest): Signature => {
  const algorithm = queryValue(request, "X-Amz-Algorithm") === "AWS4-ECDSA-P256-SHA256" ? "AWS4-ECDSA-P256-SHA256" : "AWS4-HMAC-SHA256";
  const credential = (queryValue(request, "X-Amz-Credential") ?? "").split("/");
  return {
    ...(algorithm === "AWS4-HMAC-SHA256" ? scopeOf(credential) : regionSetScope(credential, queryValue(request, "X-Amz-Region-Set"))),
    algorithm,
    signedHeaders: (queryValue(request, "X-Amz-SignedHeaders") ?? "host").split(";"),
    signature: queryValue(request, "X-Amz-Signature") ?? "",
    isPresigned: true,
    timestamp: queryValue(request, "X-Amz-Date") ?? "",
    expiresSeconds: Number(queryValue(request, "X-Amz-Expires") ?? 604_800),
  };
};

/** An access key may itself hold no slash; the scope is the last four parts. */
const scopeOf = ([accessKeyId = "", date = "", region = "", service = ""]: readonly string[]) => ({ accessKeyId, date, region, service });

const regionSetScope = ([accessKeyId = "", date = "", service = ""]: readonly string[], regionSet: string | undefined) => ({
  accessKeyId,
  date,
  region: regionSet && !regionSet.includes("*") ? (regionSet.split(",")[0] ?? "us-east-1") : "us-east-1",
  service,
});

export type Verification = {
  credentials: IssuedCredentials;
  now: number;
  /** The hex SHA-256 of the body, or the literal that `x-amz-content-sha256` names. */
  payloadHash: string;
};

const maxSkewMs = 15 * 60 * 1000;

/**
 * Recomputes a Signature Version 4 and compares in constant time. Faults are those of the JSON and query services; S3 has its own words.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const verifySignature = (request: WireRequest, signature: Signature, { credentials, now, payloadHash }: Verification): void => {
  if (signature.algorithm !== "AWS4-HMAC-SHA256")
    throw new Fault(
      "SignatureDoesNotMatch",
      `The signing algorithm ${signature.algorithm} is not supported; sign with AWS4-HMAC-SHA256.`,
      403,
    );
  checkTime(signature, now);
  const token = signature.isPresigned ? queryValue(request, "X-Amz-Security-Token") : request.headers["x-amz-security-token"];
  if (credentials.sessionToken !== undefined && token !== credentials.sessionToken)
    throw new Fault("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  if (credentials.expiresAt !== undefined && credentials.expiresAt <= now)
    throw new Fault("ExpiredToken", "The security token included in the request is expired", signature.service === "s3" ? 400 : 403);
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", signature.timestamp, scope, sha256(canonicalRequest(request, signature, payloadHash))].join("\n");
  const expected = createHmac("sha256", signingKey(credentials.secretAccessKey, signature)).update(toSign).digest();
  const given = Buffer.from(signature.signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw signatureDoesNotMatch();
};

export const signatureDoesNotMatch = () =>
  new Fault(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    403,
  );

const checkTime = (signature: Signature, now: number) => {
  const at = Date.parse(signature.timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(at) || !signature.timestamp.startsWith(signature.date))
    throw new Fault("IncompleteSignature", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP", 403);
  if (signature.expiresSeconds !== undefined && now > at + signature.expiresSeconds * 1000)
    throw new Fault("AccessDenied", "Request has expired", 403);
  const tooOld = signature.expiresSeconds === undefined && now - at > maxSkewMs;
  if (tooOld || at - now > maxSkewMs)
    throw signature.service === "s3"
      ? new Fault("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403)
      : new Fault("SignatureDoesNotMatch", `Signature ${tooOld ? "expired" : "not yet current"}: ${signature.timestamp}`, 403);
};

const canonicalRequest = (request: WireRequest, signature: Signature, payloadHash: string): string =>
  [
    request.method,
    canonicalPath(request.signedPath, signature.service),
    canonicalQuery(request.query, signature.isPresigned),
    ...signature.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}`),
    "",
    signature.signedHeaders.join(";"),
    payloadHash,
  ].join("\n");

/** S3 signs the path as it is sent; every other service signs it encoded once more. */
const canonicalPath = (path: string, service: string) => (service === "s3" ? path : path.split("/").map(encode).join("/")) || "/";

const canonicalQuery = (query: WireRequest["query"], isPresigned: boolean): string =>
  query
    .filter(([name]) => !(isPresigned && name === "X-Amz-Signature"))
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

export const signingKey = (secret: string, scope: Pick<Signature, "date" | "region" | "service">): Buffer =>
  [scope.date, scope.region, scope.service, "aws4_request"].reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
