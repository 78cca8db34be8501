import { isArray, isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import { callTarget } from "./call.ts";
import type { Job } from "./job.ts";
import { TaskFault } from "./task-fault.ts";

/** `arn:aws:states:::events:putEvents`: events tell which execution has put them, and fail the task that were not taken. */
export const putEvents = async (job: Job): Promise<Json> => {
  const answer = await callTarget({ ...job, input: withSource(job.input, job.origin) });
  if (isObject(answer) && Number(answer["FailedEntryCount"] ?? 0) > 0)
    throw new TaskFault("EventBridge.FailedEntry", JSON.stringify(answer));
  return answer;
};

/** The entries with the execution and its state machine among their resources. */
export const withSource = (
  input: JsonObject,
  { executionArn, stateMachineArn }: Pick<Job["origin"], "executionArn" | "stateMachineArn">,
) => {
  const { Entries } = input;
  if (Entries === undefined || !isArray(Entries)) return input;
  const resourcesOf = ({ Resources }: JsonObject) => (Resources !== undefined && isArray(Resources) ? Resources : []);
  const named = (entry: Json) =>
    isObject(entry) ? { ...entry, Resources: [...resourcesOf(entry), executionArn, stateMachineArn] } : entry;
  return { ...input, Entries: Entries.map(named) };
};
