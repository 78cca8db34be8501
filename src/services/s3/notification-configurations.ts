import type { LambdaFunctionConfiguration } from "@aws-sdk/client-s3";
import { findBucket } from "./buckets.ts";
import { invalidArgument, malformedXml, notBuilt, unknownDestinations } from "./faults.ts";
import { whyNotInvocable } from "./function-destinations.ts";
import { isEventName, overlap } from "./notification-rules.ts";
import type { NotificationRule } from "./notification-rules.ts";
import type { Bucket, S3, S3Context } from "./s3.ts";

export const GetBucketNotificationConfiguration: S3["GetBucketNotificationConfiguration"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = await rulesOf(name, context);
  return rules.length === 0 ? {} : { LambdaFunctionConfigurations: rules.map(toConfiguration) };
};

/** Replaces all rules of the bucket; every destination is checked before any is kept. */
export const PutBucketNotificationConfiguration: S3["PutBucketNotificationConfiguration"] = async (input, context) => {
  const bucket = await findBucket(input, context);
  const wanted = input.NotificationConfiguration;
  if (wanted.EventBridgeConfiguration) throw notBuilt("notifications to EventBridge");
  if (wanted.QueueConfigurations?.length) throw notBuilt("notifications to queues");
  if (wanted.TopicConfigurations?.length) throw notBuilt("notifications to topics");
  const rules = (wanted.LambdaFunctionConfigurations ?? []).map((each) => readRule(each, context));
  checkTogether(rules);
  if (!input.SkipDestinationValidation) await checkDestinations(bucket, rules, context);
  if (rules.length === 0) await context.configurations.remove(bucket.name, "notification");
  else await context.configurations.put(bucket.name, "notification", rules);
  return {};
};

export const rulesOf = async (bucket: string, { configurations }: Pick<S3Context, "configurations">): Promise<NotificationRule[]> =>
  (await configurations.find<NotificationRule[]>(bucket, "notification")) ?? [];

const readRule = (given: LambdaFunctionConfiguration, { newId }: S3Context): NotificationRule => {
  const { Id, LambdaFunctionArn: functionArn = "", Events: events = [], Filter } = given;
  if (events.length === 0) throw malformedXml();
  for (const event of events)
    if (!isEventName(event)) throw invalidArgument(`The event '${event}' is not supported for notifications`, "Event", event);
  if (!/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(functionArn))
    throw invalidArgument("The ARN could not be parsed", "CloudFunction", functionArn);
  const { prefix, suffix } = readFilter(Filter?.Key?.FilterRules ?? []);
  return { id: Id ?? newId(), functionArn, events, prefix, suffix };
};

const readFilter = (rules: readonly { Name?: string | undefined; Value?: string | undefined }[]) => {
  const filter = { prefix: "", suffix: "" };
  const seen = new Set<string>();
  for (const { Name = "", Value = "" } of rules) {
    const name = Name.toLowerCase();
    if (name !== "prefix" && name !== "suffix")
      throw invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", Name);
    if (seen.has(name)) throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, "FilterRule.Name", Name);
    if (Value.length > 1024)
      throw invalidArgument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation", "FilterRule.Value", Value);
    seen.add(name);
    filter[name] = Value;
  }
  return filter;
};

const checkTogether = (rules: readonly NotificationRule[]): void => {
  if (new Set(rules.map(({ id }) => id)).size < rules.length)
    throw invalidArgument("Same ID used for multiple configurations. IDs must be unique", "Id");
  for (const [index, rule] of rules.entries())
    if (rules.slice(index + 1).some((other) => overlap(rule, other)))
      throw invalidArgument(
        rule.prefix + rule.suffix === ""
          ? "Configurations overlap. Configurations on the same bucket cannot share a common event type."
          : "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
      );
};

const checkDestinations = async (bucket: Bucket, rules: readonly NotificationRule[], context: S3Context): Promise<void> => {
  const arns = [...new Set(rules.map(({ functionArn }) => functionArn))];
  const elsewhere = arns.find((arn) => arn.split(":")[3] !== bucket.region);
  if (elsewhere !== undefined)
    throw invalidArgument(
      "The notification destination service region is not valid for the bucket location constraint",
      "CloudFunction",
      elsewhere,
    );
  const refused = await Promise.all(
    arns.map(async (arn) => {
      const why = await whyNotInvocable(arn, bucket, context);
      return why === undefined ? [] : [{ arn, why }];
    }),
  );
  const faulty = refused.flat();
  if (faulty.length > 0) throw unknownDestinations(faulty);
};

const toConfiguration = ({ id, functionArn, events, prefix, suffix }: NotificationRule): LambdaFunctionConfiguration => {
  const FilterRules = [
    ...(prefix === "" ? [] : [{ Name: "Prefix" as "prefix", Value: prefix }]),
    ...(suffix === "" ? [] : [{ Name: "Suffix" as "suffix", Value: suffix }]),
  ];
  return {
    Id: id,
    LambdaFunctionArn: functionArn,
    Events: events as "s3:ObjectCreated:*"[],
    ...(FilterRules.length > 0 ? { Filter: { Key: { FilterRules } } } : {}),
  };
};
