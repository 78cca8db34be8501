import type { TaskEffect } from "./integrations/tasks.ts";
import type { Execution } from "./language/interpreter/execution.ts";
import { pendingEffects } from "./language/interpreter/pending.ts";
import { patternOf } from "./language/resource.ts";

/** What nobody would answer after a crash: calls under way, and jobs that are waited for; not what waits for a worker or for its token. */
export const lostTasks = (execution: Execution): TaskEffect[] => {
  const calledBack = new Set(
    Object.values(execution.threads).flatMap(({ phase }) =>
      phase.kind === "task" && phase.task.started && patternOf(phase.task.resource) === "token" ? [phase.task.key] : [],
    ),
  );
  return pendingEffects(execution).filter(
    (effect): effect is TaskEffect => effect.kind === "task" && effect.resource.kind !== "activity" && !calledBack.has(effect.key),
  );
};
