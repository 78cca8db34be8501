/** A CRC whose bits are reflected and whose start and end are all ones, as S3's three are. */
type Crc = { polynomial: bigint; width: bigint };

const crcs = {
  CRC32: { polynomial: 0xedb88320n, width: 32n },
  CRC32C: { polynomial: 0x82f63b78n, width: 32n },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, width: 64n },
} as const satisfies Record<string, Crc>;

export type CrcName = keyof typeof crcs;
export const isCrc = (name: string): name is CrcName => Object.hasOwn(crcs, name);

/**
 * The CRC of bytes that follow one another, from the CRC and length of each piece: shifting a CRC past n bytes is a multiplication by x^8n
 * modulo the polynomial. https://github.com/madler/zlib explains it at crc32_combine.
 */
export const combineCrcs = (name: CrcName, pieces: readonly { value: string; sizeBytes: number }[]): string => {
  const crc = crcs[name];
  const shifts = new Map<number, bigint>();
  let combined = 0n;
  for (const { value, sizeBytes } of pieces) {
    const shift = shifts.get(sizeBytes) ?? powerOfX8(sizeBytes, crc);
    shifts.set(sizeBytes, shift);
    combined = multiply(shift, combined, crc) ^ BigInt(`0x${Buffer.from(value, "base64").toString("hex")}`);
  }
  return Buffer.from(combined.toString(16).padStart(Number(crc.width) / 4, "0"), "hex").toString("base64");
};

const powerOfX8 = (bytes: number, crc: Crc): bigint => {
  let power = 1n << (crc.width - 1n);
  let base = 1n << (crc.width - 9n);
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) power = multiply(base, power, crc);
    base = multiply(base, base, crc);
  }
  return power;
};

const multiply = (a: bigint, b: bigint, { polynomial, width }: Crc): bigint => {
  let product = 0n;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= b;
    b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n;
  }
  return product;
};
