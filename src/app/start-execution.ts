import { SFNClient, StartExecutionCommand, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";

/** Loaded when a function first starts an execution. */
export const startExecution = async (stateMachineArn: string, input: unknown, name?: string): Promise<{ executionArn: string }> => {
  const client = new SFNClient();
  try {
    const { executionArn = "" } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input ?? {}) }),
    );
    return { executionArn };
  } finally {
    client.destroy();
  }
};

/** Of a given endpoint no other name is known: `sync-` before it, as AWS has it, would lead nowhere. */
const hostPrefix = () => (process.env["AWS_ENDPOINT_URL"] === undefined ? {} : { disableHostPrefix: true });

/** @throws what the execution failed with */
export const startSyncExecution = async (stateMachineArn: string, input: unknown, name?: string): Promise<unknown> => {
  const client = new SFNClient(hostPrefix());
  try {
    const answer = await client.send(new StartSyncExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input ?? {}) }));
    if (answer.status === "SUCCEEDED") return JSON.parse(answer.output ?? "null");
    const error = answer.error ?? (answer.status === "TIMED_OUT" ? "States.Timeout" : "States.Runtime");
    throw Object.assign(new Error(answer.cause ?? `The execution ended as ${answer.status}.`), { name: error });
  } finally {
    client.destroy();
  }
};
