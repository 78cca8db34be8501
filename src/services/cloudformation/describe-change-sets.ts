import type { Change, ResourceAttribute, ResourceChangeDetail } from "@aws-sdk/client-cloudformation";
import type { CloudFormation } from "./cloudformation.ts";
import { changeSetNotFound, noStack, validationError } from "./faults.ts";
import { limits } from "./limits.ts";
import { shownParameters } from "./describe-stacks.ts";
import { page } from "./page.ts";
import type { ChangeDetail, ResourceChange } from "./plan-changes.ts";

export const DescribeChangeSet: CloudFormation["DescribeChangeSet"] = async (input, context) => {
  const { ChangeSetName, StackName } = input;
  if (StackName === undefined && !ChangeSetName.startsWith("arn:"))
    throw validationError("StackName must be specified if ChangeSetName is not specified as an ARN.");
  const named = StackName === undefined ? undefined : await context.stacks.find(context, StackName);
  if (StackName !== undefined && named === undefined) throw noStack(StackName);
  const changeSet = await context.changeSets.find(ChangeSetName, named?.stackId);
  const stack = changeSet && (await context.stacks.find(context, changeSet.stackId));
  if (changeSet === undefined || stack === undefined) throw changeSetNotFound(ChangeSetName);
  const { items, NextToken } = page(changeSet.changes, input.NextToken, limits.changesPage);
  return {
    NextToken,
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.changeSetId,
    StackId: stack.stackId,
    StackName: stack.name,
    Description: changeSet.description,
    Parameters: shownParameters(changeSet.desired.values, changeSet.noEcho),
    CreationTime: new Date(changeSet.createdAt),
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: [...changeSet.desired.capabilities],
    Tags: [...changeSet.desired.tags],
    OnStackFailure: changeSet.onStackFailure,
    IncludeNestedStacks: false,
    Changes: items.map((change) => describeChange(change)),
  };
};

export const ListChangeSets: CloudFormation["ListChangeSets"] = async (input, context) => {
  const stack = await context.stacks.find(context, input.StackName);
  if (stack === undefined) throw noStack(input.StackName);
  const { items, NextToken } = page(await context.changeSets.list(stack.stackId), input.NextToken, limits.changesPage);
  return {
    NextToken,
    Summaries: items.map((changeSet) => ({
      StackId: stack.stackId,
      StackName: stack.name,
      ChangeSetId: changeSet.changeSetId,
      ChangeSetName: changeSet.name,
      ExecutionStatus: changeSet.executionStatus,
      Status: changeSet.status,
      StatusReason: changeSet.statusReason,
      CreationTime: new Date(changeSet.createdAt),
      Description: changeSet.description,
    })),
  };
};

const describeChange = ({ action, logicalId, physicalId, type, replacement, policyAction, details }: ResourceChange): Change => ({
  Type: "Resource",
  ResourceChange: {
    PolicyAction: policyAction,
    Action: action,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Replacement: replacement,
    Scope: [...new Set(details.map(({ attribute }) => attribute as ResourceAttribute))],
    Details: details.map((detail) => describeDetail(detail)),
  },
});

const describeDetail = ({ attribute, name, recreation, evaluation, source, cause }: ChangeDetail): ResourceChangeDetail => ({
  Target: { Attribute: attribute, Name: name, RequiresRecreation: recreation },
  Evaluation: evaluation,
  ChangeSource: source,
  CausingEntity: cause,
});
