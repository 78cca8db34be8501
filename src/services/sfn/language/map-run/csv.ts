import type { JsonObject } from "../json.ts";
import { exceedsBytes } from "../json.ts";
import { limits } from "../limits.ts";
import type { ReaderSpec } from "../interpreter/map-run-spec.ts";
import type { Batched } from "./batched.ts";
import { csvRows } from "./csv-rows.ts";
import { itemReaderFailed } from "./reader-failure.ts";

const delimiters: Readonly<Record<string, string>> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

/** The rows of a text delimited file as objects by its header: missing cells are empty, superfluous ones left out, all are strings. */
export async function* csvItems(
  { headerLocation, headers: given, delimiter }: Pick<ReaderSpec, "headerLocation" | "headers" | "delimiter">,
  pieces: AsyncIterable<string>,
): Batched<JsonObject> {
  let headers = headerLocation === "GIVEN" && given !== undefined ? checkedHeaders(given) : undefined;
  const objects = function* (rows: Iterable<string[]>): Generator<JsonObject> {
    for (const row of rows) {
      if (headers === undefined) headers = checkedHeaders(row);
      else yield byHeader(headers, row);
    }
  };
  for await (const rows of csvRows(pieces, delimiters[delimiter] ?? ",")) yield objects(rows);
}

/** A row of cells as an object. */
export const byHeader = (headers: readonly string[], row: readonly string[]): JsonObject =>
  Object.fromEntries(headers.map((header, column) => [header, row[column] ?? ""]));

const checkedHeaders = (headers: readonly string[]): readonly string[] => {
  if (exceedsBytes(headers.join(), limits.csvHeaderBytes)) throw itemReaderFailed("CSV headers cannot exceed 10 KiB.");
  if (headers.every((header) => header.trim() === "")) throw itemReaderFailed("CSV headers cannot be empty.");
  if (new Set(headers).size < headers.length) throw itemReaderFailed("CSV headers cannot contain duplicates.");
  return headers;
};
