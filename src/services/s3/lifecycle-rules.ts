import type { Tag } from "./s3.ts";

/** What is done of a lifecycle rule. The rule as the client wrote it is kept beside. */
export type LifecycleRule = {
  prefix: string;
  tags: readonly Tag[];
  largerThanBytes: number | undefined;
  smallerThanBytes: number | undefined;
  expireAfterDays: number | undefined;
  /** Milliseconds since the epoch. */
  expireAt: number | undefined;
  abortUploadsAfterDays: number | undefined;
};

type Aged = { key: string; sizeBytes: number; modifiedAt: number };

const dayMs = 86_400_000;

/** Objects end at the midnight UTC after their last day: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
export const isPast = (since: number, days: number, now: number): boolean => now >= Math.ceil((since + days * dayMs) / dayMs) * dayMs;

/** Whether a rule ends an object now, its tags aside. */
export const expires = (rule: LifecycleRule, { key, sizeBytes, modifiedAt }: Aged, now: number): boolean => {
  const isDue =
    (rule.expireAfterDays !== undefined && isPast(modifiedAt, rule.expireAfterDays, now)) ||
    (rule.expireAt !== undefined && now >= rule.expireAt);
  return (
    isDue &&
    key.startsWith(rule.prefix) &&
    (rule.largerThanBytes === undefined || sizeBytes > rule.largerThanBytes) &&
    (rule.smallerThanBytes === undefined || sizeBytes < rule.smallerThanBytes)
  );
};

export const hasTags = (wanted: readonly Tag[], tags: readonly Tag[] = []): boolean =>
  wanted.every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value));
