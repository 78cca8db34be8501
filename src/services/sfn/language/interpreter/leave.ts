import type { Catcher, Flow, Payload, State } from "../definition.ts";
import { exceedsBytes, isObject, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import { writeAt } from "../path/reference.ts";
import { dataLimitExceeded, runtimeFailure, variablesTooLarge } from "../state-failure.ts";
import { childDone } from "./children.ts";
import { succeed } from "./end.ts";
import type { JsonText, Thread } from "./execution.ts";
import { whole } from "./history.ts";
import type { Run } from "./run.ts";
import { evaluatePayload, through, viewOf, type View } from "./view.ts";

/** How a state is left: with which output and variables, and where to. */
export type Exit = { readonly output: JsonText; readonly assigned?: JsonObject | undefined; readonly next: string | undefined };

/** Leaves a state whose work gave a result: the result goes through the rest of the state's flow. */
export const leaveWith = async (run: Run, id: string, { state, result }: { state: State; result: Json }): Promise<void> => {
  const thread = run.thread(id);
  const next = "next" in state ? state.next : undefined;
  run.note(() => ({ result: run.write(result) }));
  if (state.language === "JSONata") {
    const worked = state.type === "Task" || state.type === "Parallel" || state.type === "Map";
    const view = viewOf(run, thread, worked ? { states: { result } } : {});
    return leave(run, id, { ...(await transformed(run, state.flow, { view, fallback: result })), next });
  }
  const { flow } = state;
  const selected = flow.resultSelector ? await evaluatePayload(flow.resultSelector, viewOf(run, thread, { input: result })) : result;
  // Variables are set from the result itself, beside the ResultSelector rather than after it.
  const assigned = await assign(flow.assign, () => viewOf(run, thread, { input: result }));
  run.note(() => ({ afterResultSelector: run.write(selected) }));
  const combined = combine(flow, run.read(thread.input), selected);
  run.note(() => ({ afterResultPath: run.write(combined) }));
  const output =
    flow.outputPath === undefined ? combined : through(flow.outputPath, "OutputPath", viewOf(run, thread, { input: combined }));
  return leave(run, id, { output: output === run.read(thread.input) ? thread.input : run.write(output), assigned, next });
};

const combine = (flow: Pick<Flow, "resultPath">, input: Json, result: Json): Json => {
  if (flow.resultPath === undefined) return result;
  return flow.resultPath === null ? input : writeAt(flow.resultPath, input, result);
};

/** Output and Assign of a JSONata state; both see the variables as they were before. */
export const transformed = async (
  run: Run,
  flow: Pick<Flow, "output" | "assign">,
  { view, fallback }: { view: View; fallback: Json },
): Promise<{ output: JsonText; assigned: JsonObject | undefined }> => {
  const output = flow.output === undefined ? fallback : await evaluatePayload(flow.output, view);
  return { output: run.write(output), assigned: await assign(flow.assign, () => view) };
};

export const assign = async (payload: Payload | undefined, view: () => View): Promise<JsonObject | undefined> => {
  if (payload === undefined) return undefined;
  const assigned = await evaluatePayload(payload, view());
  if (isObject(assigned)) return assigned;
  throw runtimeFailure("The Assign field must evaluate to an object.");
};

/** The exit by a catcher, which sees the error. */
export const caught = async (
  run: Run,
  thread: Thread,
  { state, catcher, error }: { state: State; catcher: Catcher; error: JsonObject },
): Promise<Exit> => {
  if (state.language === "JSONata") {
    const view = viewOf(run, thread, { states: { errorOutput: error } });
    return { ...(await transformed(run, catcher, { view, fallback: error })), next: catcher.next };
  }
  const assigned = await assign(catcher.assign, () => viewOf(run, thread, { input: error }));
  return { output: run.write(combine(catcher, run.read(thread.input), error)), assigned, next: catcher.next };
};

/** Records the exit and goes on: to the next state, to the thread's parent, or to the end of the execution. */
export const leave = async (run: Run, id: string, { output, assigned, next }: Exit): Promise<void> => {
  const thread = run.thread(id);
  const { type, name } = run.state(thread);
  if (type === "Fail") throw new Error("A Fail state is never left");
  if (exceedsBytes(output, limits.payloadBytes)) throw dataLimitExceeded(name);
  if (assigned !== undefined) checkVariables(run, thread, assigned);
  run.record(id, `${type}StateExited`, {
    stateExitedEventDetails: { name, output, outputDetails: whole, ...(assigned === undefined ? {} : assignedDetails(assigned)) },
  });
  const variables = assigned === undefined ? thread.variables : { ...thread.variables, ...assigned };
  run.note(() => ({ variables: run.write(variables) }));
  if (type === "Map" || type === "Parallel") run.prune(id);
  if (next !== undefined) {
    run.put({ ...run.thread(id), state: next, input: output, variables, retryCount: 0, retries: [], phase: { kind: "arriving" } });
    run.ready.push(id);
    return;
  }
  // What is done is kept for its output alone: a Map may have thousands of such threads.
  run.put({ ...run.thread(id), input: "null", variables: {}, phase: { kind: "done", output } });
  if (thread.parent === undefined) succeed(run, id, output);
  else await childDone(run, id);
};

/** What one Assign sets, and what an execution keeps, is limited. */
const checkVariables = (run: Run, thread: Thread, assigned: JsonObject): void => {
  const over = (variables: JsonObject, bytes: number) => exceedsBytes(JSON.stringify(variables), bytes);
  if (over(assigned, limits.payloadBytes)) throw variablesTooLarge(thread.state, limits.payloadBytes);
  const visible = { ...run.variables(thread), ...assigned };
  if (over(visible, limits.variablesBytes)) throw variablesTooLarge(thread.state, limits.variablesBytes);
};

const assignedDetails = (assigned: JsonObject) => ({
  assignedVariables: Object.fromEntries(Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)])),
  assignedVariablesDetails: whole,
});
