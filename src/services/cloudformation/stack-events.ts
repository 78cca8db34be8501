import type { CloudFormation } from "./cloudformation.ts";
import { noStack } from "./faults.ts";
import { limits } from "./limits.ts";
import { offsetOf, tokenAt } from "./page.ts";

export const DescribeStackEvents: CloudFormation["DescribeStackEvents"] = async (input, context) => {
  const stack = await context.stacks.find(context, input.StackName ?? "");
  if (stack === undefined) throw noStack(input.StackName ?? "");
  const offset = offsetOf(input.NextToken);
  const events = await context.stacks.events(stack.stackId, { offset, limit: limits.eventsPage + 1 });
  return {
    NextToken: events.length > limits.eventsPage ? tokenAt(offset + limits.eventsPage) : undefined,
    StackEvents: events.slice(0, limits.eventsPage).map((event) => ({
      StackId: stack.stackId,
      EventId: event.eventId,
      StackName: stack.name,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId,
      ResourceType: event.type,
      Timestamp: new Date(event.at),
      // A stack's own event has its status where a resource's has the resource's.
      ResourceStatus: event.status as "CREATE_COMPLETE",
      ResourceStatusReason: event.reason,
      ResourceProperties: event.properties,
      ClientRequestToken: event.token,
    })),
  };
};
