import { validationError } from "./faults.ts";

/** One page of a list; the token is the place at which the next begins. */
export const page = <T>(all: readonly T[], token: string | undefined, size: number): { items: T[]; NextToken: string | undefined } => {
  const offset = offsetOf(token);
  const items = all.slice(offset, offset + size);
  return { items, NextToken: offset + size < all.length ? tokenAt(offset + size) : undefined };
};

export const offsetOf = (token: string | undefined): number => {
  if (token === undefined) return 0;
  const text = Buffer.from(token, "base64url").toString();
  if (!/^at:\d+$/.test(text)) throw validationError("Invalid pagination token: the token is not one that this operation gave.");
  return Number(text.slice(3));
};

export const tokenAt = (offset: number): string => Buffer.from(`at:${offset}`).toString("base64url");
