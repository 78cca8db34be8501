import type { StackStatus } from "@aws-sdk/client-cloudformation";
import { Fault } from "#wire/fault.ts";
import type { Stack, StackOperation, StackResource } from "../cloudformation.ts";
import { importsOf, openTemplate } from "../open-template.ts";
import { moveStack } from "../stack-changes.ts";
import type { Tx } from "../stack-rows.ts";
import { resolveOutputs } from "../template/outputs.ts";
import type { DeploymentTools, Moving } from "./deployment.ts";
import { deployedScope } from "./resolve-wanted.ts";

type Next = Partial<Stack> & { status: StackStatus; also?: (tx: Tx) => Promise<void> };

/** Nothing is left to do in this phase: what comes next is written down, with all that goes with it, in one transaction. */
export const endPhase = (moving: Moving, tools: DeploymentTools): Promise<void> => {
  const { operation, interrupt, plan } = moving;
  if (operation.phase === "converge") {
    if (interrupt?.do === "delete")
      return go(moving, tools, { status: "DELETE_IN_PROGRESS", statusReason: "User Initiated", operation: interrupt.operation });
    if (plan.failed.length > 0) return turnAround(moving, tools, failedReason(moving));
    if (interrupt?.do === "cancel") return turnAround(moving, tools, "User Initiated. ");
    if (moving.isTooLate && !isSettled(moving)) return turnAround(moving, tools, "Stack creation time exceeded the specified timeout. ");
    return complete(moving, tools);
  }
  if (operation.phase === "rollback") {
    if (plan.failed.length > 0)
      return go(moving, tools, { status: "UPDATE_ROLLBACK_FAILED", statusReason: failedReason(moving), operation: undefined });
    return go(moving, tools, { status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", operation: { ...operation, phase: "cleanup" } });
  }
  if (operation.phase === "cleanup") {
    const isRollback = moving.stack.status.startsWith("UPDATE_ROLLBACK");
    return go(moving, tools, {
      status: isRollback ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE",
      operation: undefined,
      also: (tx) => dropGone(tx, moving, tools),
    });
  }
  return endRemoval(moving, tools);
};

const isSettled = ({ open, resources, phaseId }: Moving): boolean =>
  [...open.active.keys()].every((name) =>
    resources.some(({ logicalId, phase, standing }) => logicalId === name && phase === phaseId && standing === "COMPLETE"),
  );

const go = ({ stack }: Moving, { stacks, now, newId }: DeploymentTools, { also, ...next }: Next): Promise<void> =>
  stacks.change(async (tx) => {
    const fresh = await stacks.findIn(tx, stack, stack.stackId);
    await also?.(tx);
    await stacks.interrupt(tx, stack.stackId, undefined);
    await moveStack(tx, { stacks, now: now(), newId }, { stack: fresh ?? stack, ...next });
  });

/** `The following resource(s) failed to create: [A, B]. ` */
const failedReason = ({ resources, phaseId }: Moving): string => {
  const failed = resources.filter(({ phase, standing }) => phase === phaseId && standing === "FAILED");
  return (["create", "update", "delete"] as const)
    .map((verb) => {
      const names = failed.filter(({ status }) => status === `${verb.toUpperCase()}_FAILED`).map(({ logicalId }) => logicalId);
      return names.length === 0 ? "" : `The following resource(s) failed to ${verb}: [${names.join(", ")}]. `;
    })
    .join("");
};

/** A deployment that can't go on goes back, unless it is told to stay where it is. */
const turnAround = (moving: Moving, tools: DeploymentTools, reason: string): Promise<void> => {
  const { operation, stack, resources } = moving;
  const isCreate = operation.kind === "create";
  if (operation.onFailure === "DO_NOTHING") {
    const status = isCreate ? "CREATE_FAILED" : "UPDATE_FAILED";
    return go(moving, tools, { status, statusReason: reason, desired: operation.target, operation: undefined });
  }
  if (isCreate) {
    const isDelete = operation.onFailure === "DELETE";
    return go(moving, tools, {
      status: isDelete ? "DELETE_IN_PROGRESS" : "ROLLBACK_IN_PROGRESS",
      statusReason: `${reason}${isDelete ? "Delete" : "Rollback"} requested by user.`,
      operation: { ...operation, phase: "remove" },
    });
  }
  const also = async (tx: Tx): Promise<void> => {
    await importOnly(tx, tools, { stack, names: importsOf(openTemplate(stack.desired, stack)) });
    for (const resource of resources) {
      const turned = turn(resource, operation);
      if (turned === "drop") await tools.stacks.dropResource(tx, stack.stackId, resource.slot);
      else if (turned !== resource) await tools.stacks.putResource(tx, stack.stackId, turned);
    }
  };
  return go(moving, tools, {
    status: "UPDATE_ROLLBACK_IN_PROGRESS",
    statusReason: reason,
    operation: { ...operation, phase: "rollback" },
    also,
  });
};

const importOnly = async (tx: Tx, { exports }: DeploymentTools, { stack, names }: { stack: Stack; names: string[] }): Promise<void> => {
  await exports.dropImports(tx, stack.stackId);
  await exports.addImports(tx, stack, { stackId: stack.stackId, names });
};

/** What this update made leaves again, and what it put aside is current again. */
const turn = (resource: StackResource, { id }: StackOperation): StackResource | "drop" => {
  if (resource.role === "gone") return resource;
  if (resource.createdBy === id) return resource.physicalId === undefined ? "drop" : { ...resource, role: "leaving" };
  return resource.replacedBy === id ? { ...resource, role: "current", replacedBy: undefined } : resource;
};

const complete = async (moving: Moving, tools: DeploymentTools): Promise<void> => {
  const { stack, operation, open } = moving;
  const isUpdate = operation.kind === "update";
  try {
    const outputs = resolveOutputs(open.template, await deployedScope(moving, tools));
    const exported = outputs.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [[exportName, value] as const]));
    const also = async (tx: Tx): Promise<void> => {
      await tools.exports.replace(tx, stack, { stackId: stack.stackId, exports: new Map(exported) });
      await importOnly(tx, tools, { stack, names: importsOf(open) });
    };
    await go(moving, tools, {
      status: isUpdate ? "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" : "CREATE_COMPLETE",
      desired: operation.target,
      outputs,
      description: open.template.description,
      operation: isUpdate ? { ...operation, phase: "cleanup" } : undefined,
      also,
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await turnAround(moving, tools, `${error.message}. `);
  }
};

/** A stack that lives on shows what it has, not what it had. */
const dropGone = async (tx: Tx, { stack, resources }: Moving, { stacks }: DeploymentTools): Promise<void> => {
  for (const { role, slot } of resources) if (role === "gone") await stacks.dropResource(tx, stack.stackId, slot);
};

const endRemoval = (moving: Moving, tools: DeploymentTools): Promise<void> => {
  const { operation, stack, plan } = moving;
  const isRollback = operation.kind === "create" && operation.onFailure === "ROLLBACK";
  if (plan.failed.length > 0) {
    const status = isRollback ? "ROLLBACK_FAILED" : "DELETE_FAILED";
    return go(moving, tools, { status, statusReason: failedReason(moving), operation: undefined });
  }
  const also = async (tx: Tx): Promise<void> => {
    await tools.exports.dropImports(tx, stack.stackId);
    await tools.exports.replace(tx, stack, { stackId: stack.stackId, exports: new Map() });
  };
  if (isRollback) return go(moving, tools, { status: "ROLLBACK_COMPLETE", operation: undefined, also });
  return go(moving, tools, { status: "DELETE_COMPLETE", deletedAt: tools.now(), operation: undefined, also });
};
