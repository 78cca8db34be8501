import type { LifecycleRule as WrittenRule } from "@aws-sdk/client-s3";
import { findBucket } from "./buckets.ts";
import { invalidArgument, invalidRequest, malformedXml, noSuchLifecycle, notBuilt } from "./faults.ts";
import type { LifecycleRule } from "./lifecycle-rules.ts";
import { limits } from "./limits.ts";
import type { S3 } from "./s3.ts";

export const GetBucketLifecycleConfiguration: S3["GetBucketLifecycleConfiguration"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = await context.configurations.find<WrittenRule[]>(name, "lifecycle");
  if (!rules) throw noSuchLifecycle(name);
  return { Rules: rules.map(revive), TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" };
};

export const PutBucketLifecycleConfiguration: S3["PutBucketLifecycleConfiguration"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = input.LifecycleConfiguration?.Rules ?? [];
  if (rules.length === 0 || rules.length > limits.lifecycleRules) throw malformedXml();
  const named = rules.map((rule) => ({ ...rule, ID: rule.ID ?? context.newId() }));
  if (new Set(named.map(({ ID }) => ID)).size < named.length)
    throw invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID");
  for (const rule of named) check(rule);
  await context.configurations.put(name, "lifecycle", named);
  return { TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" };
};

export const DeleteBucketLifecycle: S3["DeleteBucketLifecycle"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.remove(name, "lifecycle");
  return {};
};

const check = (rule: WrittenRule): void => {
  if (rule.Status !== "Enabled" && rule.Status !== "Disabled") throw malformedXml();
  if ((rule.ID ?? "").length > 255) throw invalidArgument("ID length should not exceed allowed limit of 255", "ID", rule.ID);
  if (rule.Transitions?.length || rule.NoncurrentVersionTransitions?.length)
    throw notBuilt("lifecycle transitions between storage classes");
  const { Expiration, AbortIncompleteMultipartUpload: abort } = rule;
  if (!Expiration && !abort && !rule.NoncurrentVersionExpiration)
    throw invalidRequest("At least one action needs to be specified in a rule");
  for (const [days, action] of [
    [Expiration?.Days, "'Days' for Expiration action"],
    [abort?.DaysAfterInitiation, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action"],
  ] as const)
    if (days !== undefined && (!Number.isInteger(days) || days < 1)) throw invalidArgument(`${action} must be a positive integer`);
  if (Expiration?.Date && Expiration.Date.getTime() % 86_400_000 !== 0) throw invalidArgument("'Date' must be at midnight GMT");
  if (abort && tagsOf(rule).length > 0) throw invalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
};

const tagsOf = ({ Filter }: WrittenRule) =>
  [...(Filter?.Tag ? [Filter.Tag] : []), ...(Filter?.And?.Tags ?? [])].map(({ Key = "", Value = "" }) => ({ Key, Value }));

/** The date of a rule comes back from its row as text. */
const revive = (rule: WrittenRule): WrittenRule =>
  rule.Expiration?.Date ? { ...rule, Expiration: { ...rule.Expiration, Date: new Date(rule.Expiration.Date) } } : rule;

/** What the enabled rules of a stored configuration ask for. Versions, and so what ends with them, there are none. */
export const readRules = (written: readonly WrittenRule[]): LifecycleRule[] =>
  written
    .filter(({ Status }) => Status === "Enabled")
    .map((rule) => {
      const { Filter, Expiration } = revive(rule);
      return {
        // The prefix beside the filter is how rules were written once, and still may be.
        prefix: Filter?.Prefix ?? Filter?.And?.Prefix ?? rule.Prefix ?? "",
        tags: tagsOf(rule),
        largerThanBytes: Filter?.ObjectSizeGreaterThan ?? Filter?.And?.ObjectSizeGreaterThan,
        smallerThanBytes: Filter?.ObjectSizeLessThan ?? Filter?.And?.ObjectSizeLessThan,
        expireAfterDays: Expiration?.Days,
        expireAt: Expiration?.Date?.getTime(),
        abortUploadsAfterDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
      };
    });
