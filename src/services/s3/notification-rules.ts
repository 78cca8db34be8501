/** A bucket's wish to have events delivered, as it is kept. */
export type NotificationRule = {
  id: string;
  functionArn: string;
  /** `s3:ObjectCreated:*` */
  events: readonly string[];
  prefix: string;
  suffix: string;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const eventNames = [
  "s3:ObjectCreated:*",
  "s3:ObjectCreated:Put",
  "s3:ObjectCreated:Post",
  "s3:ObjectCreated:Copy",
  "s3:ObjectCreated:CompleteMultipartUpload",
  "s3:ObjectRemoved:*",
  "s3:ObjectRemoved:Delete",
  "s3:ObjectRemoved:DeleteMarkerCreated",
  "s3:LifecycleExpiration:*",
  "s3:LifecycleExpiration:Delete",
  "s3:LifecycleExpiration:DeleteMarkerCreated",
];

/** Names that AWS takes too; what they tell of does not happen here, so that nothing is missed by keeping them. */
const silentNames =
  /^s3:(ReducedRedundancyLostObject|ObjectRestore:(\*|Post|Completed|Delete)|Replication:.+|LifecycleTransition|IntelligentTiering|ObjectTagging:(\*|Put|Delete)|ObjectAcl:Put|ObjectAnnotation:.+)$/;

export const isEventName = (name: string): boolean => eventNames.includes(name) || silentNames.test(name);

/** Why a rule does not match, or undefined when it does. `event` is an event's name as records have it: `ObjectCreated:Put`. */
export const mismatchOf = (rule: NotificationRule, { event, key }: { event: string; key: string }): string | undefined => {
  if (!rule.events.some((pattern) => covers(pattern, `s3:${event}`))) return `no match: events ${rule.events.join(", ")}`;
  if (!key.startsWith(rule.prefix)) return `no match: prefix ${rule.prefix}`;
  if (!key.endsWith(rule.suffix)) return `no match: suffix ${rule.suffix}`;
  return undefined;
};

const covers = (pattern: string, event: string) => (pattern.endsWith("*") ? event.startsWith(pattern.slice(0, -1)) : pattern === event);

/** Two rules that could both match one event are refused, since AWS could not tell which is meant. */
export const overlap = (a: NotificationRule, b: NotificationRule): boolean =>
  a.events.some((x) => b.events.some((y) => covers(x, y) || covers(y, x))) &&
  (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
  (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));
