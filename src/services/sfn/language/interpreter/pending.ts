import type { Effect } from "./effects.ts";
import type { Execution } from "./execution.ts";
import { taskEffect } from "./task-effect.ts";

/** The effects that a running execution waits for: what a driver does again after a crash. */
export const pendingEffects = (execution: Execution): Effect[] =>
  execution.status !== "RUNNING"
    ? []
    : Object.values(execution.threads).flatMap(({ phase }): Effect[] => {
        if (phase.kind === "task") return [taskEffect(phase.task)];
        if (phase.kind !== "mapRun") return [];
        const { key, spec } = phase.run;
        return [{ kind: "mapRun", key, spec, redriven: false }];
      });
