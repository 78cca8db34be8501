import { invalidMarker } from "./faults.ts";

type Paged = { Marker?: string | undefined; MaxItems?: number | undefined };

/** One page of a list, by IAM's markers: the marker is the place to go on from, opaque to clients. */
export const pageOf = <T>(items: readonly T[], { Marker, MaxItems = 100 }: Paged): { page: T[]; IsTruncated: boolean; Marker?: string } => {
  const start = Marker ? Number(Buffer.from(Marker, "base64url").toString()) : 0;
  if (!Number.isSafeInteger(start)) throw invalidMarker();
  const end = start + MaxItems;
  const rest = { IsTruncated: end < items.length };
  return {
    page: items.slice(start, end),
    ...rest,
    ...(rest.IsTruncated ? { Marker: Buffer.from(String(end)).toString("base64url") } : {}),
  };
};
