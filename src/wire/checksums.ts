import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** The checksum algorithms of S3, as `x-amz-checksum-<name>` spells them. */
export const checksumAlgorithms = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export type Checksum = { update(bytes: Uint8Array): void; digest(): Promise<Buffer> };

/** A running checksum; digests are big-endian bytes, which headers carry in base64. */
export const newChecksum = async (algorithm: ChecksumAlgorithm | "md5"): Promise<Checksum> => {
  if (algorithm === "crc32") return newCrc32();
  if (algorithm === "crc32c" || algorithm === "crc64nvme") {
    const { Crc32c, Crc64Nvme } = await import("@aws-sdk/checksums/crc");
    const running = algorithm === "crc32c" ? new Crc32c() : new Crc64Nvme();
    return { update: (bytes) => running.update(bytes), digest: async () => Buffer.from(await running.digest()) };
  }
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest() };
};

const newCrc32 = (): Checksum => {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: async () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
};
