import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateStateMachineCommand, SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import type { LogLevel, StateMachineType } from "@aws-sdk/client-sfn";
import { newCloud } from "../../../cloud.ts";
import { roleArn, start, untilEnded } from "./machines-in.ts";

type Told = { type: string; id: string; details: Record<string, unknown>; execution_arn: string };

test("events go to the log group that the state machine names, by its level and with data where it says so", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const logs = new CloudWatchLogsClient(cloud.client);
  const client = new SFNClient({ ...cloud.client, disableHostPrefix: true });
  const make = async (name: string, type: StateMachineType, level: LogLevel, includeExecutionData: boolean) => {
    const logGroupName = `/aws/vendedlogs/states/${name}`;
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const logGroupArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}:*`;
    const definition = JSON.stringify({
      StartAt: "First",
      States: { First: { Type: "Pass", Next: "Bad" }, Bad: { Type: "Fail", Error: "Bad", Cause: "luck" } },
    });
    const loggingConfiguration = { level, includeExecutionData, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] };
    const { stateMachineArn = "" } = await client.send(
      new CreateStateMachineCommand({ name, definition, roleArn, type, loggingConfiguration }),
    );
    const until = async (count: number): Promise<Told[]> => {
      for (;;) {
        const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
        if (events.length >= count) return events.map(({ message = "" }) => JSON.parse(message) as Told);
        await pause(20);
      }
    };
    return { stateMachineArn, until };
  };

  const all = await make("all", "EXPRESS", "ALL", true);
  await client.send(new StartSyncExecutionCommand({ stateMachineArn: all.stateMachineArn, input: `{"a":1}` }));
  const told = await all.until(5);
  assert.deepEqual(
    told.map(({ type }) => type),
    ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"],
  );
  assert.equal(told[0]?.details["input"], `{"a":1}`);
  assert.match(told[0]?.execution_arn ?? "", /:express:all:/);
  const [, entered] = told;
  const details = { input: `{"a":1}`, inputDetails: { truncated: false }, name: "First" };
  const about = { execution_arn: told[0]?.execution_arn, redrive_count: "0", previous_event_id: "0" };
  assert.deepEqual({ ...entered, event_timestamp: "" }, { id: "2", type: "PassStateEntered", details, event_timestamp: "", ...about });

  const long = JSON.stringify({ a: "\n".repeat(100_000) });
  await client.send(new StartSyncExecutionCommand({ stateMachineArn: all.stateMachineArn, input: long }));
  const { details: cut = {} } =
    (await all.until(10)).find(({ id, execution_arn }) => id === "1" && execution_arn !== told[0]?.execution_arn) ?? {};
  assert.deepEqual(cut["inputDetails"], { truncated: true });
  assert.ok(long.startsWith(String(cut["input"])) && JSON.stringify(cut["input"]).length > 247 * 1024);

  const errors = await make("errors", "STANDARD", "ERROR", false);
  await untilEnded(client, await start(client, errors.stateMachineArn, { a: 1 }));
  const failures = await errors.until(2);
  assert.deepEqual(
    failures.map(({ type }) => type),
    ["FailStateEntered", "ExecutionFailed"],
  );
  assert.deepEqual(failures[0]?.details, { name: "Bad" });
  for (const each of [logs, client]) each.destroy();
});
