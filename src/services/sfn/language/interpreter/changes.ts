import type { Execution } from "./execution.ts";

/** What a step changed of an execution: members, threads and items that differ; null for what is gone. */
export type ExecutionChange = Readonly<Record<string, unknown>>;

type Members = Readonly<Record<string, unknown>>;

export const changeOf = (before: Execution, after: Execution): ExecutionChange => {
  const change = changed(before, after);
  for (const name of ["threads", "items"] as const) if (name in change) change[name] = changed(before[name], after[name]);
  return change;
};

/** The execution after a change that was made of `before`. */
export const withChange = (before: Execution, change: ExecutionChange): Execution => {
  const whole = { ...change };
  for (const name of ["threads", "items"] as const) if (name in change) whole[name] = merged(before[name], change[name] as Members);
  return merged(before, whole) as Execution;
};

const changed = (before: Members, after: Members): Record<string, unknown> => {
  const change: Record<string, unknown> = {};
  for (const name of Object.keys(after)) if (after[name] !== before[name]) change[name] = after[name] ?? null;
  for (const name of Object.keys(before)) if (!(name in after)) change[name] = null;
  return change;
};

const merged = (before: Members, change: Members): Members =>
  Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
