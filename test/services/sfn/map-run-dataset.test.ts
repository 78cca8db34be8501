import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import type { ReaderSpec } from "#services/sfn/language/interpreter/map-run-spec.ts";
import type { Json, JsonObject } from "#services/sfn/language/json.ts";
import { csvRows } from "#services/sfn/language/map-run/csv-rows.ts";
import { datasetOf, type ObjectSource } from "#services/sfn/language/map-run/dataset.ts";
import { jsonEntries } from "#services/sfn/language/map-run/json-entries.ts";
import { parquetRows } from "#services/sfn/language/map-run/parquet.ts";
import { sourceOf } from "./object-source.ts";
import { endless, gzipped, ofEachType, zstandard } from "./parquet-files.ts";

const readerOf = (changes: Partial<ReaderSpec>): ReaderSpec => ({
  resource: "arn:aws:states:::s3:getObject",
  arguments: { Bucket: "b", Key: "k" },
  inputType: "CSV",
  headerLocation: "FIRST_ROW",
  headers: undefined,
  delimiter: "COMMA",
  maxItems: undefined,
  manifestType: undefined,
  itemsPointer: undefined,
  loadAndFlatten: false,
  ...changes,
});

const itemsOf = (changes: Partial<ReaderSpec>, source: ObjectSource) =>
  Array.fromAsync(datasetOf({ items: undefined, reader: readerOf(changes) }, source));

const valuesOf = async (changes: Partial<ReaderSpec>, object: string | Uint8Array) =>
  (await itemsOf(changes, sourceOf({ "b/k": object }))).map(({ value }) => value);

const fails = (reading: Promise<unknown>, cause: RegExp) => assert.rejects(reading, { error: "States.ItemReaderFailed", cause });

const flat = async <T>(runs: AsyncIterable<Iterable<T>>): Promise<T[]> => (await Array.fromAsync(runs, (run) => [...run])).flat();

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

test("state data gives the elements of an array or the members of an object", async () => {
  const read = (items: string) => Array.fromAsync(datasetOf({ items, reader: undefined }, sourceOf({})));
  assert.deepEqual(await read('["a",null]'), [
    { index: 0, value: "a", source: "STATE_DATA" },
    { index: 1, value: null, source: "STATE_DATA" },
  ]);
  assert.deepEqual(await read('{"x":1}'), [{ index: 0, key: "x", value: 1, source: "STATE_DATA" }]);
  assert.deepEqual(await read("[]"), []);
  await fails(read("5"), /^Attempting to map over non-iterable node\.$/);
});

test("CSV is read with its header, given headers, quotes and other delimiters", async () => {
  assert.deepEqual(await valuesOf({}, '\uFEFFid,näme\r\n1,"a, ""b"""\r\n2,\r\n\r\n3,"x\r\ny"'), [
    { id: "1", näme: 'a, "b"' },
    { id: "2", näme: "" },
    { id: "3", näme: "x\r\ny" },
  ]);
  const given = { headerLocation: "GIVEN", headers: ["a", "b"] } as const;
  for (const [delimiter, char] of Object.entries({ COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" })) {
    assert.deepEqual(await valuesOf({ ...given, delimiter }, `1${char}2\n3${char}4`), [
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
  }
});

test("CSV rows shorter than the header are filled up, and longer ones cut", async () => {
  assert.deepEqual(await valuesOf({}, "a,b\n1\n1,2,3\n"), [
    { a: "1", b: "" },
    { a: "1", b: "2" },
  ]);
});

test("CSV is parsed as AWS shows it in its example", async () => {
  const text = 'abc,123,"This string contains commas, a double quotation marks (""), and a newline (\n)",{""MyKey"":""MyValue""},"[1,2,3]"';
  assert.deepEqual(await valuesOf({ headerLocation: "GIVEN", headers: ["a", "b", "c", "d", "e"] }, text), [
    {
      a: "abc",
      b: "123",
      c: 'This string contains commas, a double quotation marks ("), and a newline (\n)',
      d: '{"MyKey":"MyValue"}',
      e: "[1,2,3]",
    },
  ]);
});

test("a backslash in CSV escapes itself, a quote and the delimiter, and vanishes before anything else", async () => {
  const rows = await valuesOf({}, 'path,size\nC:\\\\Program Files\\\\MyApp.exe,6534512\n\\a\\,b,"x\\"y\\\\"\n');
  assert.deepEqual(rows, [
    { path: "C:\\Program Files\\MyApp.exe", size: "6534512" },
    { path: "a,b", size: 'x"y\\' },
  ]);
});

test("CSV headers are neither empty, nor ambiguous, nor longer than 10 KiB", async () => {
  await fails(valuesOf({}, "a,a\n1,2"), /duplicates/);
  await fails(valuesOf({}, " \n1"), /cannot be empty/);
  await fails(valuesOf({}, `${"a".repeat(10_241)}\n1`), /10 KiB/);
  assert.deepEqual(await valuesOf({}, ""), []);
  assert.deepEqual(await valuesOf({}, "a,b\n"), []);
});

test("CSV rows survive being written, quoted and read in pieces", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r", "\\", " ") });
  const quoted = (value: string) => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), fc.constantFrom("\n", "\r\n"), async (given, size, end) => {
      const text = given.map((row) => row.map(quoted).join(",")).join(end);
      assert.deepEqual(await flat(csvRows(pieces(text, size), ",")), given);
    }),
  );
});

test("JSON gives the elements of an array or the members of an object", async () => {
  assert.deepEqual(await valuesOf({ inputType: "JSON" }, ' [1,{"a":[2,"}"]},"x,\\"]", null ]\n'), [1, { a: [2, "}"] }, 'x,"]', null]);
  assert.deepEqual(await itemsOf({ inputType: "JSON" }, sourceOf({ "b/k": '{"x":1,"__proto__":{"y":[]}}' })), [
    { index: 0, key: "x", value: 1, source: "S3://b/k" },
    { index: 1, key: "__proto__", value: { y: [] }, source: "S3://b/k" },
  ]);
  for (const empty of ["[]", "{ }"]) assert.deepEqual(await valuesOf({ inputType: "JSON" }, empty), []);
});

test("an ItemsPointer leads to the array or object within", async () => {
  const read = (itemsPointer: string, text: string) => valuesOf({ inputType: "JSON", itemsPointer }, text);
  const text = '{"other":{"featured":[0]},"a/b":[{},{"m~n":[1,[2]],"o":{"k":3}}],"n":5,"":[9]}';
  assert.deepEqual(await read("/a~1b/1/m~0n", text), [1, [2]]);
  assert.deepEqual(await read("/a~1b/1/o", text), [3]);
  assert.deepEqual(await read("/other/featured", text), [0]);
  assert.deepEqual(await read("/", text), [9]);
  await fails(read("/n", text), /non-iterable/);
  await fails(read("/a~1b/2", text), /'\/a~1b\/2' does not lead to a value/);
  await fails(read("/missing", text), /does not lead to a value/);
  await fails(read("n", text), /is not a JSON Pointer/);
});

test("JSON that is none fails, wherever the fault is", async () => {
  for (const text of ["", "[1", "[1,]", "[1}", '{"a":1,}', '{"a"}', "[1] 2", '[{"a":]}]', "[1,,2]", '["\n"]']) {
    await fails(valuesOf({ inputType: "JSON" }, text), /not valid JSON/);
  }
  for (const text of ["5", '"text"', "null", "x"]) await fails(valuesOf({ inputType: "JSON" }, text), /non-iterable/);
  await fails(valuesOf({ inputType: "JSONL" }, '{"a":1}\n{'), /not valid JSON/);
});

test("any JSON is cut into the same entries as the parser finds, in whatever pieces it comes", async () => {
  const value = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(value, fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 2), async (given, size, indent) => {
      const parsed = JSON.parse(JSON.stringify(given)) as Json;
      const entries = await flat(jsonEntries(pieces(JSON.stringify({ a: [0, given] }, undefined, indent), size), "/a/1"));
      assert.deepEqual(
        entries.map(({ key, value: entry }) => [key, entry]),
        Array.isArray(parsed) ? parsed.map((entry: Json) => [undefined, entry]) : Object.entries(parsed as JsonObject),
      );
    }),
  );
});

test("an item may be 8 MB long, and its object is not read on beyond", async () => {
  const long = (length: number) => JSON.stringify(["x".repeat(length)]);
  const mebibyte = 1_048_576;
  let passed = 0;
  const read = (inputType: ReaderSpec["inputType"], text: string) => {
    passed = 0;
    const bytes = async function* () {
      for (let at = 0; at < text.length; at += mebibyte) {
        passed += 1;
        yield Buffer.from(text.slice(at, at + mebibyte));
      }
    };
    return itemsOf({ inputType }, { ...sourceOf({}), get: async () => ({ bytes: bytes(), sizeBytes: undefined }) });
  };
  assert.equal((await read("JSON", long(8_000_000))).length, 1);
  for (const inputType of ["JSON", "JSONL", "CSV"] as const) {
    await fails(read(inputType, inputType === "CSV" ? `a\n${long(20_000_000)}` : long(20_000_000)), /limit of 8388608 bytes/);
    assert.equal(passed, 9);
  }
});

test("JSON lines are read, blank ones left out, and characters cut between pieces put together", async () => {
  assert.deepEqual(await valuesOf({ inputType: "JSONL" }, '{"a":"ü€😀"}\r\n\n5\n"é"'), [{ a: "ü€😀" }, 5, "é"]);
});

test("MaxItems ends the dataset, and nothing is read beyond", async () => {
  assert.deepEqual(await valuesOf({ maxItems: 1 }, "a\n1\n2"), [{ a: "1" }]);
  assert.deepEqual(await valuesOf({ maxItems: 0 }, "a\n1\n2"), [{ a: "1" }, { a: "2" }]);
  assert.deepEqual(await valuesOf({ inputType: "JSON", maxItems: 2 }, "[1,2,oops"), [1, 2]);
});

test("gzip and zstd are unpacked by what they are, several members too", async () => {
  const text = "a\n1\n2\n";
  const packed = [gzipSync(text), zstdCompressSync(text), Buffer.concat([gzipSync("a\n1\n"), gzipSync("2\n")])];
  for (const object of packed) assert.deepEqual(await valuesOf({}, object), [{ a: "1" }, { a: "2" }]);
  assert.deepEqual(await valuesOf({ maxItems: 1 }, gzipSync(text)), [{ a: "1" }]);
  await fails(valuesOf({}, gzipSync(text).subarray(0, 15)), /could not be decompressed/);
  await fails(valuesOf({}, Buffer.concat([zstdCompressSync(text).subarray(0, 5), Buffer.from("rubbish")])), /could not be decompressed/);
});

test("a failure to get an object is the reader's, compressed or not", async () => {
  await fails(itemsOf({}, sourceOf({})), /^The specified key does not exist\.$/);
});

test("a listing's objects are items with S3's metadata, page after page, folders too", async () => {
  const asked: JsonObject[] = [];
  const source = sourceOf({ "b/p/": "", "b/p/1": "1", "b/p/2": "22", "b/q": "" }, asked);
  const list = { resource: "arn:aws:states:::s3:listObjectsV2", arguments: { Bucket: "b", Prefix: "p/" }, inputType: undefined };
  const item = (Key: string, Size: number) => ({ Etag: `"${Key}"`, Key, LastModified: 1_668_699_881, Size, StorageClass: "STANDARD" });
  assert.deepEqual(await itemsOf(list, source), [
    { index: 0, value: item("p/", 0), source: "S3://b" },
    { index: 1, value: item("p/1", 1), source: "S3://b" },
    { index: 2, value: item("p/2", 2), source: "S3://b" },
  ]);
  assert.deepEqual(
    asked.map(({ token }) => token),
    [null, "2"],
  );
  assert.equal((await itemsOf({ ...list, maxItems: 2 }, source)).length, 2);
  assert.equal(asked.length, 3);
});

test("LOAD_AND_FLATTEN reads each object that is listed", async () => {
  const objects = { "b/p/": "", "b/p/1": "a\n1\n2", "b/p/2": gzipSync("a\n3"), "b/p/3": "" };
  const list = {
    resource: "arn:aws:states:::s3:listObjectsV2",
    arguments: { Bucket: "b", ExpectedBucketOwner: "1" },
    loadAndFlatten: true,
  };
  const asked: JsonObject[] = [];
  assert.deepEqual(await itemsOf(list, sourceOf(objects, asked)), [
    { index: 0, value: { a: "1" }, source: "S3://b/p/1" },
    { index: 1, value: { a: "2" }, source: "S3://b/p/1" },
    { index: 2, value: { a: "3" }, source: "S3://b/p/2" },
  ]);
  assert.ok(asked.some(({ Key, ExpectedBucketOwner }) => Key === "p/1" && ExpectedBucketOwner === "1"));
  const json = { ...list, inputType: "JSON" } as const;
  assert.deepEqual(
    (await itemsOf(json, sourceOf({ "b/1": "[1]", "b/2": '{"x":2}' }))).map(({ value }) => value),
    [1, 2],
  );
  await fails(itemsOf({ ...list, inputType: undefined }, sourceOf(objects)), /InputType/);
});

test("an S3 inventory's rows are items by the manifest's schema", async () => {
  const manifest = {
    sourceBucket: "source",
    destinationBucket: "arn:aws:s3:::inventory",
    fileFormat: "CSV",
    fileSchema: "Bucket, Key, Size, LastModifiedDate",
    files: [{ key: "data/1.csv.gz" }, { key: "data/2.csv.gz" }],
  };
  const source = sourceOf({
    "b/k": JSON.stringify(manifest),
    "inventory/data/1.csv.gz": gzipSync(
      '"source","csv/","0","2022-11-16T00:27:19.000Z"\n"source","csv/a%20b","12","2022-11-16T00:29:32.000Z"\n',
    ),
    "inventory/data/2.csv.gz": gzipSync('"source","c","3","2022-11-16T00:29:32.000Z"\n'),
  });
  const row = (Key: string, Size: string, LastModifiedDate: string) => ({ Bucket: "source", Key, Size, LastModifiedDate });
  for (const reader of [{ inputType: "MANIFEST" }, { inputType: undefined, manifestType: "S3_INVENTORY" }] as const) {
    assert.deepEqual(await itemsOf(reader, source), [
      { index: 0, value: row("csv/", "0", "2022-11-16T00:27:19.000Z"), source: "S3://inventory/data/1.csv.gz" },
      { index: 1, value: row("csv/a%20b", "12", "2022-11-16T00:29:32.000Z"), source: "S3://inventory/data/1.csv.gz" },
      { index: 2, value: row("c", "3", "2022-11-16T00:29:32.000Z"), source: "S3://inventory/data/2.csv.gz" },
    ]);
  }
  const orc = JSON.stringify({ ...manifest, fileFormat: "ORC" });
  await fails(itemsOf({ inputType: "MANIFEST" }, sourceOf({ "b/k": orc })), /must be CSV/);
  await fails(itemsOf({ inputType: "MANIFEST" }, sourceOf({ "b/k": "[]" })), /not a JSON object/);
});

test("what an Athena UNLOAD wrote is read by its manifest", async () => {
  const source = sourceOf({
    "b/k": "s3://data/out/1\ns3://data/out/2\n",
    "data/out/1": gzipSync("1|2\n"),
    "data/out/2": gzipSync("3|4\n"),
  });
  const csv = { headerLocation: "GIVEN", headers: ["x", "y"], delimiter: "PIPE", manifestType: "ATHENA_DATA" } as const;
  assert.deepEqual(await itemsOf(csv, source), [
    { index: 0, value: { x: "1", y: "2" }, source: "S3://data/out/1" },
    { index: 1, value: { x: "3", y: "4" }, source: "S3://data/out/2" },
  ]);
  const unload = { "b/k": "s3://data/1", "data/1": Buffer.from(gzipped, "base64") };
  assert.equal((await itemsOf({ manifestType: "ATHENA_DATA", inputType: "PARQUET" }, sourceOf(unload))).length, 100);
  await fails(itemsOf({ manifestType: "ATHENA_DATA", inputType: "MANIFEST" }, source), /CSV, JSONL or PARQUET/);
  await fails(itemsOf({ manifestType: "ATHENA_DATA" }, sourceOf({ "b/k": "x,y" })), /not an S3 URI/);
});

test("Parquet rows are items, with values of every type as JSON", async () => {
  const [first, second, third] = await valuesOf({ inputType: "PARQUET" }, Buffer.from(ofEachType, "base64"));
  const full = { id: 1, name: "a", price: 1.5, at: "2026-01-02T03:04:05.678Z", day: "2026-01-02", ok: true };
  assert.deepEqual(first, { ...full, tags: ["x", "y"], place: { x: 0.5 }, scores: { k: 1 }, hash: "AP8=" });
  assert.deepEqual(Object.keys(first as JsonObject), [...Object.keys(full), "tags", "place", "scores", "hash"]);
  const flags = { id: 2, name: null, price: -2.25, at: null, day: "1970-01-01", ok: false };
  assert.deepEqual(second, { ...flags, tags: [], place: { x: null }, scores: {}, hash: "YWI=" });
  const before = { id: 9_007_199_254_740_991, name: "ü", price: null, at: "1969-12-31T23:59:59.000Z", day: null, ok: null };
  assert.deepEqual(third, { ...before, tags: null, place: null, scores: null, hash: null });
});

test("Parquet is read row group by row group, whatever its compression", async () => {
  for (const file of [gzipped, zstandard]) {
    const bytes = Buffer.from(file, "base64");
    const source = sourceOf({ "b/k": bytes });
    let read = 0;
    const getRange: ObjectSource["getRange"] = async (args, from, to) => {
      read += to - from;
      return source.getRange(args, from, to);
    };
    const rows = await itemsOf({ inputType: "PARQUET" }, { ...source, getRange });
    assert.deepEqual(
      rows.map(({ value }) => value),
      Array.from({ length: 100 }, (_, n) => ({ n })),
    );
    const whole = read;
    read = 0;
    assert.equal((await itemsOf({ inputType: "PARQUET", maxItems: 10 }, { ...source, getRange })).length, 10);
    assert.ok(read < whole);
  }
});

test("what is no Parquet file, or too large a one, fails", async () => {
  const bytes = Buffer.from(gzipped, "base64");
  const read = (object: Uint8Array) => valuesOf({ inputType: "PARQUET" }, object);
  await fails(read(Buffer.from("a,b\n1,2,3,4,5\n")), /not a Parquet file/);
  await fails(read(Buffer.alloc(0)), /not a Parquet file/);
  const tail = Buffer.from(bytes);
  tail.writeUInt32LE(6_000_000, bytes.length - 8);
  await fails(read(tail), /footer of 6000000 bytes/);
  const torn = Buffer.from(bytes).fill(0xff, 10, 60);
  await fails(read(torn), /can't be read/);
  await fails(
    itemsOf({ inputType: "PARQUET", arguments: { Bucket: "b", Key: "k", VersionId: "v" } }, sourceOf({ "b/k": bytes })),
    /VersionId/,
  );
});

test("a Parquet file that would be decoded for ever fails in time, and holds nothing else up", async () => {
  const bytes = Buffer.from(endless, "base64");
  const object = { sizeBytes: bytes.length, read: async (from: number, to: number) => bytes.subarray(from, to) };
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 10);
  await fails(flat(parquetRows(object, 1_500)), /takes too long/);
  clearInterval(ticking);
  assert.ok(ticks > 10);
});

test("a dataset that is left before its end closes the object", async () => {
  const text = Buffer.from(`a\n${Array.from({ length: 100_000 }, (_, n) => n).join("\n")}`);
  for (const object of [text, gzipSync(text)]) {
    let [passed, closed] = [0, false];
    const bytes = async function* () {
      try {
        for (; passed < object.length; passed += 100) yield object.subarray(passed, passed + 100);
      } finally {
        closed = true;
      }
    };
    const items = await itemsOf({ maxItems: 2 }, { ...sourceOf({}), get: async () => ({ bytes: bytes(), sizeBytes: undefined }) });
    assert.deepEqual([items.length, closed, passed < object.length], [2, true, true]);
  }
});
