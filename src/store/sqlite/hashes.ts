import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export type RunningHash = { update(bytes: Uint8Array): void; hex(): string };

/** A hash that node:crypto knows by this name, or `crc32`. */
export const newHash = (name: string): RunningHash => {
  if (name === "crc32") return newCrc32();
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
};

const newCrc32 = (): RunningHash => {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    hex: () => value.toString(16).padStart(8, "0"),
  };
};
