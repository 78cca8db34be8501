import type { Caller, Log } from "#wire/context.ts";
import type { Call } from "#wire/operation.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { Interrupt, Stack, StackOperation, StackResource } from "../cloudformation.ts";
import type { ExportRows } from "../export-rows.ts";
import { openTemplate } from "../open-template.ts";
import type { OpenTemplate } from "../open-template.ts";
import { planConvergence, planRemoval } from "../plan-deployment.ts";
import type { Instance, Plan, Step } from "../plan-deployment.ts";
import type { StackRows } from "../stack-rows.ts";
import { endPhase } from "./end-phase.ts";
import { removeResource } from "./remove-resource.ts";
import { settleResource } from "./settle-resource.ts";

/** What deployments work with. */
export type DeploymentTools = {
  stacks: StackRows;
  exports: ExportRows;
  types: () => Promise<ReadonlyMap<string, ResourceType>>;
  callAs: (caller: Caller, region: string) => Call;
  now: () => number;
  newId: () => string;
  log: Log;
  /** Aborts when the cloud stops: what is under way is taken up again at the next start. */
  stopping: AbortSignal;
};

/** A stack that is doing something, as read at one moment. */
export type Moving = {
  stack: Stack;
  operation: StackOperation;
  /** Marks what this phase has brought to rest. */
  phaseId: string;
  resources: readonly StackResource[];
  interrupt: Interrupt | undefined;
  /** The creation has taken longer than its stack allows. */
  isTooLate: boolean;
  /** The template that this phase is about. */
  open: OpenTemplate;
  plan: Plan;
};

const mostAtOnce = 20;

/** Takes a stack's operation to its end: reads, plans, takes the steps that are possible now, and looks again after each. */
export const carryOn = async (stackId: string, tools: DeploymentTools): Promise<void> => {
  const underWay = new Map<string, Promise<void>>();
  const errors: unknown[] = [];
  while (!tools.stopping.aborted && errors.length === 0) {
    const moving = await readMoving(stackId, tools);
    if (moving === undefined) break;
    for (const step of moving.plan.steps) {
      const key = step.do === "settle" ? step.logicalId : `#${step.slot}`;
      if (underWay.has(key) || underWay.size >= mostAtOnce) continue;
      const taken = takeStep(step, moving, tools)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => underWay.delete(key));
      underWay.set(key, taken);
    }
    if (underWay.size > 0) await Promise.race(underWay.values());
    else await endPhase(moving, tools);
  }
  await Promise.all(underWay.values());
  if (errors.length > 0 && !tools.stopping.aborted) throw errors[0];
};

const takeStep = (step: Step, moving: Moving, tools: DeploymentTools): Promise<void> =>
  step.do === "settle" ? settleResource(step.logicalId, moving, tools) : removeResource(step.slot, moving, tools);

const readMoving = async (stackId: string, { stacks, now }: DeploymentTools): Promise<Moving | undefined> => {
  const [, , , region = "", account = ""] = stackId.split(":");
  const stack = await stacks.find({ account, region }, stackId);
  const operation = stack?.operation;
  if (stack === undefined || operation === undefined) return undefined;
  const [resources, interrupt] = [await stacks.resources(stackId), await stacks.interruptOf(stackId)];
  const phaseId = `${operation.id}:${operation.phase}`;
  // A removal goes by the rows alone.
  const blank = { templateBody: "", values: {} };
  const open = openTemplate(
    { converge: operation.target, remove: blank, rollback: stack.desired, cleanup: stack.desired }[operation.phase],
    stack,
  );
  const isTooLate = operation.kind === "create" && now() > operation.startedAt + (stack.timeoutMinutes ?? Infinity) * 60_000;
  const moving = { stack, operation, phaseId, resources, interrupt, isTooLate, open };
  return { ...moving, plan: planPhase(moving) };
};

const planPhase = ({ operation, phaseId, resources, interrupt, isTooLate, open }: Omit<Moving, "plan">): Plan => {
  const here = resources.filter((resource): resource is StackResource & Instance => resource.role !== "gone");
  if (operation.phase === "converge")
    return planConvergence(open.graph, here, { phase: phaseId, isHalted: interrupt !== undefined || isTooLate });
  if (operation.phase === "rollback") return planConvergence(open.graph, here, { phase: phaseId });
  const leaving =
    operation.phase === "remove" ? here : here.filter(({ role, logicalId }) => role === "leaving" || !open.active.has(logicalId));
  return planRemoval(leaving, phaseId);
};
