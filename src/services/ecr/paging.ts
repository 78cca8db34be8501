import { invalidParameter } from "./faults.ts";
import { maxPage } from "./limits.ts";

/** How many a page may have at most, as asked. */
export const pageLimit = (maxResults: number | undefined): number => {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > maxPage))
    throw invalidParameter(`Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be between 1 and ${maxPage}'`);
  return maxResults ?? 100;
};

/** Where a page ended, as a token: what comes next is behind it. Read one more than the page has to know whether to give one. */
export const nextToken = <T>(read: readonly T[], limit: number, keyOf: (last: T) => string): { nextToken?: string } => {
  const last = read[limit - 1];
  return read.length > limit && last !== undefined ? { nextToken: Buffer.from(keyOf(last)).toString("base64url") } : {};
};

export const readToken = (token: string | undefined): string => {
  if (token !== undefined && !/^[\w-]+$/.test(token)) throw invalidParameter("Invalid parameter at 'nextToken'");
  return token === undefined ? "" : Buffer.from(token, "base64url").toString();
};
