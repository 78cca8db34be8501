import { invalidParameter } from "./faults.ts";
import { maxPage } from "./limits.ts";

/** How many were asked for, within what a page can have. */
export const limitOf = (maxResults: number | undefined): number => {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > maxPage))
    throw invalidParameter(`maxResults must be between 1 and ${maxPage}.`);
  return maxResults ?? maxPage;
};

/** A page of what is all at hand; its token says how many were shown. */
export const page = <T>(all: readonly T[], token: string | undefined, limit: number): { items: T[]; nextToken: { nextToken?: string } } => {
  const from = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString() || "x");
  if (!Number.isInteger(from) || from < 0) throw invalidParameter("Invalid token.");
  const to = from + limit;
  return { items: all.slice(from, to), nextToken: to < all.length ? { nextToken: Buffer.from(String(to)).toString("base64url") } : {} };
};

/** A page that was read from behind a key. */
export const keyToken = (last: string | undefined, isMore: boolean): { nextToken?: string } =>
  isMore && last !== undefined ? { nextToken: Buffer.from(last).toString("base64url") } : {};

export const readKeyToken = (token: string | undefined): string => (token === undefined ? "" : Buffer.from(token, "base64url").toString());
