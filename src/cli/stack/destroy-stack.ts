import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";
import { findStack } from "./deploy-stack.ts";
import { followStack, newEvents } from "./follow-stack.ts";

/** Removes a stack and follows that to its end. Answers with whether there was one. */
export const destroyStack = async (
  stackName: string,
  { client, terminal }: { client: CloudFormationClient; terminal: Terminal },
): Promise<boolean> => {
  const { DeleteStackCommand } = await import("@aws-sdk/client-cloudformation");
  const before = await findStack(client, stackName);
  if (!before?.StackId) return false;
  const seen = new Set<string>();
  await newEvents(client, before.StackId, seen);
  await client.send(new DeleteStackCommand({ StackName: before.StackId }));
  const { status, failures } = await followStack({ client, terminal, stackId: before.StackId }, seen);
  if (status !== "DELETE_COMPLETE")
    throw new CliError(
      [
        `The stack ${stackName} ended in ${status}.`,
        ...failures.slice(0, 5),
        "Put that right, and destroy it again; --empty-buckets removes what is in its buckets.",
      ].join("\n"),
    );
  return true;
};
