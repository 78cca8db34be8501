import { createHash } from "node:crypto";

/**
 * A physical name like those that CloudFormation makes, `<stack>-<logical id>-<12 characters>`. The characters follow from `seed`, so
 * that a step repeated after a crash names the same thing.
 */
export const physicalName = (
  { stackName, logicalId, seed }: { stackName: string; logicalId: string; seed: string },
  { longest = 128, lowerCase = false }: { longest?: number; lowerCase?: boolean } = {},
): string => {
  const ending = characters(`${stackName}/${logicalId}/${seed}`, 12);
  const room = longest - ending.length - 2;
  // A long stack name gives way first, then the logical id, as on AWS: the two halves stay readable.
  const idLength = Math.min(logicalId.length, Math.max(Math.ceil(room / 2), room - stackName.length));
  const name = `${stackName.slice(0, room - idLength)}-${logicalId.slice(0, idLength)}-${ending}`;
  return lowerCase ? name.toLowerCase() : name;
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const characters = (seed: string, count: number): string =>
  [...createHash("sha256").update(seed).digest().subarray(0, count)].map((byte) => alphabet[byte % alphabet.length]).join("");

/** A UUID that follows from `seed`: client tokens of repeated steps. */
export const tokenOf = (seed: string): string => {
  const hex = createHash("sha256").update(seed).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
};
