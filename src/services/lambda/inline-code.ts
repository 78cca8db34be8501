import { crc32 } from "node:zlib";

/** A zip archive with one stored file: what CloudFormation makes of a template's `ZipFile`. */
export const zipOf = (name: string, content: string): Uint8Array => {
  const [path, data] = [Buffer.from(name), Buffer.from(content)];
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  // The first day that the format knows, 1980-01-01: the same code is always the same archive.
  local.writeUInt16LE(0x21, 12);
  local.writeUInt32LE(crc32(data), 14);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt32LE(data.length, 22);
  local.writeUInt16LE(path.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  // Made on Unix, so that the file's mode, `-rw-r--r--`, counts.
  central.writeUInt16LE(0x0314, 4);
  local.copy(central, 6, 4, 30);
  central.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + path.length, 12);
  end.writeUInt32LE(local.length + path.length + data.length, 16);
  return Buffer.concat([local, path, data, central, path, end]);
};

/** `ZipFile` is the text of one file, `index.js` or `index.py`: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html */
export const zipOfSource = (runtime: string | undefined, source: string): Uint8Array | undefined => {
  if (runtime?.startsWith("nodejs") === true) return zipOf("index.js", source);
  if (runtime?.startsWith("python") === true) return zipOf("index.py", source);
  return undefined;
};
