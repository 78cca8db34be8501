import type { RecordedFact } from "#store/outbox.ts";
import { canonicalUser } from "./buckets.ts";
import type { NotificationRule } from "./notification-rules.ts";
import type { ObjectFact } from "./object-changes.ts";

/** The message of one event: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const eventMessage = (fact: RecordedFact, rule: NotificationRule) => {
  const object = fact.detail as ObjectFact;
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: fact.region,
        eventTime: new Date(fact.at).toISOString(),
        eventName: object.event,
        userIdentity: { principalId: `AWS:${object.principal}` },
        requestParameters: { sourceIPAddress: object.sourceAddress },
        responseElements: { "x-amz-request-id": object.requestId, "x-amz-id-2": object.requestId },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: rule.id,
          bucket: {
            name: object.bucket,
            ownerIdentity: { principalId: canonicalUser(fact.account).slice(0, 14).toUpperCase() },
            arn: `arn:aws:s3:::${object.bucket}`,
          },
          object: {
            key: encodeEventKey(object.key),
            ...(object.sizeBytes === undefined ? {} : { size: object.sizeBytes }),
            ...(object.etag === undefined ? {} : { eTag: object.etag }),
            // Grows with every event of a key, and compares as text.
            sequencer: fact.id.toString(16).toUpperCase().padStart(18, "0"),
          },
        },
      },
    ],
  };
};

/** Keys are encoded as forms are: a space is a plus sign. */
export const encodeEventKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/")
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
