import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandInput } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { commonPrefixOf, isBefore, keyAfterPrefix, listKeys } from "#services/s3/listing.ts";
import type { ObjectRows } from "#services/s3/object-rows.ts";
import { newCloud } from "../../cloud.ts";

const Bucket = "lists";

const withKeys = async (keys: readonly string[]) => {
  const cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: "" }))));
  return { client, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
};

const list = async (client: S3Client, query: Partial<ListObjectsV2CommandInput> = {}) => {
  const answer = await client.send(new ListObjectsV2Command({ Bucket, ...query }));
  return { keys: answer.Contents?.map(({ Key }) => Key) ?? [], prefixes: answer.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [], answer };
};

test("keys come in the order of their UTF-8 bytes, with prefixes, delimiters and pages", async () => {
  const keys = ["a", "a/1", "a/2", "b/1", "b/x/1", "c", "\u{ffff}", "\u{1f600}", "é"];
  await using place = await withKeys(keys.toReversed());
  const { client } = place;
  assert.deepEqual((await list(client)).keys, ["a", "a/1", "a/2", "b/1", "b/x/1", "c", "é", "\u{ffff}", "\u{1f600}"]);
  const folders = await list(client, { Delimiter: "/" });
  assert.deepEqual(folders.prefixes, ["a/", "b/"]);
  assert.deepEqual(folders.keys, ["a", "c", "é", "\u{ffff}", "\u{1f600}"]);
  assert.equal(folders.answer.KeyCount, 7);
  assert.deepEqual((await list(client, { Prefix: "b/", Delimiter: "/" })).prefixes, ["b/x/"]);
  assert.deepEqual((await list(client, { StartAfter: "b/1", MaxKeys: 2 })).keys, ["b/x/1", "c"]);
  const seen: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await list(client, { Delimiter: "/", MaxKeys: 2, ...(ContinuationToken ? { ContinuationToken } : {}) });
    seen.push(...[...page.keys, ...page.prefixes].map(String));
    ContinuationToken = page.answer.NextContinuationToken;
  } while (ContinuationToken);
  assert.deepEqual(seen.toSorted(), ["a", "a/", "b/", "c", "é", "\u{ffff}", "\u{1f600}"].toSorted());
  const none = await list(client, { MaxKeys: 0 });
  assert.deepEqual([none.keys, none.answer.IsTruncated], [[], false]);
  assert.equal((await list(client, { MaxKeys: 5000 })).answer.MaxKeys, 1000);
  await assert.rejects(list(client, { ContinuationToken: "bogus" }), {
    name: "InvalidArgument",
    message: "The continuation token provided is incorrect",
  });
  const first = await client.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2 }));
  assert.equal(first.NextMarker, "a/");
  const versions = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "a" }));
  assert.deepEqual(
    versions.Versions?.map(({ Key, VersionId }) => [Key, VersionId]),
    [
      ["a", "null"],
      ["a/1", "null"],
      ["a/2", "null"],
    ],
  );
});

test("any key is an object of its own, however much it looks like a path", async () => {
  const keys = [
    "../../etc/passwd",
    "/",
    "//",
    "/leading",
    "trailing/",
    ".",
    "..",
    "a b+c%20d",
    "tab\there",
    "semi;colon&amp;?#",
    "ü".repeat(512),
  ];
  await using place = await withKeys([]);
  const { client } = place;
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  for (const Key of keys) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await got.Body?.transformToString(), Key);
  }
  assert.deepEqual(new Set((await list(client)).keys), new Set(keys));
  assert.deepEqual(
    new Set((await list(client, { EncodingType: "url" })).keys.map((key) => decodeURIComponent(String(key).replaceAll("+", " ")))),
    new Set(keys),
  );
  for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  assert.deepEqual((await list(client)).keys, []);
  await assert.rejects(client.send(new PutObjectCommand({ Bucket, Key: "k".repeat(1025), Body: "" })), { name: "KeyTooLongError" });
});

/** The rows of a list, as the database answers for them. */
const rowsOf = (keys: readonly string[]): ObjectRows => {
  const sorted = [...new Set(keys)].toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  const seek: ObjectRows["seek"] = async ({ key, inclusive, below, limit }) =>
    sorted
      .filter((each) => (each === key ? inclusive : isBefore(key, each)) && (below === undefined || isBefore(each, below)))
      .slice(0, limit)
      .map((each) => ({
        key: each,
        etag: "",
        sizeBytes: 0,
        modifiedAt: 0,
        storageClass: "STANDARD",
        checksumAlgorithm: null,
        checksumType: null,
      }));
  return { seek } as ObjectRows;
};

test("pages of any list, put together, are the whole list", async () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "é", "\u{10ffff}", "\u{ffff}"), minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 60 }),
      fc.constantFrom("", "a", "b/", "\u{10ffff}"),
      fc.constantFrom("", "/", "a"),
      fc.integer({ min: 1, max: 7 }),
      async (keys, prefix, delimiter, limit) => {
        const mine = [...new Set(keys)].filter((each) => each.startsWith(prefix));
        const expected = new Set(mine.map((each) => commonPrefixOf(each, prefix, delimiter) ?? each));
        const found: string[] = [];
        let after = "";
        for (;;) {
          const page = await listKeys(rowsOf(keys), { bucket: "b", prefix, delimiter, after, limit });
          const names = [...page.objects.map((object) => object.key), ...page.commonPrefixes];
          assert.ok(names.length <= limit);
          found.push(...names);
          if (page.next === undefined) break;
          after = page.next;
        }
        assert.equal(found.length, new Set(found).size, "nothing twice");
        assert.deepEqual(new Set(found), expected);
      },
    ),
    { numRuns: 300 },
  );
});

test("the key after a prefix is greater than all that begin with it, and there is none between", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" }), (prefix, rest) => {
      const after = keyAfterPrefix(prefix);
      if (after !== undefined) assert.ok(isBefore(prefix + rest, after));
    }),
  );
});
