import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { SFNClient } from "@aws-sdk/client-sfn";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../../cloud.ts";
import { gzipped, ofEachType } from "../parquet-files.ts";
import { create, start, untilEnded } from "./machines-in.ts";

test("datasets in S3 are read in every format", async (t) => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  const Bucket = "formats";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

  let machines = 0;
  const outcomeOf = async (ItemReader: object, ItemSelector: unknown = "{% $states.context.Map.Item.Value %}") => {
    machines += 1;
    const Each = {
      Type: "Map",
      ItemReader,
      ItemSelector: { at: "{% $states.context.Map.Item.Index %}", item: ItemSelector },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Echo",
        States: { Echo: { Type: "Pass", Output: "{% $states.input.item %}", End: true } },
      },
      Output: "{% $states.result %}",
      End: true,
    };
    const machine = await create(client, `formats-${machines}`, { Each }, { QueryLanguage: "JSONata" });
    return untilEnded(client, await start(client, machine, {}));
  };
  const itemsOf = async (...given: Parameters<typeof outcomeOf>) => {
    const { status, output, cause } = await outcomeOf(...given);
    assert.equal(status, "SUCCEEDED", cause);
    return JSON.parse(output ?? "") as unknown;
  };
  const get = (Key: string, ReaderConfig: object) => ({
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig,
    Arguments: { Bucket, Key },
  });
  const list = (Prefix: string, ReaderConfig: object) => ({
    Resource: "arn:aws:states:::s3:listObjectsV2",
    ReaderConfig,
    Arguments: { Bucket, Prefix },
  });

  await t.test("compressed CSV with a delimiter, and JSON lines", async () => {
    await put("rows.csv.gz", gzipSync("id|name\n1|a\n2|b\n"));
    const csv = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", CSVDelimiter: "PIPE" };
    assert.deepEqual(await itemsOf(get("rows.csv.gz", csv)), [
      { id: "1", name: "a" },
      { id: "2", name: "b" },
    ]);
    await put("lines.jsonl.zstd", zstdCompressSync('{"n":1}\n{"n":2}\n'));
    assert.deepEqual(await itemsOf(get("lines.jsonl.zstd", { InputType: "JSONL" })), [{ n: 1 }, { n: 2 }]);
  });

  await t.test("an array within a JSON object", async () => {
    await put("stock.json", '{"inventory":{"products":{"featured":[{"sku":"x"},{"sku":"y"}]}}}');
    const reader = get("stock.json", { InputType: "JSON", ItemsPointer: "/inventory/products/featured" });
    assert.deepEqual(await itemsOf(reader), [{ sku: "x" }, { sku: "y" }]);
    const { error, cause } = await outcomeOf(get("stock.json", { InputType: "JSON", ItemsPointer: "/inventory/none" }));
    assert.equal(error, "States.ItemReaderFailed");
    assert.match(cause ?? "", /does not lead to a value/);
  });

  await t.test("Parquet, by ranges of the object", async () => {
    await put("types.parquet", Buffer.from(ofEachType, "base64"));
    const day = "{% $states.context.Map.Item.Value.day %}";
    assert.deepEqual(await itemsOf(get("types.parquet", { InputType: "PARQUET", MaxItems: 2 }), day), ["2026-01-02", "1970-01-01"]);
  });

  await t.test("what is in the objects of a prefix, with where it comes from", async () => {
    await put("logs/", new Uint8Array());
    await put("logs/1.json", "[1,2]");
    await put("logs/2.json", "[3]");
    const from = "{% $states.context.Map.Item.Source & ' ' & $string($states.context.Map.Item.Value) %}";
    assert.deepEqual(await itemsOf(list("logs/", { InputType: "JSON", Transformation: "LOAD_AND_FLATTEN" }), from), [
      "S3://formats/logs/1.json 1",
      "S3://formats/logs/1.json 2",
      "S3://formats/logs/2.json 3",
    ]);
    const keys = "{% $states.context.Map.Item.Value.Key %}";
    assert.deepEqual(await itemsOf(list("logs/", {}), keys), ["logs/", "logs/1.json", "logs/2.json"]);
  });

  await t.test("an S3 inventory, and an Athena UNLOAD of Parquet", async () => {
    const manifest = {
      destinationBucket: "arn:aws:s3:::formats",
      fileFormat: "CSV",
      fileSchema: "Bucket, Key",
      files: [{ key: "inv/1.csv.gz" }],
    };
    await put("inv/manifest.json", JSON.stringify(manifest));
    await put("inv/1.csv.gz", gzipSync('"b","k1"\n"b","k2"\n'));
    assert.deepEqual(await itemsOf(get("inv/manifest.json", { ManifestType: "S3_INVENTORY" })), [
      { Bucket: "b", Key: "k1" },
      { Bucket: "b", Key: "k2" },
    ]);
    await put("out/part", Buffer.from(gzipped, "base64"));
    await put("out/query-manifest.csv", "s3://formats/out/part\n");
    const unload = get("out/query-manifest.csv", { ManifestType: "ATHENA_DATA", InputType: "PARQUET", MaxItems: 3 });
    assert.deepEqual(await itemsOf(unload), [{ n: 0 }, { n: 1 }, { n: 2 }]);
  });
});
