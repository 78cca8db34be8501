import { isMainThread, parentPort, workerData, type MessagePort } from "node:worker_threads";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { AsyncBuffer, ColumnData, Compressors, ParquetParsers } from "hyparquet";
import type { Json, JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { Batched } from "./batched.ts";

/** What the decoder asks of the thread that started it: bytes of the object; and what it gives: rows, the end, or why there are none. */
export type FromDecoder =
  | { readonly kind: "read"; readonly from: number; readonly to: number; readonly id: number }
  | { readonly kind: "rows"; readonly rows: readonly JsonObject[] }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly cause: string };

/** What the decoder is told. */
export type ToDecoder = { readonly kind: "next" } | { readonly kind: "bytes"; readonly id: number; readonly bytes: Uint8Array };

export type DecoderData = { readonly decodes: "parquet"; readonly sizeBytes: number };

/** This module's own file, which a worker runs: found so from sources and from a bundle alike. */
export const decoderUrl = new URL(import.meta.url);

const rowsARun = 1_000;

/** The columns of one row group are in memory at a time. */
async function* rowsIn(file: AsyncBuffer): Batched<JsonObject> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import("hyparquet");
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const sizeBytes = Number(group.total_byte_size);
    if (sizeBytes > limits.parquetRowGroupBytes) {
      throw new Error(`a row group of ${sizeBytes} bytes exceeds the limit of ${limits.parquetRowGroupBytes} bytes`);
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const columns = new Map(names.map((name): [string, ColumnData[]] => [name, []]));
    const onChunk = (chunk: ColumnData) => void columns.get(chunk.columnName)?.push(chunk);
    const options = { file, metadata, rowStart, rowEnd, compressors, parsers, geoparquet: false, onChunk };
    if (rowEnd > rowStart) await parquetRead(options);
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

/** Rows in runs that are copied between threads at a time; none goes beyond its row group, which may be the last that is wanted. */
async function* runsOf(groups: Batched<JsonObject>): AsyncGenerator<JsonObject[]> {
  for await (const group of groups) {
    let run: JsonObject[] = [];
    for (const row of group) {
      run.push(row);
      if (run.length < rowsARun) continue;
      yield run;
      run = [];
    }
    if (run.length > 0) yield run;
  }
}

const serve = (port: MessagePort, { sizeBytes }: DecoderData): void => {
  const wanted: ((bytes: Uint8Array) => void)[] = [];
  const tell = (message: FromDecoder) => port.postMessage(message);
  const slice = async (from: number, to = sizeBytes) => {
    const bytes = await new Promise<Uint8Array>((resolve) => tell({ kind: "read", from, to, id: wanted.push(resolve) - 1 }));
    return new Uint8Array(bytes).buffer;
  };
  const runs = runsOf(rowsIn({ byteLength: sizeBytes, slice }));
  const next = async (): Promise<FromDecoder> => {
    const { done, value } = await runs.next();
    return done === true ? { kind: "end" } : { kind: "rows", rows: value };
  };
  port.on("message", (message: ToDecoder) => {
    if (message.kind === "bytes") wanted[message.id]?.(message.bytes);
    else next().then(tell, (fault: unknown) => tell({ kind: "failed", cause: fault instanceof Error ? fault.message : String(fault) }));
  });
};

const isDecoder = (data: unknown): data is DecoderData =>
  typeof data === "object" && data !== null && "decodes" in data && data.decodes === "parquet";

if (!isMainThread && parentPort !== null && isDecoder(workerData)) serve(parentPort, workerData);
