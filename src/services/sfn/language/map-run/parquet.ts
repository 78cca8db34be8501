import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { AsyncBuffer, ColumnData, Compressors, ParquetParsers } from "hyparquet";
import type { Json, JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import { StateFailure } from "../state-failure.ts";
import type { Batched } from "./batched.ts";
import { itemReaderFailed } from "./reader-failure.ts";

/** An object of which any range can be read, end exclusive. */
export type Ranged = { readonly sizeBytes: number; readonly read: (from: number, to: number) => Promise<Uint8Array> };

/** The rows of a Parquet file, the columns of one row group in memory at a time. The library is loaded when it is first needed. */
export async function* parquetRows(object: Ranged): Batched<JsonObject> {
  await checkFooter(object);
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import("hyparquet");
  const file = bufferOf(object);
  const metadata = await decoded(() => parquetMetadataAsync(file, { geoparquet: false }));
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const sizeBytes = Number(group.total_byte_size);
    if (sizeBytes > limits.parquetRowGroupBytes) {
      throw itemReaderFailed(`A Parquet row group of ${sizeBytes} bytes exceeds the limit of ${limits.parquetRowGroupBytes} bytes.`);
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const columns = new Map(names.map((name): [string, ColumnData[]] => [name, []]));
    const onChunk = (chunk: ColumnData) => void columns.get(chunk.columnName)?.push(chunk);
    const options = { file, metadata, rowStart, rowEnd, compressors, parsers, geoparquet: false, onChunk };
    if (rowEnd > rowStart) await decoded(() => parquetRead(options));
    yield rowsOf(columns);
    rowStart = rowEnd;
  }
}

/** Columns become rows one by one: as objects all at once they would take many times the memory. */
function* rowsOf(columns: ReadonlyMap<string, readonly ColumnData[]>): Generator<JsonObject> {
  const cursors = [...columns].map(([name, chunks]) => ({ name, values: valuesOf(chunks) }));
  for (;;) {
    const row = cursors.map(({ name, values }) => ({ name, next: values.next() }));
    if (row.every(({ next }) => next.done)) return;
    yield Object.fromEntries(row.map(({ name, next }) => [name, jsonOf(next.value)]));
  }
}

function* valuesOf(chunks: readonly ColumnData[]): Generator<unknown, undefined> {
  for (const { columnData } of chunks) yield* columnData;
}

/** The last eight bytes are the footer's length and the file's signature: both are looked at before a footer is fetched. */
const checkFooter = async ({ sizeBytes, read }: Ranged): Promise<void> => {
  const tail = sizeBytes < 12 ? undefined : Buffer.from(await read(sizeBytes - 8, sizeBytes));
  if (tail?.toString("latin1", 4) !== "PAR1") throw itemReaderFailed("The object is not a Parquet file.");
  const footerBytes = tail.readUInt32LE(0);
  if (footerBytes > limits.parquetFooterBytes) {
    throw itemReaderFailed(`A Parquet footer of ${footerBytes} bytes exceeds the limit of ${limits.parquetFooterBytes} bytes.`);
  }
};

const bufferOf = ({ sizeBytes, read }: Ranged): AsyncBuffer => ({
  byteLength: sizeBytes,
  slice: async (start, end = sizeBytes) => new Uint8Array(await read(start, Math.min(end, sizeBytes))).buffer,
});

/** Whatever the library throws says that the file is not as it should be. */
const decoded = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (fault) {
    if (fault instanceof StateFailure) throw fault;
    throw itemReaderFailed(`The Parquet file can't be read: ${fault instanceof Error ? fault.message : "unknown"}`);
  }
};

/** Snappy is the library's own; a page never grows beyond what its header says. */
const compressors: Compressors = {
  GZIP: (page, maxOutputLength) => gunzipSync(page, { maxOutputLength }),
  ZSTD: (page, maxOutputLength) => zstdDecompressSync(page, { maxOutputLength }),
};

const parsers: Partial<ParquetParsers> = {
  dateFromDays: (days) => new Date(days * 86_400_000).toISOString().slice(0, 10),
};

const objectOf = (row: object): JsonObject => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonOf(value)]));

/** A column's value as JSON: instants in ISO 8601, integers as numbers, bytes in base 64. */
const jsonOf = (value: unknown): Json => {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return Number.isNaN(value.valueOf()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(jsonOf);
  return typeof value === "object" ? objectOf(value) : null;
};
