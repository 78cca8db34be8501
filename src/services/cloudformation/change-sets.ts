import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "#wire/fault.ts";
import type { ChangeSet, CloudFormation, CloudFormationContext, Stack } from "./cloudformation.ts";
import { changeSetNotFound, invalidChangeSetStatus, noStack, notUpdatable, unsupported, validationError } from "./faults.ts";
import { openTemplate } from "./open-template.ts";
import { prepareTemplate, refuseUnsupported } from "./prepare-template.ts";
import { moveStack } from "./stack-changes.ts";
import { canUpdate, findDifference } from "./stack-update.ts";
import { begin, checkStackName, newOperation, newStack } from "./stacks.ts";

export const CreateChangeSet: CloudFormation["CreateChangeSet"] = async (input, context) => {
  refuseUnsupported(input);
  checkStackName(input.StackName.startsWith("arn:") ? (input.StackName.split("/")[1] ?? "") : input.StackName);
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(input.ChangeSetName))
    throw validationError(
      `1 validation error detected: Value '${input.ChangeSetName}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  const type = input.ChangeSetType ?? "UPDATE";
  if (type === "IMPORT") throw unsupported("ChangeSetType IMPORT");
  const { stack, isNew } = await stackFor(input.StackName, type, context);
  const existing = await context.changeSets.find(input.ChangeSetName, stack.stackId);
  if (existing && input.ClientToken !== undefined && existing.token === input.ClientToken)
    return { Id: existing.changeSetId, StackId: stack.stackId };
  if (existing) throw new Fault("AlreadyExistsException", `ChangeSet ${existing.changeSetId} already exists`, 400);
  const prepared = await prepareTemplate(input, context, { stack, previous: isNew || type === "CREATE" ? undefined : stack.desired });
  if (
    input.IncludeNestedStacks === true &&
    [...prepared.open.active.values()].some((resource) => resource.type === "AWS::CloudFormation::Stack")
  )
    throw unsupported("IncludeNestedStacks");
  const { changes, isEmpty } = await findDifference(stack, prepared, context);
  const changeSet: ChangeSet = {
    changeSetId: `arn:aws:cloudformation:${context.region}:${context.account}:changeSet/${input.ChangeSetName}/${context.newId()}`,
    stackId: stack.stackId,
    name: input.ChangeSetName,
    type,
    description: input.Description,
    createdAt: context.now,
    status: isEmpty ? "FAILED" : "CREATE_COMPLETE",
    statusReason: isEmpty
      ? "The submitted information didn't contain changes. Submit different information to create a change set."
      : undefined,
    executionStatus: isEmpty ? "UNAVAILABLE" : "AVAILABLE",
    desired: prepared.desired,
    changes,
    onStackFailure: input.OnStackFailure,
    roleArn: input.RoleARN,
    noEcho: prepared.noEcho,
    token: input.ClientToken,
  };
  await context.stacks.change(async (tx) => {
    if (isNew) {
      await context.stacks.insert(tx, stack);
      await moveStack(tx, context, { stack, status: "REVIEW_IN_PROGRESS", statusReason: "User Initiated" });
    }
    await context.changeSets.put(tx, changeSet);
  });
  return { Id: changeSet.changeSetId, StackId: stack.stackId };
};

const stackFor = async (
  name: string,
  type: "CREATE" | "UPDATE",
  context: CloudFormationContext,
): Promise<{ stack: Stack; isNew: boolean }> => {
  const stack = await context.stacks.find(context, name);
  if (type === "UPDATE") {
    if (stack === undefined) throw noStack(name);
    if (!canUpdate(stack)) throw notUpdatable(stack.stackId, stack.status);
    return { stack, isNew: false };
  }
  if (stack === undefined) return { stack: newStack(name, context), isNew: true };
  if (stack.status !== "REVIEW_IN_PROGRESS")
    throw validationError(`Stack [${stack.name}] already exists and cannot be created again with the changeSet.`);
  return { stack, isNew: false };
};

const findChangeSet = async (
  name: string,
  stackName: string | undefined,
  context: CloudFormationContext,
): Promise<{ changeSet: ChangeSet; stack: Stack }> => {
  if (stackName === undefined && !name.startsWith("arn:"))
    throw validationError("StackName must be specified if ChangeSetName is not specified as an ARN.");
  const named = stackName === undefined ? undefined : await context.stacks.find(context, stackName);
  if (stackName !== undefined && named === undefined) throw noStack(stackName);
  const changeSet = await context.changeSets.find(name, named?.stackId);
  const stack = changeSet && (await context.stacks.find(context, changeSet.stackId));
  if (changeSet === undefined || stack === undefined) throw changeSetNotFound(name);
  return { changeSet, stack };
};

export const ExecuteChangeSet: CloudFormation["ExecuteChangeSet"] = async (input, context) => {
  const { changeSet, stack } = await findChangeSet(input.ChangeSetName, input.StackName, context);
  if (changeSet.executionStatus !== "AVAILABLE")
    throw invalidChangeSetStatus(
      `ChangeSet [${changeSet.changeSetId}] cannot be executed in its current status of [${changeSet.status === "FAILED" ? "FAILED" : changeSet.executionStatus}]`,
    );
  const disableRollback = input.DisableRollback ?? false;
  const onFailure = changeSet.onStackFailure ?? (disableRollback ? "DO_NOTHING" : "ROLLBACK");
  const kind = changeSet.type === "CREATE" ? "create" : "update";
  const operation = newOperation(kind, changeSet, context, { token: input.ClientRequestToken, onFailure });
  const open = withExports(openTemplate(changeSet.desired, stack), await context.exports.values(context));
  const others = await context.changeSets.list(stack.stackId);
  await context.stacks.change(async (tx) => {
    const fresh = await context.stacks.findIn(tx, context, stack.stackId);
    const mayBegin = fresh !== undefined && (kind === "create" ? fresh.status === "REVIEW_IN_PROGRESS" : canUpdate(fresh));
    if (fresh === undefined || !mayBegin) throw notUpdatable(stack.stackId, fresh?.status ?? "DELETE_COMPLETE");
    const { changeSetId, noEcho } = changeSet;
    const changed = {
      ...fresh,
      changeSetId,
      noEcho,
      disableRollback,
      roleArn: changeSet.roleArn ?? fresh.roleArn,
      description: open.template.description,
    };
    await begin(tx, changed, { operation, prepared: { open }, context });
    await context.changeSets.put(tx, { ...changeSet, executionStatus: "EXECUTE_COMPLETE" });
    for (const other of others) if (other.changeSetId !== changeSetId) await context.changeSets.drop(tx, other.changeSetId);
  });
  context.deploy(stack.stackId);
  await waitBriefly(stack.stackId, context);
  return {};
};

/** `aws cloudformation deploy` looks at once, and then again after 30 seconds: a quick deployment is at rest when it looks first. */
const waitBriefly = async (stackId: string, { stacks, account, region }: CloudFormationContext): Promise<void> => {
  for (let tries = 0; tries < 20; tries++) {
    await sleep(25);
    if ((await stacks.find({ account, region }, stackId))?.operation === undefined) return;
  }
};

const withExports = (open: ReturnType<typeof openTemplate>, exports: ReadonlyMap<string, string>) => ({
  ...open,
  scope: { ...open.scope, exports },
});

export const DeleteChangeSet: CloudFormation["DeleteChangeSet"] = async (input, context) => {
  const { changeSet } = await findChangeSet(input.ChangeSetName, input.StackName, context);
  await context.stacks.change((tx) => context.changeSets.drop(tx, changeSet.changeSetId));
  return {};
};
