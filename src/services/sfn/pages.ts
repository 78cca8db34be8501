import { invalidToken } from "./faults.ts";
import { quotas } from "./limits.ts";

/** Where a page of a list begins: a token holds the number of what has been told. */
export const pageOf = (input: { maxResults?: number | undefined; nextToken?: string | undefined }): { offset: number; limit: number } => {
  const told = input.nextToken === undefined ? "0" : Buffer.from(input.nextToken, "base64").toString();
  if (!/^\d{1,15}$/.test(told)) throw invalidToken();
  return { offset: Number(told), limit: input.maxResults || quotas.defaultPage };
};

/** Rows were asked for with one more than the page holds, to know whether there are more. */
export const cut = <Row>(rows: readonly Row[], { offset, limit }: { offset: number; limit: number }): { page: Row[]; nextToken?: string } =>
  rows.length <= limit
    ? { page: [...rows] }
    : { page: rows.slice(0, limit), nextToken: Buffer.from(String(offset + limit)).toString("base64") };

/** A row of a list that may be long: where it is in the list's order, and its ARN. */
export type Place = readonly [order: number, arn: string];

/** The row behind which a page begins, for lists that are read from an index whatever comes before. */
export const placeOf = ({ nextToken }: { nextToken?: string | undefined }): Place | undefined => {
  if (nextToken === undefined) return undefined;
  const [order, arn] = Buffer.from(nextToken, "base64").toString().split(" ");
  if (!order || !arn || !Number.isInteger(Number(order))) throw invalidToken();
  return [Number(order), arn];
};

export const tokenOf = ([order, arn]: Place): string => Buffer.from(`${order} ${arn}`).toString("base64");
