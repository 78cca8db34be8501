import { crc32, deflateRawSync } from "node:zlib";

export type ZipEntry = { name: string; content: Buffer; isExecutable?: boolean };

/** 1980-01-01: the same content gives the same archive, whenever it is made. */
const dosDate = (1 << 5) | 1;
const madeByUnix = 3;
const version = 20;
const namesAreUtf8 = 0x0800;
const deflated = 8;
const regularFile = 0o100000;

type Packed = ZipEntry & { path: Buffer; packed: Buffer; crc: number; offset: number };

/** What both headers of an entry share: flags, method, time, checksum, sizes, length of the name. */
const shared = ({ path, packed, content, crc }: Packed): Buffer => {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt16LE(version, 0);
  bytes.writeUInt16LE(namesAreUtf8, 2);
  bytes.writeUInt16LE(deflated, 4);
  bytes.writeUInt16LE(dosDate, 8);
  bytes.writeUInt32LE(crc, 10);
  bytes.writeUInt32LE(packed.length, 14);
  bytes.writeUInt32LE(content.length, 18);
  bytes.writeUInt16LE(path.length, 22);
  return bytes;
};

const localHeader = (entry: Packed): Buffer => Buffer.concat([Buffer.from("PK\u0003\u0004"), shared(entry), Buffer.alloc(2), entry.path]);

const centralHeader = (entry: Packed): Buffer => {
  const rest = Buffer.alloc(16);
  const mode = regularFile | (entry.isExecutable === true ? 0o755 : 0o644);
  rest.writeUInt32LE((mode << 16) >>> 0, 8);
  rest.writeUInt32LE(entry.offset, 12);
  const madeBy = Buffer.from([version, madeByUnix]);
  return Buffer.concat([Buffer.from("PK\u0001\u0002"), madeBy, shared(entry), rest, entry.path]);
};

/** A zip archive of files, below 4 GiB. Its bytes follow from names, contents and modes alone. */
export const zip = (files: readonly ZipEntry[]): Buffer => {
  const parts: Buffer[] = [];
  const entries: Packed[] = [];
  let offset = 0;
  for (const file of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const entry = { ...file, path: Buffer.from(file.name), packed: deflateRawSync(file.content), crc: crc32(file.content), offset };
    entries.push(entry);
    const header = localHeader(entry);
    parts.push(header, entry.packed);
    offset += header.length + entry.packed.length;
  }
  const central = Buffer.concat(entries.map(centralHeader));
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
};
