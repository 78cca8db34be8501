import { isIPv4, isIPv6 } from "node:net";
import { templateError } from "../faults.ts";
import { asText } from "./json.ts";
import type { Json } from "./json.ts";

/** `Fn::Cidr`: `count` blocks out of one, each with `bits` bits left to its hosts. */
export const cidrBlocks = (items: readonly Json[]): string[] => {
  const [block, countText, bitsText] = items.map((item) => asText(item));
  const [address = "", prefixText = ""] = block?.split("/") ?? [];
  const width = isIPv4(address) ? 32 : isIPv6(address) && !address.includes(".") ? 128 : 0;
  const prefix = Number(prefixText);
  const count = Number(countText);
  const bits = Number(bitsText ?? (width === 32 ? 8 : 64));
  const valid = width > 0 && /^\d+$/.test(prefixText) && prefix <= width && Number.isInteger(count) && count >= 1 && count <= 256;
  if (!valid || !Number.isInteger(bits) || bits < 0)
    throw templateError(
      "every Fn::Cidr object requires two parameters, (1) a CIDR block and (2) a count, and optionally (3) the number of subnet bits",
    );
  const room = width - prefix - bits;
  if (room < 0 || BigInt(count) > 1n << BigInt(room))
    throw templateError(`Fn::Cidr: ${count} blocks of ${bits} bits each do not fit into ${block}`);
  const size = 1n << BigInt(width - prefix);
  const start = (toNumber(address, width) / size) * size;
  return Array.from({ length: count }, (_, index) => `${toAddress(start + BigInt(index) * (1n << BigInt(bits)), width)}/${width - bits}`);
};

const toNumber = (address: string, width: number): bigint => {
  if (width === 32) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...middle, ...after].reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n);
};

const toAddress = (value: bigint, width: number): string => {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const parts = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 65535n).toString(16));
  const zeros = /(?:^|:)0(?::0)+$/.exec(parts.join(":"));
  return zeros ? `${parts.join(":").slice(0, zeros.index)}::` : parts.join(":");
};
