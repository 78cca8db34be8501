import { Fault } from "./fault.ts";
import { queryValue } from "./http.ts";
import type { WireRequest } from "./http.ts";
import type { Signature } from "./signature.ts";

const needed = ["Algorithm", "Credential", "Signature", "Date", "SignedHeaders", "Expires"].map((name) => `X-Amz-${name}`);
const maxExpiresSeconds = 604_800;

/**
 * Checks that a presigned address to S3 is whole and still good, which it must be even where no signature is verified: an address that never
 * expired would promise what AWS does not. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const checkPresigned = (request: WireRequest, signature: Signature | undefined, now: number): void => {
  if (signature?.service !== "s3") return;
  if (signature.isPresigned) checkPresignedV4(request, signature, now);
  const expires = queryValue(request, "Expires");
  if (signature.algorithm !== "AWS" || expires === undefined) return;
  if (!/^\d+$/.test(expires)) throw new Fault("AccessDenied", `Invalid date (should be seconds since epoch): ${expires}`, 403);
  if (Number(expires) * 1000 < now) throw expired(Number(expires) * 1000, now);
};

const checkPresignedV4 = (request: WireRequest, { timestamp }: Signature, now: number): void => {
  if (needed.some((name) => queryValue(request, name) === undefined))
    throw badQuery(
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  const expires = queryValue(request, "X-Amz-Expires") ?? "";
  if (!/^-?\d+$/.test(expires)) throw badQuery("X-Amz-Expires should be a number");
  const seconds = Number(expires);
  if (seconds < 0) throw badQuery("X-Amz-Expires must be non-negative");
  if (seconds > maxExpiresSeconds)
    throw badQuery(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${maxExpiresSeconds} seconds`,
    );
  const at = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(at)) throw badQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (at + seconds * 1000 < now) throw expired(at + seconds * 1000, now, seconds);
};

const badQuery = (message: string) => new Fault("AuthorizationQueryParametersError", message, 400);

const expired = (at: number, now: number, seconds?: number) =>
  new Fault("AccessDenied", "Request has expired", 403, {
    details: { ...(seconds === undefined ? {} : { "X-Amz-Expires": seconds }), Expires: isoSeconds(at), ServerTime: isoSeconds(now) },
  });

const isoSeconds = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
