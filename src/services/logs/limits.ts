import type { Constraint, Constraints } from "#wire/check.ts";

const groupName: Constraint = { pattern: /^[.\-_/#A-Za-z0-9]+$/, minLength: 1, maxLength: 512 };
const streamName: Constraint = { pattern: /^[^:*]*$/, minLength: 1, maxLength: 512 };

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
export const limits = {
  batchBytes: 1_048_576,
  batchEvents: 10_000,
  batchSpanMs: 24 * 3_600_000,
  /** What an event counts for besides its text. */
  eventOverheadBytes: 26,
  tooNewMs: 2 * 3_600_000,
  tooOldMs: 14 * 24 * 3_600_000,
  pageEvents: 10_000,
  pageBytes: 1_048_576,
  describePage: 50,
  tags: 50,
  filterPatternLength: 1024,
} as const;

export const retentionDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const page: Constraint = { min: 1, max: limits.describePage };
const events: Constraint = { min: 1, max: limits.pageEvents };

export const constraints: Readonly<Record<string, Constraints>> = {
  CreateLogGroup: { logGroupName: groupName, logGroupClass: { enum: ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"] } },
  DeleteLogGroup: { logGroupName: groupName },
  DescribeLogGroups: { logGroupNamePrefix: groupName, limit: page },
  PutRetentionPolicy: { logGroupName: groupName },
  DeleteRetentionPolicy: { logGroupName: groupName },
  CreateLogStream: { logGroupName: groupName, logStreamName: streamName },
  DeleteLogStream: { logGroupName: groupName, logStreamName: streamName },
  DescribeLogStreams: {
    logGroupName: groupName,
    logStreamNamePrefix: streamName,
    orderBy: { enum: ["LogStreamName", "LastEventTime"] },
    limit: page,
  },
  PutLogEvents: {
    logGroupName: groupName,
    logStreamName: streamName,
    "logEvents.message": { minLength: 1 },
    "logEvents.timestamp": { min: 0 },
  },
  GetLogEvents: { logGroupName: groupName, logStreamName: streamName, limit: events, startTime: { min: 0 }, endTime: { min: 0 } },
  FilterLogEvents: {
    logGroupName: groupName,
    logStreamNames: streamName,
    logStreamNamePrefix: streamName,
    limit: events,
    startTime: { min: 0 },
    endTime: { min: 0 },
    filterPattern: { maxLength: limits.filterPatternLength },
  },
  TagLogGroup: { logGroupName: groupName },
  UntagLogGroup: { logGroupName: groupName },
  ListTagsLogGroup: { logGroupName: groupName },
};
