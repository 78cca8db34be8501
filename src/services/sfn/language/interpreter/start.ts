import type { Machine } from "../definition.ts";
import type { JsonObject } from "../json.ts";
import type { StepEvent } from "./events.ts";
import type { Execution, Origin, Thread } from "./execution.ts";

/** A new execution, about to arrive at its first state. */
export const startExecution = (machine: Machine, event: StepEvent): Execution => {
  if (event.kind !== "started") throw new Error(`An execution begins with 'started', not '${event.kind}'`);
  const { origin, now } = event;
  const scope = origin.scope ?? 0;
  return {
    format: 1,
    status: "RUNNING",
    origin,
    startedAt: now,
    stoppedAt: undefined,
    deadline: deadlineOf(machine, origin, now),
    lastEventId: 0,
    nextThread: 1,
    redriveCount: 0,
    redrivenAt: undefined,
    threads: { 0: firstThread(machine, { scope, input: origin.input, variables: origin.variables ?? {} }) },
    items: {},
    output: undefined,
    error: undefined,
    cause: undefined,
  };
};

const firstThread = (machine: Machine, { scope, input, variables }: { scope: number; input: string; variables: JsonObject }): Thread => ({
  id: "0",
  parent: undefined,
  index: 0,
  scope,
  state: machine.scopes[scope]?.startAt ?? "",
  input,
  variables,
  // AWS chains the first state's event to nothing, rather than to ExecutionStarted.
  lastEventId: 0,
  enteredEventId: 0,
  enteredAt: 0,
  retryCount: 0,
  retries: [],
  phase: { kind: "arriving" },
});

/** When an execution that (re)starts now is timed out; the machine's TimeoutSeconds are not its map runs' children's. */
export const deadlineOf = ({ timeoutSeconds }: Machine, { scope = 0, maxSeconds }: Origin, now: number): number | undefined => {
  const own = scope === 0 ? timeoutSeconds : undefined;
  const seconds = Math.min(own ?? Number.POSITIVE_INFINITY, maxSeconds ?? Number.POSITIVE_INFINITY);
  return seconds === Number.POSITIVE_INFINITY ? undefined : now + seconds * 1000;
};
