import type { CloudFormation, CloudFormationContext, Stack, StackResource } from "./cloudformation.ts";
import { stackDoesNotExist, validationError } from "./faults.ts";
import { limits } from "./limits.ts";
import { page } from "./page.ts";
import { visibleResources } from "./stack-changes.ts";

const resourcesOf = async (stack: Stack, { stacks }: CloudFormationContext): Promise<StackResource[]> =>
  visibleResources(await stacks.resources(stack.stackId)).toSorted((a, b) => (a.logicalId < b.logicalId ? -1 : 1));

export const DescribeStackResource: CloudFormation["DescribeStackResource"] = async (input, context) => {
  const stack = await context.stacks.find(context, input.StackName);
  if (stack === undefined) throw validationError(`Stack '${input.StackName}' does not exist`);
  const found = (await resourcesOf(stack, context)).find(({ logicalId }) => logicalId === input.LogicalResourceId);
  if (found === undefined) throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
  const { Timestamp, ...described } = describe(stack, found);
  return { StackResourceDetail: { ...described, LastUpdatedTimestamp: Timestamp, Metadata: found.metadata ?? "{}" } };
};

export const DescribeStackResources: CloudFormation["DescribeStackResources"] = async (input, context) => {
  const { StackName, PhysicalResourceId, LogicalResourceId } = input;
  const stackId = StackName ?? (PhysicalResourceId === undefined ? undefined : await ownerOf(PhysicalResourceId, context));
  if (stackId === undefined) throw validationError("One of StackName or PhysicalResourceId must be provided");
  const stack = await context.stacks.find(context, stackId);
  if (stack === undefined) throw stackDoesNotExist(stackId);
  const resources = await resourcesOf(stack, context);
  const chosen = resources.filter(({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId);
  return { StackResources: chosen.map((resource) => describe(stack, resource)) };
};

const ownerOf = async (physicalId: string, { stacks, account, region }: CloudFormationContext): Promise<string> => {
  const found = await stacks.resourcesByPhysicalId(physicalId);
  const owner = found.find(({ role, stackId }) => role === "current" && stackId.includes(`:${region}:${account}:`));
  if (owner === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
  return owner.stackId;
};

export const ListStackResources: CloudFormation["ListStackResources"] = async (input, context) => {
  const stack = await context.stacks.find(context, input.StackName);
  if (stack === undefined) throw stackDoesNotExist(input.StackName);
  const { items, NextToken } = page(await resourcesOf(stack, context), input.NextToken, limits.resourcesPage);
  return {
    NextToken,
    StackResourceSummaries: items.map((resource) => summarize(resource)),
  };
};

const describe = (stack: Stack, resource: StackResource) => {
  const { LastUpdatedTimestamp, ...summary } = summarize(resource);
  return { StackId: stack.stackId, StackName: stack.name, ...summary, Timestamp: LastUpdatedTimestamp };
};

const summarize = ({ logicalId, physicalId, type, status, statusReason, changedAt }: StackResource) => ({
  LogicalResourceId: logicalId,
  PhysicalResourceId: physicalId,
  ResourceType: type,
  LastUpdatedTimestamp: new Date(changedAt),
  ResourceStatus: status,
  ResourceStatusReason: statusReason,
  DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" as const },
});
