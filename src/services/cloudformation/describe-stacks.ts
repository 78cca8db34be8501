import type { Stack as StackDescription } from "@aws-sdk/client-cloudformation";
import type { CloudFormation, Stack } from "./cloudformation.ts";
import { stackDoesNotExist } from "./faults.ts";
import { limits } from "./limits.ts";
import { page } from "./page.ts";

export const DescribeStacks: CloudFormation["DescribeStacks"] = async (input, context) => {
  if (input.StackName !== undefined) {
    const stack = await context.stacks.find(context, input.StackName);
    if (stack === undefined) throw stackDoesNotExist(input.StackName);
    return { Stacks: [describe(stack)] };
  }
  const { items, NextToken } = page(await context.stacks.list(context, { includeDeleted: false }), input.NextToken, limits.stacksPage);
  return { Stacks: items.map((stack) => describe(stack)), NextToken };
};

export const ListStacks: CloudFormation["ListStacks"] = async (input, context) => {
  const all = await context.stacks.list(context, { includeDeleted: true });
  const wanted = input.StackStatusFilter ?? [];
  const filtered = all.filter(({ status }) => wanted.length === 0 || wanted.includes(status));
  const { items, NextToken } = page(filtered, input.NextToken, limits.stacksPage);
  return {
    NextToken,
    StackSummaries: items.map((stack) => ({
      StackId: stack.stackId,
      StackName: stack.name,
      TemplateDescription: stack.description,
      CreationTime: new Date(stack.createdAt),
      LastUpdatedTime: optionalDate(stack.updatedAt),
      DeletionTime: optionalDate(stack.deletedAt),
      StackStatus: stack.status,
      StackStatusReason: stack.statusReason,
      ParentId: stack.parentId,
      RootId: stack.rootId,
      DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
    })),
  };
};

const optionalDate = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

const describe = (stack: Stack): StackDescription => ({
  StackId: stack.stackId,
  StackName: stack.name,
  ChangeSetId: stack.changeSetId,
  Description: stack.description,
  Parameters: shownParameters(stack.operation?.phase === "converge" ? stack.operation.target.values : stack.desired.values, stack.noEcho),
  CreationTime: new Date(stack.createdAt),
  LastUpdatedTime: optionalDate(stack.updatedAt),
  DeletionTime: optionalDate(stack.deletedAt),
  RollbackConfiguration: {},
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
  DisableRollback: stack.disableRollback,
  NotificationARNs: [],
  TimeoutInMinutes: stack.timeoutMinutes,
  Capabilities: [...stack.desired.capabilities],
  Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
    OutputKey: key,
    OutputValue: value,
    Description: description,
    ExportName: exportName,
  })),
  RoleARN: stack.roleArn,
  Tags: [...stack.desired.tags],
  EnableTerminationProtection: stack.terminationProtection,
  ParentId: stack.parentId,
  RootId: stack.rootId,
  DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
});

/** Values of parameters as answers show them: those with `NoEcho` are hidden. */
export const shownParameters = (values: Readonly<Record<string, string>>, noEcho: readonly string[]) =>
  Object.entries(values).map(([name, value]) => ({ ParameterKey: name, ParameterValue: noEcho.includes(name) ? "****" : value }));
