import { invalidRange } from "./faults.ts";

/** Bytes from `start` to `end`, both inclusive. */
export type ByteRange = { start: number; end: number };

/** Reads a Range header. One that HTTP does not know, or with several ranges, is as if it was not there, as on AWS. */
export const parseRange = (header: string | undefined, sizeBytes: number): ByteRange | undefined => {
  const [, first = "", last = ""] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (header === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Number(last);
    if (length === 0 || sizeBytes === 0) throw invalidRange(header, sizeBytes);
    return { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { start, end };
};
