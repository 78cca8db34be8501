import type { Json, JsonObject } from "../json.ts";
import type { Thread } from "./execution.ts";
import type { Run } from "./run.ts";

/** Fractional seconds are there only if they are not zero, as AWS says of its timestamps. */
const time = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** What `$$` and `$states.context` show to a thread; `token` where the task can call back. */
export const contextObject = (run: Run, thread: Thread, token?: string): JsonObject => {
  const { origin, startedAt, redriveCount, redrivenAt } = run.execution;
  const map = mapContext(run, thread) ?? origin.item;
  if (origin.context !== undefined) return origin.context;
  return {
    Execution: {
      Id: origin.executionArn,
      Input: run.read(origin.input),
      StartTime: time(startedAt),
      Name: origin.name,
      RoleArn: origin.roleArn,
      RedriveCount: redriveCount,
      ...(redrivenAt === undefined ? {} : { RedriveTime: time(redrivenAt) }),
    },
    ...(map === undefined ? {} : { Map: map }),
    StateMachine: { Id: origin.stateMachineArn, Name: origin.stateMachineName },
    State: { Name: thread.state, EnteredTime: time(thread.enteredAt), RetryCount: thread.retryCount },
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
};

/** The item of the innermost Map that the thread is inside of. */
const mapContext = (run: Run, thread: Thread): JsonObject | undefined => {
  const parent = thread.parent === undefined ? undefined : run.find(thread.parent);
  if (parent === undefined) return undefined;
  const item = run.execution.items[parent.id]?.[thread.index];
  return item === undefined ? mapContext(run, parent) : itemContext(thread.index, run.read(item));
};

export const itemContext = (index: number, value: Json): JsonObject => ({ Item: { Index: index, Value: value, Source: "STATE_DATA" } });
