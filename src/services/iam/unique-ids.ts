import { createHash } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An id of IAM's form (`AROA…`, `ANPA…`) made of a fresh id: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const newUniqueId = (prefix: string, id: string): string =>
  prefix + Array.from(createHash("sha256").update(id).digest().subarray(0, 17), (byte) => alphabet[byte & 31]).join("");
