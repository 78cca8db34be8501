import type { ObjectRows } from "./object-rows.ts";
import type { ListedObject } from "./s3.ts";

export type ListingQuery = {
  bucket: string;
  prefix: string;
  delimiter: string;
  /** Keys, and common prefixes, after this one. */
  after: string;
  limit: number;
};

export type Listing = {
  objects: ListedObject[];
  commonPrefixes: string[];
  /** Where the next page begins, when there is one: the last key or common prefix of this page. */
  next: string | undefined;
};

const firstRows = 2;

/**
 * Walks keys in the order of their bytes. A common prefix costs one seek behind it, however many keys it stands for; without a delimiter a page is
 * one query.
 */
export const listKeys = async (rows: ObjectRows, { bucket, prefix, delimiter, after, limit }: ListingQuery): Promise<Listing> => {
  const listing: Listing = { objects: [], commonPrefixes: [], next: undefined };
  if (limit === 0) return listing;
  const below = prefix === "" ? undefined : keyAfterPrefix(prefix);
  let cursor = startOf({ prefix, delimiter, after });
  let count = 0;
  let last = "";
  let rowsAQuery = delimiter === "" ? limit + 1 : Math.min(firstRows, limit + 1);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each seek starts where the one before ended
    const batch = await rows.seek({ bucket, ...cursor, below, limit: rowsAQuery });
    let rolledUp: string | undefined;
    for (const object of batch) {
      if (rolledUp !== undefined && object.key.startsWith(rolledUp)) continue;
      if (count === limit) return { ...listing, next: last };
      rolledUp = commonPrefixOf(object.key, prefix, delimiter);
      if (rolledUp === undefined) listing.objects.push(object);
      else listing.commonPrefixes.push(rolledUp);
      last = rolledUp ?? object.key;
      count++;
    }
    const end = batch.at(-1);
    if (!end || batch.length < rowsAQuery) return listing;
    const behind = rolledUp !== undefined && end.key.startsWith(rolledUp) ? keyAfterPrefix(rolledUp) : undefined;
    if (rolledUp !== undefined && end.key.startsWith(rolledUp) && behind === undefined) return listing;
    // Rows that a prefix swallowed were read in vain: read few after one, more as long as keys are listed one by one.
    rowsAQuery = behind === undefined ? Math.min(rowsAQuery * 2, limit + 1) : Math.min(firstRows, limit + 1);
    cursor = behind === undefined ? { key: end.key, inclusive: false } : { key: behind, inclusive: true };
  }
};

/** A page that ended in a common prefix goes on behind all that the prefix stands for. */
const startOf = ({ prefix, delimiter, after }: Pick<ListingQuery, "prefix" | "delimiter" | "after">) => {
  const isPrefix =
    delimiter !== "" && after.length > prefix.length && after.startsWith(prefix) && commonPrefixOf(after, prefix, delimiter) === after;
  const behind = isPrefix ? keyAfterPrefix(after) : undefined;
  if (behind !== undefined) return { key: behind, inclusive: true };
  return isBefore(after, prefix) ? { key: prefix, inclusive: true } : { key: after, inclusive: false };
};

export const commonPrefixOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

/** The least key, in the order of UTF-8 bytes, that is greater than all that begin with `prefix`; undefined when there is none. */
export const keyAfterPrefix = (prefix: string): string | undefined => {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point < 0x10ffff) return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
};

/** JavaScript compares UTF-16 units; keys are ordered by their UTF-8 bytes, which is the order of code points. */
export const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
