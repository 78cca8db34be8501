import type { ContainerSpec, ContainerStatus, TaskSpec } from "./engine.ts";

/** What can be done now for a task's containers: start one, or say why one never will. */
export type StartStep = { kind: "start"; container: ContainerSpec } | { kind: "never"; container: ContainerSpec; reason: string };

type Observed = Pick<ContainerStatus, "name" | "state" | "exitCode" | "health" | "reason">;
type Verdict = "met" | "open" | { never: string };

const hasStarted = (observed: Observed | undefined): boolean =>
  observed !== undefined && (observed.state === "running" || observed.state === "frozen" || observed.state === "exited");

const neverStarts = (observed: Observed | undefined): boolean => observed?.state === "waiting" && observed.reason !== undefined;

const judge = (name: string, condition: string, observed: Observed | undefined): Verdict => {
  if (neverStarts(observed)) return { never: `dependency ${name} can't start` };
  if (!observed || !hasStarted(observed)) return "open";
  const ended = observed.state === "exited";
  switch (condition) {
    case "COMPLETE":
      return ended ? "met" : "open";
    case "SUCCESS":
      if (!ended) return "open";
      return observed.exitCode === 0 ? "met" : { never: `dependency ${name} exited with code ${observed.exitCode ?? "unknown"}` };
    case "HEALTHY":
      if (ended) return { never: `dependency ${name} stopped before it was healthy` };
      if (observed.health === "none") return { never: `dependency ${name} has no health check` };
      return observed.health === "healthy" ? "met" : "open";
    default:
      return "met";
  }
};

/** Steps for the containers whose dependencies are decided. With every step applied and told again, it says nothing until something changes. */
export const planStart = (task: Pick<TaskSpec, "containers">, observed: readonly Observed[]): StartStep[] => {
  const known = new Map(observed.map((container) => [container.name, container]));
  return task.containers.flatMap((container): StartStep[] => {
    const own = known.get(container.name);
    if (hasStarted(own) || neverStarts(own)) return [];
    const verdicts = (container.dependsOn ?? []).map((dependency) =>
      judge(dependency.container, dependency.condition, known.get(dependency.container)),
    );
    const never = verdicts.find((verdict) => typeof verdict === "object");
    if (never) return [{ kind: "never", container, reason: never.never }];
    return verdicts.every((verdict) => verdict === "met") ? [{ kind: "start", container }] : [];
  });
};

/** The order in which containers are stopped: groups, each only after everything that depends on it. */
export const stopOrder = (containers: readonly { name: string; dependsOn: readonly string[] }[]): string[][] => {
  const groups: string[][] = [];
  let left = [...containers];
  while (left.length > 0) {
    const free = left.filter((container) => !left.some((other) => other !== container && other.dependsOn.includes(container.name)));
    // A circle can't be ordered: stop all of it at once.
    const group = free.length > 0 ? free : left;
    groups.push(group.map((container) => container.name));
    left = left.filter((container) => !group.includes(container));
  }
  return groups;
};
