import type { Execution } from "./execution.ts";

/** What a step changed of an execution: the members that differ, for threads theirs; null for what is gone. */
export type ExecutionChange = Readonly<Record<string, unknown>>;

type Members = Readonly<Record<string, unknown>>;

export const changeOf = (before: Execution, after: Execution): ExecutionChange => {
  const change = changed(before, after);
  if ("items" in change) change["items"] = changed(before.items, after.items);
  if ("threads" in change) {
    const threads = changed(before.threads, after.threads);
    for (const [id, thread] of Object.entries(threads)) {
      const was = before.threads[id];
      if (was && thread) threads[id] = changed(was, thread as Members);
    }
    change["threads"] = threads;
  }
  return change;
};

/** The execution after a change that was made of `before`. */
export const withChange = (before: Execution, { threads, items, ...change }: ExecutionChange): Execution => {
  const after = merged(before, change);
  if (items) after["items"] = merged(before.items, items as Members);
  if (threads) {
    const whole = Object.entries(threads).map(([id, thread]) => [id, thread && merged(before.threads[id] ?? {}, thread as Members)]);
    after["threads"] = merged(before.threads, Object.fromEntries(whole) as Members);
  }
  return after as Execution;
};

const changed = (before: Members, after: Members): Record<string, unknown> => {
  const change: Record<string, unknown> = {};
  for (const name of Object.keys(after)) if (after[name] !== before[name]) change[name] = after[name] ?? null;
  for (const name of Object.keys(before)) if (!(name in after)) change[name] = null;
  return change;
};

const merged = (before: Members, change: Members): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
