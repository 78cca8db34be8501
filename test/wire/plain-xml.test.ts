import assert from "node:assert/strict";
import { test } from "node:test";
import { GetBucketAcl$, ListObjectsV2$, ListParts$ } from "@aws-sdk/client-s3";
import { compilePlainXml } from "#wire/protocols/plain-xml.ts";
import { innerXml, writeXml } from "#wire/protocols/xml.ts";
import { NormalizedSchema } from "#wire/schema.ts";

const outputOf = (operation: readonly unknown[]) => NormalizedSchema.of(operation[5] as never);
const at = new Date(1_795_000_000_123);

test("a compiled writer says what the SDK's serializer says", () => {
  const samples: [NormalizedSchema, Record<string, unknown>][] = [
    [
      outputOf(ListObjectsV2$),
      {
        Name: "b",
        IsTruncated: false,
        KeyCount: 2,
        Contents: [
          { Key: "a&b<c>'\"\r\n\u2028", Size: 12, LastModified: at, ETag: '"0"', ChecksumAlgorithm: ["CRC32"], Owner: { ID: "me" } },
          { Key: "ü", Size: 0, LastModified: at },
        ],
        CommonPrefixes: [{ Prefix: "x/" }],
      },
    ],
    [outputOf(ListParts$), { UploadId: "u", Parts: [{ PartNumber: 1, ETag: '"1"', LastModified: at }], StorageClass: "STANDARD" }],
  ];
  for (const [schema, value] of samples) assert.equal(compilePlainXml(schema)?.(value), innerXml(writeXml(schema, value, "n")));
});

test("a structure with attributes is left to the SDK", () => {
  assert.equal(compilePlainXml(outputOf(GetBucketAcl$)), undefined);
});
