import { invalidRequest, notBuilt } from "./faults.ts";
import type { ChecksumName, StoredChecksum } from "./s3.ts";

const digestBytes: Readonly<Record<ChecksumName, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };
export const checksumNames = Object.keys(digestBytes) as readonly ChecksumName[];

export type ChecksumMembers = { [N in ChecksumName as `Checksum${N}`]?: string | undefined };

type Stated = ChecksumMembers & { ChecksumAlgorithm?: string | undefined };

/** The algorithm that a request names, when it is one of those that S3 keeps here. */
export const checksumNameOf = (name: string | undefined): ChecksumName | undefined => {
  if (name === undefined) return undefined;
  const known = checksumNames.find((each) => each === name);
  if (!known) throw notBuilt(`the checksum algorithm ${name}`);
  return known;
};

/** The one checksum that a request's headers state, checked for its form: the wire compares it with the body. */
export const headerChecksum = (input: ChecksumMembers): Pick<StoredChecksum, "algorithm" | "value"> | undefined => {
  for (const member of Object.keys(input)) checksumNameOf(/^Checksum(?!Algorithm$|Type$|Mode$)(.+)$/.exec(member)?.[1]);
  const stated = checksumNames.flatMap((algorithm) => {
    const value = input[`Checksum${algorithm}`];
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (stated.length > 1) throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  const [one] = stated;
  if (one && Buffer.from(one.value, "base64").length !== digestBytes[one.algorithm])
    throw invalidRequest(`Value for x-amz-checksum-${one.algorithm.toLowerCase()} header is invalid.`);
  return one;
};

/** The checksum that came with a body, once the body has been read: in a header, or behind it. */
export const statedChecksum = (
  input: Stated,
  trailers: Readonly<Record<string, string>>,
): Pick<StoredChecksum, "algorithm" | "value"> | undefined => {
  const inHeader = headerChecksum(input);
  if (inHeader) return inHeader;
  return checksumNames.flatMap((algorithm) => {
    const value = trailers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    return value === undefined ? [] : [{ algorithm, value }];
  })[0];
};

/** `{ ChecksumCRC32: "…", ChecksumType: "FULL_OBJECT" }` */
export const checksumMembers = (checksum: StoredChecksum | undefined): ChecksumMembers & { ChecksumType?: StoredChecksum["type"] } =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
