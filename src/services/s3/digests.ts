import { newChecksum } from "#wire/checksums.ts";
import type { ChecksumAlgorithm } from "#wire/checksums.ts";
import type { Blobs } from "#store/blobs.ts";
import { openContent } from "./contents.ts";
import type { ByteRange } from "./ranges.ts";
import type { ChecksumName, Content } from "./s3.ts";

/** What reading a content once more finds out about it. */
export type Digests = { md5: string; checksum: string | undefined };

/** The MD5 in hex, and one checksum in base64, of stored bytes. */
export const digestContent = async (
  content: Content,
  blobs: Blobs,
  { algorithm, range }: { algorithm?: ChecksumName | undefined; range?: ByteRange },
): Promise<Digests> => {
  const md5 = await newChecksum("md5");
  const checksum = algorithm && (await newChecksum(wireName(algorithm)));
  const body = openContent(content, blobs, range);
  for await (const bytes of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)) {
    md5.update(bytes);
    checksum?.update(bytes);
  }
  return { md5: (await md5.digest()).toString("hex"), checksum: (await checksum?.digest())?.toString("base64") };
};

export const wireName = (algorithm: ChecksumName): ChecksumAlgorithm => algorithm.toLowerCase() as ChecksumAlgorithm;
