import type { CloudFormation, CloudFormationContext, Stack, StackOperation } from "./cloudformation.ts";
import { noStack, noUpdates, notUpdatable, stackExists, unsupported, validationError } from "./faults.ts";
import { exportInUse } from "./export-rows.ts";
import { importsOf } from "./open-template.ts";
import { prepareTemplate, refuseUnsupported } from "./prepare-template.ts";
import type { Prepared } from "./prepare-template.ts";
import { begun, moveStack } from "./stack-changes.ts";
import { canUpdate, findDifference } from "./stack-update.ts";

export const CreateStack: CloudFormation["CreateStack"] = async (input, context) => {
  refuseUnsupported(input);
  checkStackName(input.StackName);
  const { stacks } = context;
  const existing = await stacks.find(context, input.StackName);
  if (existing && isRepeated(existing, "create", input.ClientRequestToken)) return { StackId: existing.stackId };
  if (existing) throw stackExists(input.StackName);
  if (input.OnFailure !== undefined && input.DisableRollback !== undefined)
    throw validationError("You must specify either OnFailure or DisableRollback, but not both.");
  const stack = newStack(input.StackName, context);
  const prepared = await prepareTemplate(input, context, { stack, previous: undefined });
  const onFailure = input.OnFailure ?? (input.DisableRollback === true ? "DO_NOTHING" : "ROLLBACK");
  const operation = newOperation("create", prepared, context, { token: input.ClientRequestToken, onFailure });
  const whole: Stack = {
    ...stack,
    desired: prepared.desired,
    noEcho: prepared.noEcho,
    description: prepared.open.template.description,
    roleArn: input.RoleARN,
    disableRollback: onFailure === "DO_NOTHING",
    timeoutMinutes: input.TimeoutInMinutes,
    terminationProtection: input.EnableTerminationProtection ?? false,
  };
  await stacks.change(async (tx) => {
    if (await stacks.findIn(tx, context, input.StackName)) throw stackExists(input.StackName);
    await stacks.insert(tx, whole);
    await begin(tx, whole, { operation, prepared, context });
  });
  context.deploy(stack.stackId);
  return { StackId: stack.stackId, OperationId: operation.id };
};

export const UpdateStack: CloudFormation["UpdateStack"] = async (input, context) => {
  refuseUnsupported(input);
  const { stacks } = context;
  const stack = await stacks.find(context, input.StackName);
  if (stack === undefined || stack.status === "DELETE_COMPLETE") throw noStack(input.StackName);
  if (isRepeated(stack, "update", input.ClientRequestToken)) return { StackId: stack.stackId };
  if (!canUpdate(stack)) throw notUpdatable(stack.stackId, stack.status);
  const prepared = await prepareTemplate(input, context, { stack, previous: stack.desired });
  if ((await findDifference(stack, prepared, context)).isEmpty) throw noUpdates();
  const disableRollback = input.DisableRollback ?? false;
  const operation = newOperation("update", prepared, context, {
    token: input.ClientRequestToken,
    onFailure: disableRollback ? "DO_NOTHING" : "ROLLBACK",
  });
  await stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, context, stack.stackId);
    if (fresh === undefined || !canUpdate(fresh)) throw notUpdatable(stack.stackId, fresh?.status ?? "DELETE_COMPLETE");
    const changed = { ...fresh, roleArn: input.RoleARN ?? fresh.roleArn, noEcho: prepared.noEcho, disableRollback };
    await begin(tx, changed, { operation, prepared, context });
  });
  context.deploy(stack.stackId);
  return { StackId: stack.stackId, OperationId: operation.id };
};

export const DeleteStack: CloudFormation["DeleteStack"] = async (input, context) => {
  const { stacks, exports, changeSets } = context;
  const stack = await stacks.find(context, input.StackName);
  if (stack === undefined || stack.status === "DELETE_COMPLETE" || stack.status === "DELETE_IN_PROGRESS") return {};
  if (stack.terminationProtection) throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  if (input.DeletionMode === "FORCE_DELETE_STACK") throw validationError("DeletionMode FORCE_DELETE_STACK is not supported by this cloud.");
  const retained = input.RetainResources ?? [];
  if (retained.length > 0 && stack.status !== "DELETE_FAILED")
    throw validationError(
      `Invalid operation on stack [${stack.stackId}]. Specify the resources to retain only when the stack is in the DELETE_FAILED state.`,
    );
  for (const { exportName } of stack.outputs) {
    const importers = exportName === undefined ? [] : await exports.importers(context, exportName);
    if (exportName !== undefined && importers.length > 0) throw exportInUse("deleted", exportName, importers);
  }
  const operation: StackOperation = {
    ...newOperation("delete", { desired: stack.desired }, context, { token: input.ClientRequestToken, onFailure: "ROLLBACK" }),
    phase: "remove",
    retained,
  };
  const stale = await changeSets.list(stack.stackId);
  await stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, context, stack.stackId);
    if (fresh === undefined) return;
    for (const { changeSetId } of stale) await changeSets.drop(tx, changeSetId);
    if (fresh.status === "CREATE_IN_PROGRESS") return stacks.interrupt(tx, stack.stackId, { do: "delete", operation });
    if (fresh.operation !== undefined) throw validationError(`Stack [${stack.stackId}] cannot be deleted while in status ${fresh.status}`);
    const roleArn = input.RoleARN ?? fresh.roleArn;
    await moveStack(tx, context, {
      stack: { ...begun(fresh, operation), roleArn },
      status: "DELETE_IN_PROGRESS",
      statusReason: "User Initiated",
    });
  });
  context.deploy(stack.stackId);
  return {};
};

export const CancelUpdateStack: CloudFormation["CancelUpdateStack"] = async (input, context) => {
  const { stacks } = context;
  const stack = await stacks.find(context, input.StackName);
  if (stack === undefined) throw noStack(input.StackName);
  await stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, context, stack.stackId);
    if (fresh?.status !== "UPDATE_IN_PROGRESS") throw validationError(`CancelUpdateStack cannot be called from current stack status`);
    await stacks.interrupt(tx, stack.stackId, { do: "cancel" });
  });
  context.deploy(stack.stackId);
  return {};
};

export const ContinueUpdateRollback: CloudFormation["ContinueUpdateRollback"] = async (input, context) => {
  const { stacks } = context;
  if ((input.ResourcesToSkip?.length ?? 0) > 0) throw unsupported("ResourcesToSkip");
  const stack = await stacks.find(context, input.StackName);
  if (stack === undefined) throw noStack(input.StackName);
  const whole = newOperation("update", stack, context, { token: input.ClientRequestToken, onFailure: "ROLLBACK" });
  await stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, context, stack.stackId);
    if (fresh?.status !== "UPDATE_ROLLBACK_FAILED")
      throw validationError(`Stack:${stack.stackId} is in ${fresh?.status} state and can not continue update rollback.`);
    const operation: StackOperation = { ...whole, phase: "rollback" };
    const changed = { ...begun(fresh, operation), roleArn: input.RoleARN ?? fresh.roleArn };
    await moveStack(tx, context, { stack: changed, status: "UPDATE_ROLLBACK_IN_PROGRESS", statusReason: "User Initiated" });
  });
  context.deploy(stack.stackId);
  return {};
};

export const UpdateTerminationProtection: CloudFormation["UpdateTerminationProtection"] = async (input, context) => {
  const { stacks } = context;
  const stack = await stacks.find(context, input.StackName);
  if (stack === undefined) throw noStack(input.StackName);
  await stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, context, stack.stackId);
    if (fresh) await stacks.update(tx, { ...fresh, terminationProtection: input.EnableTerminationProtection });
  });
  return { StackId: stack.stackId };
};

export const checkStackName = (name: string): void => {
  const constraint = (rule: string) =>
    validationError(`1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: ${rule}`);
  if (name.length > 128) throw constraint("Member must have length less than or equal to 128");
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name)) throw constraint("Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
};

/** Whether a client only repeats a request that has been taken. */
const isRepeated = (stack: Stack, kind: StackOperation["kind"], token: string | undefined): boolean =>
  token !== undefined && stack.tokens.includes(`${kind}:${token}`);

export const newStack = (name: string, { account, region, now, newId }: CloudFormationContext): Stack => ({
  name,
  account,
  region,
  stackId: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${newId()}`,
  status: "REVIEW_IN_PROGRESS",
  statusReason: undefined,
  createdAt: now,
  updatedAt: undefined,
  deletedAt: undefined,
  changeSetId: undefined,
  desired: { templateBody: "", values: {}, tags: [], capabilities: [] },
  outputs: [],
  operation: undefined,
  tokens: [],
  roleArn: undefined,
  disableRollback: false,
  timeoutMinutes: undefined,
  terminationProtection: false,
  parentId: undefined,
  rootId: undefined,
  description: undefined,
  noEcho: [],
});

export const newOperation = (
  kind: StackOperation["kind"],
  { desired }: Pick<Prepared, "desired">,
  { newId, caller, now }: CloudFormationContext,
  { token, onFailure }: Pick<StackOperation, "onFailure"> & { token: string | undefined },
): StackOperation => ({ id: newId(), kind, phase: "converge", target: desired, onFailure, caller, startedAt: now, token, retained: [] });

type Transaction = Parameters<Parameters<CloudFormationContext["stacks"]["change"]>[0]>[0];

/** Writes down that a stack begins to be created or updated: from here on the loop carries it, whatever happens to this process. */
export const begin = async (
  tx: Transaction,
  stack: Stack,
  { operation, prepared, context }: { operation: StackOperation; prepared: Pick<Prepared, "open">; context: CloudFormationContext },
): Promise<void> => {
  const { exports, now } = context;
  await exports.addImports(tx, stack, { stackId: stack.stackId, names: importsOf(prepared.open) });
  const isCreate = operation.kind === "create";
  await moveStack(tx, context, {
    stack: begun(stack, operation),
    status: isCreate ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS",
    statusReason: "User Initiated",
    desired: isCreate ? operation.target : stack.desired,
    updatedAt: isCreate ? stack.updatedAt : now,
  });
};
