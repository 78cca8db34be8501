import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { DescribeExecutionCommandOutput, StateMachineType } from "@aws-sdk/client-sfn";

import { newCloud } from "../../../cloud.ts";
import type { TestCloud } from "../../../cloud.ts";

export const roleArn = "arn:aws:iam::000000000000:role/workflows";

/** A cloud for all tests of a file, and its client. */
export const openCloud = async (): Promise<{ cloud: TestCloud; client: SFNClient }> => {
  const cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient({ ...cloud.client, disableHostPrefix: true });
  after(async () => {
    client.destroy();
    await cloud[Symbol.asyncDispose]();
  });
  return { cloud, client };
};

/** Makes a state machine of one level of states, beginning with the first. */
export const create = async (
  client: SFNClient,
  name: string,
  States: Record<string, unknown>,
  { type = "STANDARD", ...rest }: { type?: StateMachineType; QueryLanguage?: string; TimeoutSeconds?: number } = {},
): Promise<string> => {
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States, ...rest });
  const { stateMachineArn = "" } = await client.send(new CreateStateMachineCommand({ name, definition, roleArn, type }));
  return stateMachineArn;
};

export const start = async (client: SFNClient, stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> => {
  const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name });
  const { executionArn = "" } = await client.send(command);
  return executionArn;
};

export const untilEnded = async (client: SFNClient, executionArn: string): Promise<DescribeExecutionCommandOutput> => {
  for (;;) {
    const found = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") return found;
    await pause(20);
  }
};
