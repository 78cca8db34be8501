import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { promisify } from "node:util";
import { fromBuffer } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { zipOfSource } from "#services/lambda/inline-code.ts";

test("the code of a template becomes an archive with one file, named for its runtime", async () => {
  const source = "exports.handler = async () => 'grüße';\n".repeat(50);
  const zip = zipOfSource("nodejs22.x", source);
  assert.ok(zip);
  const archive = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(Buffer.from(zip), { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const entry = await new Promise<Entry>((resolve) => archive.once("entry", resolve).readEntry());
  assert.equal(entry.fileName, "index.js");
  const stream = await promisify(
    archive.openReadStream.bind(archive) as (entry: Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void) => void,
  )(entry);
  assert.equal((await buffer(stream)).toString(), source);
  assert.deepEqual(zipOfSource("nodejs22.x", source), zip);
  assert.equal(zipOfSource("provided.al2023", source), undefined);
});
