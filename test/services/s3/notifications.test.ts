import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Event, LambdaFunctionConfiguration } from "@aws-sdk/client-s3";
import { encodeEventKey } from "#services/s3/event-records.ts";
import { letsS3Invoke } from "#services/s3/function-destinations.ts";
import { mismatchOf, overlap } from "#services/s3/notification-rules.ts";
import { newCloud } from "../../cloud.ts";
import { createFunction, lambdaOf } from "../lambda/function.ts";

const Bucket = "uploads";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:thumbnails";

const newBucket = async () => {
  const cloud = await newCloud();
  const client = new S3Client({ ...cloud.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  const configure = (LambdaFunctionConfigurations: LambdaFunctionConfiguration[], skip = false) =>
    client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        SkipDestinationValidation: skip,
        NotificationConfiguration: { LambdaFunctionConfigurations },
      }),
    );
  return { cloud, client, configure, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
};

const configuration = (
  Events: Event[],
  [prefix, suffix]: readonly (string | undefined)[] = [],
  Id?: string,
): LambdaFunctionConfiguration => ({
  ...(Id ? { Id } : {}),
  LambdaFunctionArn: functionArn,
  Events,
  Filter: {
    Key: {
      FilterRules: [
        ...(prefix === undefined ? [] : [{ Name: "prefix" as const, Value: prefix }]),
        ...(suffix === undefined ? [] : [{ Name: "suffix" as const, Value: suffix }]),
      ],
    },
  },
});

test("a function hears of the objects whose keys its bucket's filter matches, with AWS's message", async () => {
  await using place = await newBucket();
  const { client, cloud, configure } = place;
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "thumbnails", "export const handler = async (event) => console.log('EVENT ' + JSON.stringify(event));");
  const wanted = [configuration(["s3:ObjectCreated:*"], ["videos/", ".mp4"], "new-video"), configuration(["s3:ObjectRemoved:*"])];
  await assert.rejects(configure(wanted), {
    name: "InvalidArgument",
    message: "Unable to validate the following destination configurations",
  });
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "thumbnails",
      StatementId: "s3",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount: "000000000000",
    }),
  );
  await configure(wanted);
  const kept = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual(kept.LambdaFunctionConfigurations?.[0]?.Filter?.Key?.FilterRules, [
    { Name: "Prefix", Value: "videos/" },
    { Name: "Suffix", Value: ".mp4" },
  ]);
  const put = await client.send(new PutObjectCommand({ Bucket, Key: "videos/my cat (1).mp4", Body: "miaow" }));
  await client.send(new PutObjectCommand({ Bucket, Key: "videos/notes.txt", Body: "no" }));
  await client.send(new CopyObjectCommand({ Bucket, Key: "videos/copy.mp4", CopySource: `${Bucket}/videos/notes.txt` }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: "videos/notes.txt" }));
  const events = await heard(new CloudWatchLogsClient(cloud.client), 3);
  const byName = new Map(events.map((event) => [event.eventName, event]));
  assert.deepEqual([...byName.keys()].toSorted(), ["ObjectCreated:Copy", "ObjectCreated:Put", "ObjectRemoved:Delete"]);
  const created = byName.get("ObjectCreated:Put");
  assert.equal(created?.eventVersion, "2.1");
  assert.equal(created?.eventSource, "aws:s3");
  assert.equal(created?.s3.configurationId, "new-video");
  assert.equal(created?.s3.bucket.arn, `arn:aws:s3:::${Bucket}`);
  const { sequencer, ...object } = created?.s3.object ?? {};
  assert.deepEqual(object, { key: "videos/my+cat+%281%29.mp4", size: 5, eTag: put.ETag?.replaceAll('"', "") });
  assert.match(String(sequencer), /^[0-9A-F]{18}$/);
  assert.deepEqual(Object.keys(byName.get("ObjectRemoved:Delete")?.s3.object ?? {}), ["key", "sequencer"]);
});

type EventRecord = {
  eventName: string;
  eventVersion: string;
  eventSource: string;
  s3: { configurationId: string; bucket: { arn: string }; object: Record<string, unknown> };
};

/** What the function has printed, as soon as there are `count` events. */
const heard = async (logs: CloudWatchLogsClient, count: number): Promise<EventRecord[]> => {
  for (let tries = 0; ; tries++) {
    const { events = [] } = await logs
      .send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/thumbnails", filterPattern: "EVENT" }))
      .catch(() => ({ events: [] }));
    if (events.length >= count || tries > 150)
      return events.flatMap(({ message = "" }) => (JSON.parse(message.slice(message.indexOf("{"))) as { Records: EventRecord[] }).Records);
    await pause(200);
  }
};

test("a configuration that AWS would not take is refused, and the one before it stays", async () => {
  await using place = await newBucket();
  const { client, configure } = place;
  await configure([configuration(["s3:ObjectCreated:*"], [undefined, ".jpg"], "kept")], true);
  const refused: [LambdaFunctionConfiguration[], RegExp][] = [
    [[configuration(["s3:ObjectCreated:*"]), configuration(["s3:ObjectCreated:Put"])], /^Configurations overlap\./],
    [
      [configuration(["s3:ObjectCreated:*"], ["a"]), configuration(["s3:ObjectCreated:Copy"], ["ab", ".jpg"])],
      /^Configuration is ambiguously defined\. Cannot have overlapping suffixes in two rules if the prefixes are overlapping/,
    ],
    [[configuration(["s3:Nonsense" as Event])], /^The event 's3:Nonsense' is not supported for notifications$/],
    [[{ ...configuration(["s3:ObjectCreated:*"]), LambdaFunctionArn: "nonsense" }], /^The ARN could not be parsed$/],
    [
      [{ ...configuration(["s3:ObjectCreated:*"]), LambdaFunctionArn: functionArn.replace("us-east-1", "eu-west-1") }],
      /service region is not valid/,
    ],
    [[configuration(["s3:ObjectCreated:*"])], /^Unable to validate the following destination configurations$/],
  ];
  for (const [wanted, message] of refused) await assert.rejects(configure(wanted), { name: "InvalidArgument", message });
  const queue = new PutBucketNotificationConfigurationCommand({
    Bucket,
    NotificationConfiguration: {
      QueueConfigurations: [{ QueueArn: "arn:aws:sqs:us-east-1:000000000000:q", Events: ["s3:ObjectCreated:*"] }],
    },
  });
  await assert.rejects(client.send(queue), { name: "NotImplemented", message: /notifications to queues/ });
  const kept = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual(
    kept.LambdaFunctionConfigurations?.map(({ Id }) => Id),
    ["kept"],
  );
  await configure([], true);
  assert.equal((await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).LambdaFunctionConfigurations, undefined);
});

test("rules match by event, prefix and suffix, and overlap only where one event could match both", () => {
  const rule = { id: "r", functionArn, events: ["s3:ObjectCreated:*"], prefix: "in/", suffix: ".jpg" };
  assert.equal(mismatchOf(rule, { event: "ObjectCreated:Put", key: "in/a.jpg" }), undefined);
  assert.equal(mismatchOf(rule, { event: "ObjectRemoved:Delete", key: "in/a.jpg" }), "no match: events s3:ObjectCreated:*");
  assert.equal(mismatchOf(rule, { event: "ObjectCreated:Put", key: "out/a.jpg" }), "no match: prefix in/");
  assert.equal(mismatchOf(rule, { event: "ObjectCreated:Put", key: "in/a.png" }), "no match: suffix .jpg");
  assert.equal(overlap(rule, { ...rule, suffix: ".png" }), false);
  assert.equal(overlap(rule, { ...rule, prefix: "out/" }), false);
  assert.equal(overlap(rule, { ...rule, events: ["s3:ObjectRemoved:*"] }), false);
  assert.equal(overlap(rule, { ...rule, prefix: "in/deep/", suffix: "photo.jpg" }), true);
  assert.equal(encodeEventKey("a b/ü+(1).jpg"), "a+b/%C3%BC%2B%281%29.jpg");
});

test("a function's policy lets S3 in only with the conditions that it names", () => {
  const statement = { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "lambda:InvokeFunction", Resource: "*" };
  const bucket = { name: Bucket, account: "000000000000" };
  const lets = (Condition?: Record<string, Record<string, unknown>>) =>
    letsS3Invoke({ Statement: [{ ...statement, ...(Condition ? { Condition } : {}) }] }, bucket);
  assert.equal(lets(), true);
  assert.equal(lets({ ArnLike: { "AWS:SourceArn": "arn:aws:s3:::upl*" } }), true);
  assert.equal(lets({ ArnLike: { "AWS:SourceArn": "arn:aws:s3:::other" } }), false);
  assert.equal(lets({ StringEquals: { "AWS:SourceAccount": "000000000000" } }), true);
  assert.equal(lets({ StringEquals: { "aws:PrincipalOrgID": "o-1" } }), false);
  assert.equal(letsS3Invoke({ Statement: [{ ...statement, Principal: { Service: "sns.amazonaws.com" } }] }, bucket), false);
});
