export const writeMarker = (after: string): string => Buffer.from(after).toString("base64url");

/** Where a listing goes on; what is no marker of ours begins at the start, as AWS takes it. */
export const readMarker = (marker: string | undefined): string =>
  marker === undefined ? "" : Buffer.from(marker, "base64url").toString("utf8");
