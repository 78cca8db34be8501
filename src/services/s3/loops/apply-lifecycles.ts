import type { LifecycleRule as WrittenRule } from "@aws-sdk/client-s3";
import type { Loop } from "#reconcile/loops.ts";
import type { Store } from "#store/store.ts";
import type { BucketRows } from "../bucket-rows.ts";
import type { ConfigurationRows } from "../configuration-rows.ts";
import { readRules } from "../lifecycle.ts";
import { expires, hasTags, isPast } from "../lifecycle-rules.ts";
import type { LifecycleRule } from "../lifecycle-rules.ts";
import { keyAfterPrefix } from "../listing.ts";
import { dropUpload } from "../multipart-uploads.ts";
import { removeObject } from "../object-changes.ts";
import type { ObjectRows } from "../object-rows.ts";
import type { Bucket, ListedObject } from "../s3.ts";
import type { UploadRows } from "../upload-rows.ts";

type Context = {
  store: Store;
  buckets: BucketRows;
  objects: ObjectRows;
  uploads: UploadRows;
  configurations: ConfigurationRows;
  now: () => number;
  newId: () => string;
};

const hourMs = 3_600_000;
const keysAPage = 1000;
const keysATransaction = 100;

/** Ends the objects and uploads whose time has come. AWS looks once a day; this loop once an hour. */
export const newLifecycleLoop = (context: Context): Loop => ({
  name: "s3-lifecycles",
  sweepMs: hourMs,
  concurrency: 1,
  keys: async () => (await context.configurations.all("lifecycle")).map(({ bucket }) => bucket),
  reconcile: async (name) => {
    const bucket = await context.buckets.find(name);
    const written = await context.configurations.find<WrittenRule[]>(name, "lifecycle");
    if (!bucket || !written) return;
    /* oxlint-disable no-await-in-loop -- one rule after the other, in small transactions beside the requests */
    for (const rule of readRules(written)) {
      if (rule.expireAfterDays !== undefined || rule.expireAt !== undefined) await expireObjects(bucket, rule, context);
      if (rule.abortUploadsAfterDays !== undefined) await abortUploads(bucket, rule, context);
    }
    /* oxlint-enable no-await-in-loop */
  },
});

const expireObjects = async (bucket: Bucket, rule: LifecycleRule, context: Context): Promise<void> => {
  const below = rule.prefix === "" ? undefined : keyAfterPrefix(rule.prefix);
  let from = { key: rule.prefix, inclusive: true };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await context.objects.seek({ bucket: bucket.name, ...from, below, limit: keysAPage });
    const due = page.filter((object) => expires(rule, object, context.now()));
    for (let index = 0; index < due.length; index += keysATransaction)
      // oxlint-disable-next-line no-await-in-loop
      await expireSome(bucket, due.slice(index, index + keysATransaction), { rule, context });
    const last = page.at(-1);
    if (!last || page.length < keysAPage) return;
    from = { key: last.key, inclusive: false };
  }
};

/** Looks at each object again within the transaction: it may have been written anew, or tagged otherwise. */
const expireSome = (bucket: Bucket, due: readonly ListedObject[], { rule, context }: { rule: LifecycleRule; context: Context }) =>
  context.store.transaction(async (tx) => {
    const { store, objects, now, newId } = context;
    const service = { account: bucket.account, arn: "s3.amazonaws.com", userId: "s3.amazonaws.com", accessKeyId: "" };
    /* oxlint-disable no-await-in-loop -- one transaction, one statement after the other */
    for (const { key } of due) {
      const object = await objects.findIn(tx, bucket.name, key);
      if (!object || !expires(rule, object, now()) || !hasTags(rule.tags, object.details.tags)) continue;
      const segments = "segments" in object.content ? object.content.segments : [];
      const change = { key, old: { segments }, event: "LifecycleExpiration:Delete" } as const;
      await removeObject(tx, bucket, change, { store, objects, now: now(), requestId: newId(), caller: service });
    }
    /* oxlint-enable no-await-in-loop */
  });

const abortUploads = async (bucket: Bucket, rule: LifecycleRule, { store, uploads, now }: Context): Promise<void> => {
  let after = { key: "", id: "" };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await uploads.list({ bucket: bucket.name, prefix: rule.prefix, after, limit: keysAPage });
    for (const { key, id, startedAt } of page)
      if (isPast(startedAt, rule.abortUploadsAfterDays ?? 0, now()))
        // oxlint-disable-next-line no-await-in-loop
        await store.transaction((tx) => dropUpload(tx, { bucket: bucket.name, key, id }, { store, uploads }));
    const last = page.at(-1);
    if (!last || page.length < keysAPage) return;
    after = { key: last.key, id: last.id };
  }
};
