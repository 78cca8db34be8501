import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { newCloud } from "../../cloud.ts";

test("a group is created once, described with its ARNs and gone after its deletion", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/web" }));
  await assert.rejects(logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/web" })), {
    name: "ResourceAlreadyExistsException",
    message: "The specified log group already exists",
  });
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs" }));
  assert.equal(logGroups?.[0]?.arn, "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/web:*");
  assert.equal(logGroups?.[0]?.logGroupArn, "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/web");
  await logs.send(new DeleteLogGroupCommand({ logGroupName: "/ecs/web" }));
  await assert.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName: "/ecs/web" })), {
    name: "ResourceNotFoundException",
    message: "The specified log group does not exist.",
  });
});

test("a group's name is checked in AWS's words", async () => {
  await using cloud = await newCloud();
  await assert.rejects(new CloudWatchLogsClient(cloud.client).send(new CreateLogGroupCommand({ logGroupName: "a b" })), {
    name: "InvalidParameterException",
    message:
      /^1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
  });
});

test("groups are listed by page, prefix and pattern", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  for (const logGroupName of ["a1", "a2", "a3", "b1"]) await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const first = await logs.send(new DescribeLogGroupsCommand({ limit: 3 }));
  const second = await logs.send(new DescribeLogGroupsCommand({ limit: 3, nextToken: first.nextToken }));
  const names = [...(first.logGroups ?? []), ...(second.logGroups ?? [])].map(({ logGroupName }) => logGroupName);
  assert.deepEqual(names, ["a1", "a2", "a3", "b1"]);
  assert.equal(second.nextToken, undefined);
  const found = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "B" }));
  assert.deepEqual(
    found.logGroups?.map(({ logGroupName }) => logGroupName),
    ["b1"],
  );
});

test("a retention hides and removes what is older, and takes only AWS's numbers of days", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  const names = { logGroupName: "g", logStreamName: "s" };
  await logs.send(new CreateLogGroupCommand({ logGroupName: "g" }));
  await logs.send(new CreateLogStreamCommand(names));
  const old = Date.now() - 5 * 86_400_000;
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: old, message: "old one" }] }));
  await assert.rejects(logs.send(new PutRetentionPolicyCommand({ logGroupName: "g", retentionInDays: 2 })), {
    name: "InvalidParameterException",
  });
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: "g", retentionInDays: 3 }));
  const put = await logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: old, message: "too late" }] }));
  assert.deepEqual(put.rejectedLogEventsInfo, { expiredLogEventEndIndex: 1 });
  for (let bytes = 7; bytes !== 0;) {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    assert.equal(logGroups?.[0]?.retentionInDays, 3);
    bytes = logGroups?.[0]?.storedBytes ?? 0;
  }
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: "g" }));
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  assert.equal(logGroups?.[0]?.retentionInDays, undefined);
});

test("streams are listed by name and by their last event", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "g" }));
  const now = Date.now();
  for (const [index, logStreamName] of ["a", "b", "c"].entries()) {
    await logs.send(new CreateLogStreamCommand({ logGroupName: "g", logStreamName }));
    const logEvents = [{ timestamp: now - index * 1000, message: "x" }];
    if (logStreamName !== "c") await logs.send(new PutLogEventsCommand({ logGroupName: "g", logStreamName, logEvents }));
  }
  await assert.rejects(logs.send(new CreateLogStreamCommand({ logGroupName: "g", logStreamName: "a" })), {
    name: "ResourceAlreadyExistsException",
    message: "The specified log stream already exists",
  });
  const namesOf = async (input: object) =>
    (await logs.send(new DescribeLogStreamsCommand({ logGroupName: "g", ...input }))).logStreams?.map(({ logStreamName }) => logStreamName);
  assert.deepEqual(await namesOf({}), ["a", "b", "c"]);
  assert.deepEqual(await namesOf({ orderBy: "LastEventTime", descending: true }), ["a", "b", "c"]);
  assert.deepEqual(await namesOf({ orderBy: "LastEventTime" }), ["c", "b", "a"]);
  assert.deepEqual(await namesOf({ logStreamNamePrefix: "b" }), ["b"]);
  await logs.send(new DeleteLogStreamCommand({ logGroupName: "g", logStreamName: "a" }));
  assert.deepEqual(await namesOf({}), ["b", "c"]);
});

test("tags are set, listed and removed by ARN and by name", async () => {
  await using cloud = await newCloud();
  const logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "g", tags: { team: "a" } }));
  const resourceArn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  await logs.send(new TagResourceCommand({ resourceArn, tags: { stage: "dev" } }));
  assert.deepEqual((await logs.send(new ListTagsLogGroupCommand({ logGroupName: "g" }))).tags, { team: "a", stage: "dev" });
  await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ["team"] }));
  assert.deepEqual((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { stage: "dev" });
});
