import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import {
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { LifecycleRule as WrittenRule } from "@aws-sdk/client-s3";
import { newBucketRows } from "#services/s3/bucket-rows.ts";
import { newConfigurationRows } from "#services/s3/configuration-rows.ts";
import { expires, isPast } from "#services/s3/lifecycle-rules.ts";
import { newLifecycleLoop } from "#services/s3/loops/apply-lifecycles.ts";
import { migrations } from "#services/s3/migrations/all.ts";
import { newObjectRows } from "#services/s3/object-rows.ts";
import type { Tag } from "#services/s3/s3.ts";
import { newUploadRows } from "#services/s3/upload-rows.ts";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { newCloud, temporaryFolder } from "../../cloud.ts";

const Bucket = "ageing";
const dayMs = 86_400_000;

test("rules are kept as they were written, and refused where AWS refuses them", async () => {
  await using cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  const put = (...Rules: WrittenRule[]) =>
    client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const rule: WrittenRule = { ID: "old", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 30 } };
  await put(rule, { ID: "dated", Status: "Disabled", Filter: { Prefix: "" }, Expiration: { Date: new Date("2030-01-01T00:00:00Z") } });
  const kept = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  assert.deepEqual(kept.Rules?.[0], rule);
  assert.equal(kept.Rules?.[1]?.Expiration?.Date?.toISOString(), "2030-01-01T00:00:00.000Z");
  await assert.rejects(put(rule, rule), {
    name: "InvalidArgument",
    message: "Rule ID must be unique. Found same ID for more than one rule",
  });
  await assert.rejects(put({ ...rule, Expiration: { Days: 0 } }), {
    name: "InvalidArgument",
    message: "'Days' for Expiration action must be a positive integer",
  });
  await assert.rejects(put({ ID: "idle", Status: "Enabled", Filter: { Prefix: "" } }), {
    name: "InvalidRequest",
    message: "At least one action needs to be specified in a rule",
  });
  await assert.rejects(put({ ...rule, Transitions: [{ Days: 1, StorageClass: "GLACIER" }] }), { name: "NotImplemented" });
  await client.send(new DeleteBucketLifecycleCommand({ Bucket }));
  await assert.rejects(client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })), { name: "NoSuchLifecycleConfiguration" });
});

test("the loop ends what is due, and nothing else", async () => {
  const dataPath = await temporaryFolder();
  const store = await openSqliteStore({ dataPath, now: () => 0 });
  await store.migrate("s3", migrations);
  const buckets = newBucketRows(store);
  const objects = newObjectRows(store);
  const configurations = newConfigurationRows(store);
  const now = 100 * dayMs + 1000;
  const put = (key: string, ageDays: number, tags: Tag[] = []) =>
    store.transaction((tx) =>
      objects.put(tx, {
        bucket: Bucket,
        key,
        id: key,
        etag: "0",
        sizeBytes: 1,
        modifiedAt: now - ageDays * dayMs,
        storageClass: "STANDARD",
        details: { tags },
        content: { bytes: new Uint8Array(1) },
      }),
    );
  await store.transaction((tx) => buckets.put(tx, { name: Bucket, account: "000000000000", region: "us-east-1", createdAt: 0 }));
  await put("logs/old", 40);
  await put("logs/young", 10);
  await put("logs/today", 29.99);
  await put("other/old", 40);
  await put("tagged/old", 40, [{ Key: "keep", Value: "no" }]);
  await put("tagged/kept", 40, [{ Key: "keep", Value: "yes" }]);
  await configurations.put(Bucket, "lifecycle", [
    { ID: "1", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 30 } },
    { ID: "2", Status: "Enabled", Filter: { And: { Prefix: "tagged/", Tags: [{ Key: "keep", Value: "no" }] } }, Expiration: { Days: 1 } },
    { ID: "3", Status: "Disabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } },
  ]);
  const loop = newLifecycleLoop({
    store,
    buckets,
    objects,
    configurations,
    uploads: newUploadRows(store),
    now: () => now,
    newId: () => "id",
  });
  assert.deepEqual([...(await loop.keys())], [Bucket]);
  await loop.reconcile(Bucket);
  const left = await objects.seek({ bucket: Bucket, key: "", inclusive: false, below: undefined, limit: 10 });
  assert.deepEqual(
    left.map(({ key }) => key),
    ["logs/today", "logs/young", "other/old", "tagged/kept"],
  );
  const facts = await store.outbox.facts({ limit: 10 });
  assert.deepEqual(
    facts.map(({ subject, detail }) => [subject, (detail as { event: string }).event]),
    [
      [`${Bucket}/logs/old`, "LifecycleExpiration:Delete"],
      [`${Bucket}/tagged/old`, "LifecycleExpiration:Delete"],
    ],
  );
  await store.close();
  await rm(dataPath, { recursive: true });
});

test("a day of a rule ends at the midnight UTC that follows", () => {
  const noon = Date.parse("2026-01-15T10:30:00Z");
  assert.equal(isPast(noon, 3, Date.parse("2026-01-18T23:59:59Z")), false);
  assert.equal(isPast(noon, 3, Date.parse("2026-01-19T00:00:00Z")), true);
  const rule = {
    prefix: "",
    tags: [],
    largerThanBytes: 500,
    smallerThanBytes: undefined,
    expireAfterDays: undefined,
    expireAt: noon,
    abortUploadsAfterDays: undefined,
  };
  assert.equal(expires(rule, { key: "k", sizeBytes: 500, modifiedAt: 0 }, noon), false);
  assert.equal(expires(rule, { key: "k", sizeBytes: 501, modifiedAt: 0 }, noon), true);
  assert.equal(expires(rule, { key: "k", sizeBytes: 501, modifiedAt: 0 }, noon - 1), false);
});
