import { Fault } from "./fault.ts";

/** A form of a page: its fields in order, and the bytes of the field `file`, which ends it. */
export type Form = { fields: ReadonlyMap<string, string>; fileName: string; file: AsyncIterable<Uint8Array> };

const maxHeaderBytes = 16 * 1024;
const maxFieldsBytes = 20 * 1024;
const lineEnd = Buffer.from("\r\n");
const headerEnd = Buffer.from("\r\n\r\n");

const malformed = (message: string) => new Fault("MalformedPOSTRequest", message, 400);
const incomplete = () => malformed("The body of your POST request is not well-formed multipart/form-data.");

export const boundaryOf = (contentType: string): string | undefined => {
  const found = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
};

/** Reads the fields before the file; the file's bytes come as they are asked for, and what follows the file is ignored, as on AWS. */
export const readForm = async (chunks: AsyncIterator<Uint8Array>, boundary: string): Promise<Form> => {
  const reader = newReader(chunks);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const fields = new Map<string, string>();
  await reader.until(delimiter.subarray(2), maxHeaderBytes);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a form is read from its beginning to its end
    const after = await reader.until(lineEnd, maxHeaderBytes);
    if (after.toString().startsWith("--"))
      throw new Fault("InvalidArgument", "POST requires exactly one file upload per request.", 400, {
        details: { ArgumentName: "file", ArgumentValue: 0 },
      });
    // oxlint-disable-next-line no-await-in-loop
    const { name, fileName } = readDisposition((await reader.until(headerEnd, maxHeaderBytes)).toString());
    if (name === "file") return { fields, fileName, file: reader.stream(delimiter) };
    // oxlint-disable-next-line no-await-in-loop
    fields.set(name, (await reader.until(delimiter, maxFieldsBytes)).toString());
  }
};

const readDisposition = (headers: string): { name: string; fileName: string } => {
  const line = headers.split("\r\n").find((each) => /^content-disposition:/i.test(each)) ?? "";
  // Pages write a quote in a name as %22: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
  const parameter = (name: string) => new RegExp(`;\\s*${name}="([^"]*)"`, "i").exec(line)?.[1]?.replaceAll("%22", '"');
  const name = parameter("name");
  if (name === undefined) throw incomplete();
  // Old browsers send the whole path of the file; the key takes its last part: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
  const fileName = (parameter("filename") ?? "").split(/[\\/]/).at(-1) ?? "";
  return { name: name.toLowerCase() === "file" ? "file" : name, fileName };
};

type Reader = {
  until(end: Buffer, maxBytes: number): Promise<Buffer>;
  stream(end: Buffer): AsyncGenerator<Uint8Array>;
};

const newReader = (chunks: AsyncIterator<Uint8Array>): Reader => {
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const { done, value } = await chunks.next();
    if (done) throw incomplete();
    rest = Buffer.concat([rest, value]);
  };
  return {
    until: async (end, maxBytes) => {
      for (;;) {
        const at = rest.indexOf(end);
        if (at >= 0) {
          const found = rest.subarray(0, at);
          rest = rest.subarray(at + end.length);
          return found;
        }
        if (rest.length > maxBytes)
          throw new Fault("MaxPostPreDataLengthExceededError", "Your POST request fields preceding the upload file were too large.", 400);
        // oxlint-disable-next-line no-await-in-loop -- chunk after chunk
        await more();
      }
    },
    async *stream(end) {
      for (;;) {
        const at = rest.indexOf(end);
        if (at >= 0) {
          if (at > 0) yield rest.subarray(0, at);
          break;
        }
        const sure = rest.length - end.length + 1;
        if (sure > 0) {
          yield rest.subarray(0, sure);
          rest = rest.subarray(sure);
        }
        await more();
      }
      for (let ended = false; !ended;) ended = (await chunks.next()).done === true;
    },
  };
};
