import { checksumMembers } from "./checksums.ts";
import { checkRead } from "./conditions.ts";
import { openContent } from "./contents.ts";
import { invalidPartNumber, invalidRequest } from "./faults.ts";
import { findObject } from "./find-object.ts";
import { headerMembers } from "./object-headers.ts";
import { parseRange } from "./ranges.ts";
import type { ByteRange } from "./ranges.ts";
import type { S3, StoredObject } from "./s3.ts";

export const GetObject: S3["GetObject"] = async (input, context) => {
  const object = await findObject(input, context);
  const { range, ...answer } = answerRead(object, input);
  return { ...answer, Body: openContent(object.content, context.store.blobs, range) };
};

export const HeadObject: S3["HeadObject"] = async (input, context) => {
  const { range: _range, ...answer } = answerRead(await findObject(input, context), input);
  return answer;
};

type ReadMembers = Parameters<typeof checkRead>[1] & {
  Range?: string | undefined;
  PartNumber?: number | undefined;
  ChecksumMode?: string | undefined;
  ResponseCacheControl?: string | undefined;
  ResponseContentDisposition?: string | undefined;
  ResponseContentEncoding?: string | undefined;
  ResponseContentLanguage?: string | undefined;
  ResponseContentType?: string | undefined;
  ResponseExpires?: Date | undefined;
};

/** The headers of a read, and the bytes that it is about: conditions first, then the range, as HTTP has it. */
const answerRead = (object: StoredObject, input: ReadMembers) => {
  checkRead(object, input);
  const range = rangeOf(object, input);
  const headers = headerMembers(object);
  const wantsChecksum = input.ChecksumMode === "ENABLED" && range === undefined;
  return {
    ...headers,
    ContentType: input.ResponseContentType ?? headers.ContentType,
    CacheControl: input.ResponseCacheControl ?? headers.CacheControl,
    ContentDisposition: input.ResponseContentDisposition ?? headers.ContentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? headers.ContentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? headers.ContentLanguage,
    Expires: input.ResponseExpires ?? headers.Expires,
    ContentLength: range ? range.end - range.start + 1 : object.sizeBytes,
    ContentRange: range ? `bytes ${range.start}-${range.end}/${object.sizeBytes}` : undefined,
    PartsCount: input.PartNumber === undefined ? undefined : object.details.parts?.length,
    ...(wantsChecksum ? checksumMembers(object.details.checksum) : {}),
    range,
  };
};

const rangeOf = (object: StoredObject, { Range, PartNumber }: ReadMembers): ByteRange | undefined => {
  if (PartNumber === undefined) return parseRange(Range, object.sizeBytes);
  if (Range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const parts = object.details.parts ?? [{ partNumber: 1, sizeBytes: object.sizeBytes }];
  const before = parts.filter(({ partNumber }) => partNumber < PartNumber);
  const part = parts.find(({ partNumber }) => partNumber === PartNumber);
  if (!part) throw invalidPartNumber(PartNumber, parts.length);
  if (part.sizeBytes === 0) return undefined;
  const start = before.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { start, end: start + part.sizeBytes - 1 };
};
