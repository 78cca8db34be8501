import { setTimeout as sleep } from "node:timers/promises";
import type { CloudFormationClient, StackEvent } from "@aws-sdk/client-cloudformation";
import type { Terminal } from "../terminal.ts";

const pollMs = 150;

export type StackEnd = {
  status: string;
  /** What failed first: `OnNewVideo (AWS::Lambda::Function): …`. */
  failures: readonly string[];
};

type Following = { client: CloudFormationClient; terminal: Terminal; stackId: string };

/** Tells each event of a stack after `seen`, until its operation has ended. */
export const followStack = async ({ client, terminal, stackId }: Following, seen: Set<string>): Promise<StackEnd> => {
  const failures: string[] = [];
  for (;;) {
    let ended: string | undefined;
    for (const event of await newEvents(client, stackId, seen)) {
      const status = event.ResourceStatus ?? "";
      const isStack = event.PhysicalResourceId === event.StackId;
      tell(event, terminal);
      if (status.endsWith("FAILED") && !isStack)
        failures.push(`${event.LogicalResourceId} (${event.ResourceType}): ${event.ResourceStatusReason ?? status}`);
      if (isStack && /(COMPLETE|FAILED)$/.test(status) && !status.endsWith("CLEANUP_IN_PROGRESS")) ended = status;
    }
    if (ended !== undefined) return { status: ended, failures };
    await sleep(pollMs);
  }
};

/** The events not seen yet, oldest first. They come newest first, page by page. */
export const newEvents = async (client: CloudFormationClient, stackId: string, seen: Set<string>): Promise<StackEvent[]> => {
  const { DescribeStackEventsCommand } = await import("@aws-sdk/client-cloudformation");
  const found: StackEvent[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: stackId, ...(token ? { NextToken: token } : {}) }));
    const events = page.StackEvents ?? [];
    const fresh = events.filter(({ EventId = "" }) => !seen.has(EventId));
    found.push(...fresh);
    token = fresh.length === events.length ? page.NextToken : undefined;
  } while (token !== undefined);
  for (const { EventId = "" } of found) seen.add(EventId);
  return found.toReversed();
};

const tell = ({ LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason }: StackEvent, terminal: Terminal): void => {
  const status: string = ResourceStatus ?? "";
  const isShown = terminal.isJson || /(COMPLETE|FAILED)$/.test(status);
  if (!isShown) return;
  const reason = ResourceStatusReason && status.endsWith("FAILED") ? `: ${ResourceStatusReason}` : "";
  terminal.step("stack", `${status.padEnd(15)} ${LogicalResourceId} (${ResourceType})${reason}`, {
    resource: LogicalResourceId,
    type: ResourceType,
    status,
    ...(ResourceStatusReason ? { reason: ResourceStatusReason } : {}),
  });
};
