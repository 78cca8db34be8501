import { invalidToken } from "./faults.ts";

/** Where a listing goes on: after a name, or from an offset. */
export type PageToken = { after?: string; offset?: number };

export const writeToken = (token: PageToken): string => Buffer.from(JSON.stringify(token)).toString("base64url");

export const readToken = (text: string | undefined): PageToken | undefined => {
  if (text === undefined) return undefined;
  try {
    const { after, offset } = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Record<string, unknown>;
    if (typeof after === "string") return { after };
    if (typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0) return { offset };
  } catch {
    throw invalidToken();
  }
  throw invalidToken();
};
