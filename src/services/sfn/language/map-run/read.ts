import { isArray, isObject, member, type Json } from "../json.ts";
import { StateFailure } from "../state-failure.ts";
import type { ReaderSpec } from "../interpreter/map-run-spec.ts";
import { csvRows } from "./csv.ts";
import type { Item } from "./item.ts";

export const itemReaderFailed = (cause: string) => new StateFailure("States.ItemReaderFailed", cause);

/** The items of a dataset that is in the state's own data: an array, or an object as pairs. */
export const itemsInState = (dataset: Json): Item[] => {
  const source = "STATE_DATA";
  if (isArray(dataset)) return dataset.map((value, index) => ({ index, value, source }));
  if (!isObject(dataset)) return [];
  return Object.entries(dataset).map(([key, value], index) => ({ index, key, value, source }));
};

/** Reads the items of an object in S3 from its text, piece by piece; nothing is kept but the current piece. */
export async function* readItems(spec: ReaderSpec, pieces: AsyncIterable<string>, source: string): AsyncGenerator<Item> {
  let index = 0;
  for await (const { key, value } of readValues(spec, pieces)) {
    if (spec.maxItems !== undefined && spec.maxItems > 0 && index >= spec.maxItems) return;
    yield { index, value, source, ...(key === undefined ? {} : { key }) };
    index += 1;
  }
}

type Entry = { readonly key?: string; readonly value: Json };

async function* readValues(spec: ReaderSpec, pieces: AsyncIterable<string>): AsyncGenerator<Entry> {
  switch (spec.inputType) {
    case "JSONL":
      for await (const line of linesOf(pieces)) if (line.trim() !== "") yield { value: parse(line) };
      return;
    case "CSV":
      yield* readCsv(spec, pieces);
      return;
    case "JSON":
      yield* readJson(spec, pieces);
      return;
    case "MANIFEST":
      yield* readManifest(spec, pieces);
      return;
    case "PARQUET":
      throw itemReaderFailed("Reading PARQUET files is not supported.");
    case undefined:
      throw itemReaderFailed("The ReaderConfig does not say what InputType to read.");
  }
}

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw itemReaderFailed("Attempting to read the item failed: it is not valid JSON.");
  }
};

async function* readJson(spec: ReaderSpec, pieces: AsyncIterable<string>): AsyncGenerator<Entry> {
  const dataset = pointed(parse(await gather(pieces)), spec.itemsPointer);
  if (isArray(dataset)) for (const value of dataset) yield { value };
  else if (isObject(dataset)) for (const [key, value] of Object.entries(dataset)) yield { key, value };
  else throw itemReaderFailed("Attempting to map over non-iterable node.");
}

/** The node that a JSON Pointer names. */
const pointed = (root: Json, pointer: string | undefined): Json => {
  let node: Json | undefined = root;
  for (const part of pointer?.split("/").slice(1) ?? []) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    node = isArray(node) ? node[Number(key)] : isObject(node) ? member(node, key) : undefined;
  }
  if (node === undefined) throw itemReaderFailed(`The ItemsPointer '${pointer}' does not lead to a value.`);
  return node;
};

/** An S3 inventory's list of files, or an Athena manifest's list of objects, one URI a line. */
async function* readManifest(spec: ReaderSpec, pieces: AsyncIterable<string>): AsyncGenerator<Entry> {
  if (spec.manifestType === "ATHENA_DATA") {
    for await (const line of linesOf(pieces)) if (line.trim() !== "") yield { value: line.trim() };
    return;
  }
  const manifest = parse(await gather(pieces));
  const files = isObject(manifest) ? member(manifest, "files") : undefined;
  if (!isArray(files)) throw itemReaderFailed("The manifest does not list files.");
  for (const value of files) yield { value };
}

const delimiters: Readonly<Record<string, string>> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

async function* readCsv(spec: ReaderSpec, pieces: AsyncIterable<string>): AsyncGenerator<Entry> {
  let headers = spec.headerLocation === "GIVEN" ? spec.headers : undefined;
  for await (const row of csvRows(pieces, delimiters[spec.delimiter] ?? ",")) {
    if (headers === undefined) {
      headers = row;
      if (new Set(row).size < row.length) throw itemReaderFailed("CSV headers cannot contain duplicates.");
      continue;
    }
    yield { value: Object.fromEntries(headers.map((header, column) => [header, row[column] ?? ""])) };
  }
}

const gather = async (pieces: AsyncIterable<string>): Promise<string> => {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
};

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
