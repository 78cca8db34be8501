import type { Graph } from "./template/dependencies.ts";

/** Where an instance of a resource stands; its status is AWS's with the action taken off. */
export type Standing = "IN_PROGRESS" | "COMPLETE" | "FAILED";

/** A thing that was made for a logical id, or is being made: what the plan sees of it. A replaced resource has two for a while. */
export type Instance = {
  /** Counts up within the stack. */
  slot: number;
  logicalId: string;
  /** `current`: what `Ref` answers. `coming`: will replace the current one. `leaving`: was replaced, or is not wanted any more. */
  role: "current" | "coming" | "leaving";
  standing: Standing;
  /** The phase that last brought it to rest, done or failed. */
  phase: string;
  /** Logical ids that it needs, by the template that it was last deployed from. */
  needs: readonly string[];
};

export type Step = { do: "settle"; logicalId: string } | { do: "remove"; slot: number };

export type Plan = {
  /** What can be done now, each independent of the others. */
  steps: Step[];
  /** What this phase tried and could not do. */
  failed: string[];
  /** Nothing is left to do, but for what failed or waits for what failed. */
  isFinished: boolean;
};

/**
 * The way to a template: each resource is settled (made, changed, replaced or found as it should be) once all that it needs is. After a
 * failure, or when it is to halt, nothing new is begun. Done steps are known by `phase`, so the plan is the same after a restart.
 */
export const planConvergence = (
  wanted: Graph,
  instances: readonly Instance[],
  { phase, isHalted = false }: { phase: string; isHalted?: boolean },
): Plan => {
  const settled = new Set<string>();
  const failed: string[] = [];
  for (const { logicalId, role, standing, phase: last } of instances) {
    if (last !== phase || role === "leaving" || !wanted.has(logicalId)) continue;
    if (standing === "COMPLETE" && role === "current") settled.add(logicalId);
    if (standing === "FAILED") failed.push(logicalId);
  }
  const ready = [...wanted].filter(([logicalId, needs]) => !settled.has(logicalId) && [...needs].every((need) => settled.has(need)));
  const begun = instances.filter(({ standing, role }) => standing === "IN_PROGRESS" && role !== "leaving");
  const mayBegin = (logicalId: string) => (failed.length === 0 && !isHalted) || begun.some((instance) => instance.logicalId === logicalId);
  const steps = ready
    .filter(([logicalId]) => !failed.includes(logicalId) && mayBegin(logicalId))
    .map(([logicalId]): Step => ({ do: "settle", logicalId }));
  return { steps, failed, isFinished: steps.length === 0 };
};

/** The way out: each of `leaving` is removed once nothing that needs it is left among them. */
export const planRemoval = (leaving: readonly Instance[], phase: string): Plan => {
  const hasFailed = (instance: Instance) => instance.phase === phase && instance.standing === "FAILED";
  const failed = leaving.filter((instance) => hasFailed(instance));
  const isNeeded = (instance: Instance) =>
    leaving.some(
      (other) => other.slot !== instance.slot && other.logicalId !== instance.logicalId && other.needs.includes(instance.logicalId),
    );
  const left = leaving.filter((instance) => !hasFailed(instance));
  const free = left.filter((instance) => !isNeeded(instance));
  // Instances of different templates may need each other in a circle; then there is no right order, and any will do.
  const next = free.length > 0 || failed.length > 0 ? free : left;
  const steps = next.map(({ slot }): Step => ({ do: "remove", slot }));
  return { steps, failed: failed.map(({ logicalId }) => logicalId), isFinished: steps.length === 0 };
};

export type Action = "create" | "keep" | "update" | "replace";

/** What settling a resource means, given what is there. */
export const chooseAction = (
  current: { type: string; /** An earlier change did not end well: it may not be what its row says. */ isDirty: boolean } | undefined,
  wanted: { type: string; changed: readonly string[]; replacing: readonly string[] },
): Action => {
  if (current === undefined) return "create";
  if (current.type !== wanted.type || wanted.changed.some((name) => wanted.replacing.includes(name))) return "replace";
  return wanted.changed.length > 0 || current.isDirty ? "update" : "keep";
};
