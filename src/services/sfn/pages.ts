import { invalidToken } from "./faults.ts";
import { quotas } from "./limits.ts";

/** Where a page of a list begins: a token holds the number of what has been told. */
export const pageOf = (input: { maxResults?: number | undefined; nextToken?: string | undefined }): { offset: number; limit: number } => {
  const offset = input.nextToken === undefined ? 0 : Number(Buffer.from(input.nextToken, "base64").toString());
  if (!Number.isInteger(offset) || offset < 0) throw invalidToken();
  return { offset, limit: input.maxResults || quotas.defaultPage };
};

/** Rows were asked for with one more than the page holds, to know whether there are more. */
export const cut = <Row>(rows: readonly Row[], { offset, limit }: { offset: number; limit: number }): { page: Row[]; nextToken?: string } =>
  rows.length <= limit
    ? { page: [...rows] }
    : { page: rows.slice(0, limit), nextToken: Buffer.from(String(offset + limit)).toString("base64") };
