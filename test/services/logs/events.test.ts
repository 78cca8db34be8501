import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

const aws = process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws";
const names = { logGroupName: "g", logStreamName: "s" };

const withStreams = async (cloud: TestCloud, ...streams: string[]) => {
  const logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "g" }));
  for (const logStreamName of streams) await logs.send(new CreateLogStreamCommand({ logGroupName: "g", logStreamName }));
  return logs;
};

const batch = (start: number, ...messages: string[]) => messages.map((message, index) => ({ timestamp: start + index, message }));

test("GetLogEvents reads forward from the head, and says where it stands by the same token at the end", async () => {
  await using cloud = await newCloud();
  const logs = await withStreams(cloud, "s");
  const now = Date.now();
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: batch(now, "1", "2", "3", "4", "5") }));
  const read = (nextToken?: string) => logs.send(new GetLogEventsCommand({ ...names, startFromHead: true, limit: 2, nextToken }));
  const first = await read();
  assert.deepEqual(
    first.events?.map(({ message }) => message),
    ["1", "2"],
  );
  const second = await read(first.nextForwardToken);
  const third = await read(second.nextForwardToken);
  assert.deepEqual(
    third.events?.map(({ message }) => message),
    ["5"],
  );
  const end = await read(third.nextForwardToken);
  assert.deepEqual([end.events, end.nextForwardToken], [[], third.nextForwardToken]);
  const back = await read(third.nextBackwardToken);
  assert.deepEqual(
    back.events?.map(({ message }) => message),
    ["3", "4"],
  );
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: batch(now + 10, "6") }));
  assert.deepEqual(
    (await read(end.nextForwardToken)).events?.map(({ message }) => message),
    ["6"],
  );
});

test("GetLogEvents answers with the latest events unless told, between two times", async () => {
  await using cloud = await newCloud();
  const logs = await withStreams(cloud, "s");
  const now = Date.now();
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: batch(now, "1", "2", "3", "4") }));
  const latest = await logs.send(new GetLogEventsCommand({ ...names, limit: 2 }));
  assert.deepEqual(
    latest.events?.map(({ message }) => message),
    ["3", "4"],
  );
  const between = await logs.send(new GetLogEventsCommand({ ...names, startTime: now + 1, endTime: now + 3 }));
  assert.deepEqual(
    between.events?.map(({ message }) => message),
    ["2", "3"],
  );
});

test("PutLogEvents refuses wrong batches in AWS's words, and tells what it dropped", async () => {
  await using cloud = await newCloud();
  const logs = await withStreams(cloud, "s");
  const now = Date.now();
  const put = (logEvents: { timestamp: number; message: string }[], input: object = {}) =>
    logs.send(new PutLogEventsCommand({ ...names, logEvents, ...input }));
  await assert.rejects(put([...batch(now, "b"), ...batch(now - 1, "a")]), {
    name: "InvalidParameterException",
    message: "Log events in a single PutLogEvents request must be in chronological order.",
  });
  await assert.rejects(put([...batch(now - 25 * 3_600_000, "a"), ...batch(now, "b")]), {
    message: "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
  });
  await assert.rejects(put(batch(now, "x".repeat(600_000), "x".repeat(600_000))), {
    message: /^Upload too large: 1200052 bytes exceeds limit of 1048576$/,
  });
  await assert.rejects(put(batch(now, "x"), { logStreamName: "none" }), {
    name: "ResourceNotFoundException",
    message: "The specified log stream does not exist.",
  });
  const tooNew = await put([...batch(now, "now"), ...batch(now + 3 * 3_600_000, "later")]);
  assert.deepEqual(tooNew.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
  const tooOld = await put(batch(now - 15 * 86_400_000, "before"));
  assert.deepEqual(tooOld.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
  const { events } = await logs.send(new GetLogEventsCommand(names));
  assert.deepEqual(
    events?.map(({ message }) => message),
    ["now"],
  );
});

test("FilterLogEvents merges streams in the order of time, by page", async () => {
  await using cloud = await newCloud();
  const logs = await withStreams(cloud, "a", "b");
  const now = Date.now();
  const put = (logStreamName: string, start: number, ...messages: string[]) =>
    logs.send(new PutLogEventsCommand({ logGroupName: "g", logStreamName, logEvents: batch(start, ...messages) }));
  await put("a", now, "a0", "a1", "a2");
  await put("b", now + 1, "b1", "b2");
  const first = await logs.send(new FilterLogEventsCommand({ logGroupName: "g", limit: 3 }));
  const second = await logs.send(new FilterLogEventsCommand({ logGroupName: "g", limit: 3, nextToken: first.nextToken }));
  const all = [...(first.events ?? []), ...(second.events ?? [])];
  assert.deepEqual(
    all.map(({ message }) => message),
    ["a0", "a1", "b1", "a2", "b2"],
  );
  assert.equal(all[2]?.logStreamName, "b");
  assert.equal(new Set(all.map(({ eventId }) => eventId)).size, 5);
  assert.equal(second.nextToken, undefined);
  const some = await logs.send(new FilterLogEventsCommand({ logGroupName: "g", logStreamNames: ["b"], filterPattern: "b1" }));
  assert.deepEqual(
    some.events?.map(({ message }) => message),
    ["b1"],
  );
});

test("`aws logs tail --follow` shows what is there and what comes", async () => {
  await using cloud = await newCloud();
  const logs = await withStreams(cloud, "s");
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: batch(Date.now(), "before") }));
  const command = ["--endpoint-url", cloud.endpoint, "logs", "tail", "g"];
  const { stdout } = await promisify(execFile)(aws, [...command, "--format", "short"], { env: cloud.environment });
  assert.match(stdout, /before/);
  const child = spawn(aws, [...command, "--follow"], {
    env: { ...cloud.environment, PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const isFirst = output === "";
      output += text;
      if (isFirst) void logs.send(new PutLogEventsCommand({ ...names, logEvents: batch(Date.now(), "afterwards") }));
      if (output.includes("afterwards")) resolve();
    });
  });
  child.kill("SIGINT");
  await new Promise((resolve) => child.once("exit", resolve));
  assert.match(output, / s before\n.* s afterwards\n/);
});
