import type { Machine } from "../definition.ts";
import type { JsonObject } from "../json.ts";
import type { StepEvent } from "./events.ts";
import type { Execution, Thread } from "./execution.ts";

/** A new execution, about to arrive at its first state. */
export const startExecution = (machine: Machine, event: StepEvent): Execution => {
  if (event.kind !== "started") throw new Error(`An execution begins with 'started', not '${event.kind}'`);
  const { origin, now } = event;
  const scope = origin.scope ?? 0;
  const { timeoutSeconds } = machine;
  return {
    format: 1,
    status: "RUNNING",
    origin,
    startedAt: now,
    stoppedAt: undefined,
    deadline: timeoutSeconds === undefined || scope !== 0 ? undefined : now + timeoutSeconds * 1000,
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
