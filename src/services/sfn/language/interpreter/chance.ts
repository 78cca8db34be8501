import { hash } from "node:crypto";
import type { Chance } from "../intrinsics/functions.ts";

/** Chance drawn from a text: the same text gives the same row of numbers, identifiers and tokens. */
export class SeededChance implements Chance {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** A text that no other draw of this seed hashes. */
  #next(): string {
    this.#drawn += 1;
    return `${this.#seed}\n${this.#drawn}`;
  }

  #bytes(): Buffer {
    return hash("sha256", this.#next(), "buffer");
  }

  fraction(): number {
    const bytes = this.#bytes();
    return bytes.readUIntBE(0, 6) / 2 ** 48;
  }

  /** A random (version 4) UUID. */
  uuid(): string {
    const bytes = this.#bytes();
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  }

  /** A task token: opaque and not to be guessed. */
  token(): string {
    return hash("sha512", this.#next(), "base64");
  }
}
